import test from 'ava';
import { http, https } from '#src/protocol/http/dialogue.js';

function complaints(settings: unknown): readonly string[] {
  const parsed = http.settings.safeParse(settings);
  return parsed.success ? [] : parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
}

test('what is left out has its default', (t) => {
  t.deepEqual(http.settings.parse({}), { path: '/', method: 'GET', headers: {}, answerHeaders: {}, follow: 0 });
});

test('all that may be set is plain data', (t) => {
  const settings = {
    path: '/api?x=1',
    method: 'HEAD',
    host: 'web.example:8080',
    headers: { Accept: 'text/plain', 'X-Token': { env: 'TOKEN' } },
    authorization: { basic: { user: 'monitor', password: { env: 'PASSWORD' } } },
    status: [200, '3xx', 401],
    answerHeaders: { Server: '^nginx' },
    body: '^ok$',
    follow: 2,
  };
  t.deepEqual(http.settings.parse(settings), settings as never);
  t.deepEqual(complaints({ authorization: { bearer: { env: 'TOKEN' } } }), []);
});

test('a label tells two conversations apart', (t) => {
  t.is(http.label(http.settings.parse({ path: '/v2/' })), '/v2/');
  t.is(https.label(https.settings.parse({ method: 'HEAD' })), 'HEAD /');
});

const wrong: readonly (readonly [settings: unknown, complaint: string])[] = [
  [{ path: 'api' }, 'path: a path: "/" and what follows it, without spaces, and without a fragment (#…)'],
  [{ path: '/a b' }, 'path: a path: "/" and what follows it, without spaces, and without a fragment (#…)'],
  [{ path: '/a\r\nX: y' }, 'path: a path: "/" and what follows it, without spaces, and without a fragment (#…)'],
  [{ host: 'http://a' }, 'host: a host name or a literal address, with a port where a client would write one'],
  [{ headers: { host: 'a' } }, 'headers.host: no header host, which the setting "host" sets'],
  [
    { headers: { Authorization: 'a' } },
    'headers.Authorization: no header Authorization, which the setting "authorization" sets',
  ],
  [
    { headers: { 'Content-Length': '5' } },
    'headers.Content-Length: no header Content-Length, which the dialogue sets as the exchange needs it',
  ],
  [
    { headers: { A: 'x\r\ny' } },
    'headers.A: the value of a header, in one line and without control characters; or { "env": VARIABLE }',
  ],
  [{ status: ['200'] }, 'status.0: a status such as 200, or a class of them such as "2xx"'],
  [{ status: [20] }, 'status.0: a status such as 200, or a class of them such as "2xx"'],
  [{ body: '(' }, 'body: a regular expression: Invalid regular expression: /(/: Unterminated group'],
  [
    { authorization: { basic: { user: 'a', password: 'secret' } } },
    'authorization: { "basic": { "user": NAME, "password": { "env": VARIABLE } } } or { "bearer": { "env": VARIABLE } }',
  ],
];
for (const [settings, complaint] of wrong) {
  test(`${JSON.stringify(settings)} is refused`, (t) => t.deepEqual(complaints(settings), [complaint]));
}

test('a header named like a reference is written with a capital letter', (t) => {
  t.is(complaints({ headers: { env: 'prod' } }).length, 1);
  t.deepEqual(complaints({ headers: { Env: 'prod' } }), []);
});
