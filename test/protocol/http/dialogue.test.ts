import { once } from 'node:events';
import { createServer as createHttp2Server } from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import test from 'ava';
import fc from 'fast-check';
import type { Dialogue, DialogueContext } from '#src/model/dialogue.js';
import { http } from '#src/protocol/http/dialogue.js';
import { converseAt, writeInPieces } from '../converse.js';
import { converseWith } from '../scripted-server.js';

// What no server can be made to say: real sockets, and servers that speak from a script.

type Settings = Parameters<typeof http.settings.parse>[0];
const patient: Partial<DialogueContext> = { timeoutMs: 20_000 };

/** Answers each request with the next of these texts; an empty one ends the connection. */
function answering(...answers: readonly string[]): (socket: Socket) => void {
  return (socket) => {
    const left = [...answers];
    let heard = '';
    socket.on('data', (chunk) => {
      heard += chunk.toString('latin1');
      if (!heard.endsWith('\r\n\r\n')) return;
      heard = '';
      const next = left.shift() ?? '';
      if (next === '') socket.end();
      else socket.write(Buffer.from(next, 'latin1'));
    });
  };
}

const ask = (serve: (socket: Socket) => void, settings: Settings = {}, over = patient) =>
  converseWith(http as Dialogue, http.settings.parse(settings), serve, over);

const ok = (body: string, headers = '') =>
  `HTTP/1.1 200 OK\r\nServer: lab\r\nContent-Length: ${body.length}\r\n${headers}\r\n${body}`;

test('any answer identifies the service, a refusal or a missing page too', async (t) => {
  for (const status of [200, 204, 301, 401, 403, 404, 500, 101]) {
    const said = await ask(answering(`HTTP/1.1 ${status} x\r\nContent-Length: 0\r\n\r\n`));
    t.deepEqual(said, { kind: 'dialogue', service: 'http', outcome: 'open', detail: `HTTP ${status} to GET /` });
  }
});

const gateways: readonly (readonly [answer: string, detail: string, problem?: string])[] = [
  ['HTTP/1.1 502 x\r\n\r\n', 'path fine, upstream down: HTTP 502 to GET /'],
  ['HTTP/1.1 504 x\r\nServer: lab\r\n\r\n', 'path fine, upstream down: HTTP 504 to GET / (lab)'],
  ['HTTP/1.1 503 x\r\nServer: nginx/1.22.1\r\n\r\n', 'path fine, upstream down: HTTP 503 to GET / (nginx/1.22.1)'],
  ['HTTP/1.1 503 x\r\nVia: 1.1 proxy\r\n\r\n', 'path fine, upstream down: HTTP 503 to GET /'],
  [
    'HTTP/1.0 503 Service Unavailable\r\n\r\n<h1>503</h1>\nNo server is available to handle this request.\n',
    'path fine, upstream down: HTTP 503 to GET /',
  ],
  ['HTTP/1.1 503 x\r\nServer: MinIO\r\n\r\n', 'path fine, service down: HTTP 503 to GET / (MinIO)', 'answer'],
];
for (const [answer, detail, problem = 'upstream-down'] of gateways) {
  test(`${JSON.stringify(answer)} says that the path is fine`, async (t) => {
    const said = await ask((socket) => socket.once('data', () => socket.end(answer)));
    t.deepEqual(said, { kind: 'dialogue', service: 'http', outcome: 'mismatch', detail, problem });
  });
}

test('a status that is not among the accepted ones is a mismatch', async (t) => {
  const notFound = answering('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n');
  const settings = { path: '/api/v2/time' };
  const said = await ask(notFound, { ...settings, status: [200] });
  t.is(said.outcome, 'mismatch');
  t.is(said.detail, 'HTTP 404 to GET /api/v2/time, where 200 is expected');
  t.is(
    (await ask(notFound, { ...settings, status: [200, '3xx', 401] })).detail,
    'HTTP 404 to GET /api/v2/time, where 200, 3xx or 401 is expected',
  );
  t.is((await ask(notFound, { ...settings, status: ['2xx', '4xx'] })).outcome, 'open');
});

test('a gateway’s status may be accepted, and may be missed', async (t) => {
  const unavailable = answering('HTTP/1.1 503 x\r\nContent-Length: 0\r\n\r\n');
  t.is((await ask(unavailable, { status: [200, 503] })).outcome, 'open');
  const said = await ask(unavailable, { status: [200] });
  t.is(said.detail, 'path fine, service down: HTTP 503 to GET /, where 200 is expected');
});

test('headers and body of the answer are held to what is expected', async (t) => {
  const serve = answering(ok('# HELP up\n', 'X-Version: registry/2.0\r\n'));
  t.is((await ask(serve, { answerHeaders: { 'x-VERSION': '^registry/2' }, body: '^# HELP' })).outcome, 'open');
  const cases = [
    [{ answerHeaders: { 'X-Other': '' } }, 'HTTP 200 to GET / (lab), without the header X-Other'],
    [{ answerHeaders: { 'X-Version': '^3' } }, 'HTTP 200 to GET / (lab), whose header X-Version does not match /^3/'],
    [{ body: '^HELP' }, 'HTTP 200 to GET / (lab), with a body that does not match /^HELP/'],
  ] as const;
  for (const [settings, detail] of cases) {
    const said = await ask(serve, settings);
    t.is(said.outcome, 'mismatch');
    t.is(said.detail, detail);
  }
});

test('a body that cannot be read to its end is a mismatch where it is needed, and nothing where it is not', async (t) => {
  const cut = (socket: Socket) => void socket.once('data', () => socket.end(ok('half').replace('4', '8')));
  const endless = (socket: Socket) => void socket.once('data', () => socket.write(ok('half').replace('4', '8')));
  const broken = answering('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n');
  const zipped = answering(ok('x', 'Content-Encoding: gzip\r\n'));
  const cases = [
    [cut, 'HTTP 200 to GET / (lab), and closed before the end of the body'],
    [endless, 'HTTP 200 to GET / (lab), and did not send the body to its end in time'],
    [broken, 'HTTP 200 to GET /, with a body that is not chunked as its headers say'],
    [zipped, 'HTTP 200 to GET / (lab), with a body in the encoding "gzip", which is not read'],
  ] as const;
  for (const [serve, detail] of cases) {
    const said = await ask(serve, { body: 'half' }, { timeoutMs: 1500 });
    t.is(said.outcome, 'mismatch');
    t.is(said.detail, detail);
    t.is((await ask(serve)).outcome, 'open');
  }
});

test('a body that nobody needs is waited for, and the connection ended after it', async (t) => {
  const events: string[] = [];
  const said = await ask((socket) => {
    socket.once('data', () => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nbegi');
      setTimeout(() => {
        events.push('body');
        socket.write('nend');
      }, 100);
    });
    socket.once('end', () => events.push('FIN'));
  });
  t.is(said.outcome, 'open');
  t.deepEqual(events, ['body', 'FIN']);
});

test('the body of a long answer is matched by its beginning', async (t) => {
  const long = `begin ${'x'.repeat(1_000_000)} end`;
  t.is((await ask(answering(ok(long)), { body: '^begin' })).outcome, 'open');
  t.is((await ask(answering(ok(long)), { body: 'end$' })).outcome, 'mismatch');
});

test('the answer is the same however its bytes are cut', async (t) => {
  const chunks = '5;x\r\nhello\r\n6\r\n world\r\n0\r\nX-Sum: 1\r\n\r\n';
  const answer = Buffer.from(
    `HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}`,
  );
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 8 }), async (sizes) => {
      const serve = (socket: Socket) => void socket.once('data', () => writeInPieces(socket, answer, sizes));
      const said = await ask(serve, { body: '^hello world$' });
      t.deepEqual(said, { kind: 'dialogue', service: 'http', outcome: 'open', detail: 'HTTP 200 to GET /' });
    }),
    { numRuns: 30 },
  );
});

const strangers: readonly (readonly [bytes: string, detail: string])[] = [
  ['SSH-2.0-OpenSSH_9.2p1\r\n', 'an SSH server answers: "SSH-2.0-OpenSSH_9.2p1"'],
  ['-ERR unknown command\r\n', 'Redis answers: "-ERR unknown command"'],
  ['220 (vsFTPd 3.0.3)\r\n', 'an FTP server answers: "220 (vsFTPd 3.0.3)"'],
  ['\x15\x03\x01\x00\x02\x02\x0a', 'a TLS server answers with an alert: unexpected_message; https may be meant'],
  ['\x00\x00\x12\x04\x00\x00\x00\x00\x00', 'an HTTP/2 server answers, which does not speak HTTP/1.1'],
  ['HTTP/1.1 2 x\r\n\r\n', 'malformed HTTP: an answer to GET / with a status line that no client understands'],
  ['HTTP/1.1 200 x\r\nContent-Length: x\r\n\r\n', 'malformed HTTP: an answer to GET / whose length is not a number'],
  ['HTTP/1.1 100 x\r\n\r\n'.repeat(9), 'malformed HTTP: an answer to GET / in which no final status follows'],
];
for (const [bytes, detail] of strangers) {
  const problem = detail.startsWith('malformed') ? 'answer' : 'stranger';
  test(`a server that says ${JSON.stringify(bytes.slice(0, 40))} is a mismatch`, async (t) => {
    const said = await ask((socket) => socket.write(Buffer.from(bytes, 'latin1')));
    t.deepEqual(said, { kind: 'dialogue', service: 'http', outcome: 'mismatch', detail, problem });
  });
}

test('a server that speaks nothing but HTTP/2 is a mismatch', async (t) => {
  const server = createHttp2Server();
  server.on('sessionError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const said = await converseAt(http, { port: (server.address() as AddressInfo).port }, {}, patient);
  server.close();
  t.is(said.outcome, 'mismatch');
  t.is(said.detail, 'an HTTP/2 server answers, which does not speak HTTP/1.1');
});

const tlsTexts = [
  '<html>400 The plain HTTP request was sent to HTTPS port</html>',
  'Client sent an HTTP request to an HTTPS server.\n',
  'Reason: You’re speaking plain HTTP to an SSL-enabled server port.',
  'Bad Request\r\nThis combination of host and port requires TLS.\r\n',
];
for (const text of tlsTexts) {
  test(`a TLS listener that says ${JSON.stringify(text)} is told from an HTTP server`, async (t) => {
    const said = await ask((socket) =>
      socket.once('data', () => socket.end(`HTTP/1.0 400 Bad Request\r\nServer: lab\r\n\r\n${text}`)),
    );
    t.is(said.outcome, 'mismatch');
    t.is(said.detail, 'the port speaks TLS, and refuses plain HTTP: HTTP 400 to GET / (lab); https may be meant');
  });
}

test('a connection that is closed without an answer is a reset', async (t) => {
  for (const close of [(socket: Socket) => socket.end(), (socket: Socket) => socket.resetAndDestroy()]) {
    const said = await ask((socket) => socket.once('data', () => close(socket)), { path: '/x' });
    t.is(said.outcome, 'reset');
    t.is(
      said.detail,
      'connected, then closed without an answer to GET /x; some ports that want TLS do so: https may be meant',
    );
  }
});

test('an answer that ends within its headers is a mismatch', async (t) => {
  const said = await ask((socket) => socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nServer')));
  t.is(said.outcome, 'mismatch');
  t.is(said.detail, 'closed within the headers of the answer to GET /');
});

test('silence is a mismatch, and so is an answer that stops within its headers', async (t) => {
  const hasty = { timeoutMs: 600 };
  const silent = await ask(() => {}, {}, hasty);
  t.is(silent.outcome, 'mismatch');
  t.regex(silent.detail, /^connected, then silent for \d+(\.\d)? s, where an HTTP server answers GET \/$/);
  const stuck = await ask((socket) => socket.write('HTTP/1.1 200 OK\r\nServer'), {}, hasty);
  t.is(stuck.outcome, 'mismatch');
  t.regex(stuck.detail, /^the headers of the answer to GET \/ did not end in \d+(\.\d)? s$/);
});

test('an interrupted dialogue rejects with the reason', async (t) => {
  const controller = new AbortController();
  const serve = (socket: Socket) => void socket.once('data', () => controller.abort(new Error('enough')));
  await t.throwsAsync(ask(serve, {}, { ...patient, signal: controller.signal }), { message: 'enough' });
});

/** What a server reads of one dialogue. */
async function requestsOf(settings: Settings, over: Partial<DialogueContext>, ...answers: readonly string[]) {
  let heard = '';
  const script = answering(...answers);
  const serve = (socket: Socket) => {
    socket.on('data', (chunk) => {
      heard += chunk.toString('latin1');
    });
    script(socket);
  };
  const said = await ask(serve, settings, { ...patient, ...over });
  return { said, requests: heard.split(/(?<=\r\n\r\n)/) };
}

const simple = (host: string) =>
  `GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\nUser-Agent: portolan\r\nAccept: */*\r\n\r\n`;

test('the request is what a client of that destination would send', async (t) => {
  const places = [
    [{ target: 'web.example', port: 8080 }, 'web.example:8080'],
    [{ target: 'web.example', port: 80 }, 'web.example'],
    [{ target: '2001:db8::1', port: 8080 }, '[2001:db8::1]:8080'],
    [{ target: 'fe80::1%eth0', port: 80 }, '[fe80::1]'],
  ] as const;
  for (const [place, host] of places) {
    const { requests } = await requestsOf({}, place, ok(''));
    t.deepEqual(requests, [simple(host)]);
  }
  const { requests } = await requestsOf({ host: 'virtual.example' }, {}, ok(''));
  t.deepEqual(requests, [simple('virtual.example')]);
});

test('headers of the settings are added, or replace what is said by default', async (t) => {
  const settings = { path: '/a?b=c', method: 'POST', headers: { accept: 'text/plain', 'X-A': 'b' } } as const;
  const { requests } = await requestsOf(settings, { target: 'a', port: 80 }, ok(''));
  t.deepEqual(requests, [
    'POST /a?b=c HTTP/1.1\r\nHost: a\r\nConnection: close\r\nUser-Agent: portolan\r\nContent-Length: 0\r\naccept: text/plain\r\nX-A: b\r\n\r\n',
  ]);
});

test('a HEAD has an answer without a body, whatever its length says', async (t) => {
  const started = performance.now();
  const said = await ask(answering('HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n'), { method: 'HEAD' });
  t.is(said.detail, 'HTTP 200 to HEAD /');
  t.true(performance.now() - started < 10_000);
});

test('credentials come from the environment, and the transcript is told what to mask', async (t) => {
  const masked: string[] = [];
  const transcript = {
    note() {},
    received() {},
    phase() {},
    sent(_bytes: Buffer, secrets: readonly Buffer[] = []) {
      masked.push(...secrets.map(String));
    },
  };
  const materials = { file: () => Buffer.alloc(0), secret: ({ env }: { env: string }) => `value of ${env}` };
  const settings = {
    authorization: { basic: { user: 'monitor', password: { env: 'PASSWORD' } } },
    headers: { 'X-Token': { env: 'TOKEN' } },
  };
  const { requests } = await requestsOf(settings, { transcript, materials }, ok(''));
  const pair = Buffer.from('monitor:value of PASSWORD').toString('base64');
  t.true(requests[0]!.includes(`\r\nX-Token: value of TOKEN\r\nAuthorization: Basic ${pair}\r\n`));
  t.deepEqual(masked, ['value of TOKEN', 'value of PASSWORD', pair]);
  const bearer = await requestsOf({ authorization: { bearer: { env: 'TOKEN' } } }, { materials }, ok(''));
  t.true(bearer.requests[0]!.includes('\r\nAuthorization: Bearer value of TOKEN\r\n'));
});

test('a secret that would break the header is not sent', async (t) => {
  const materials = { file: () => Buffer.alloc(0), secret: () => 'token\n' };
  await t.throwsAsync(requestsOf({ authorization: { bearer: { env: 'TOKEN' } } }, { materials }, ok('')), {
    message:
      'the value of the environment variable TOKEN cannot be sent in a header: it holds a line break or another control character',
  });
});

const redirect = (location: string, headers = '') =>
  `HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: ${location}\r\n${headers}\r\n`;
const here = { target: 'web.example', address: '192.0.2.1', port: 80 };

test('a redirect is an answer, and is not followed unless asked', async (t) => {
  const { said, requests } = await requestsOf({}, here, redirect('/login;jsessionid=1?next=%2F'), ok(''));
  t.is(said.outcome, 'open');
  t.is(said.detail, 'HTTP 302 to GET /, redirected to /login');
  t.is(requests.length, 1);
  const refused = await requestsOf({ status: [200] }, here, redirect('https://sso.example/?id=1'), ok(''));
  t.is(refused.said.detail, 'HTTP 302 to GET /, redirected to https://sso.example/, where 200 is expected');
});

test('redirects to the same host and port are followed on the same connection, as many as asked for', async (t) => {
  const script = [redirect('b?c=d'), redirect('http://web.example/d;e=f'), redirect('//192.0.2.1:80/g'), ok('', '')];
  const { said, requests } = await requestsOf({ path: '/a/', follow: 3 }, here, ...script);
  t.is(said.detail, 'HTTP 200 to GET /g (lab), after 3 redirects');
  t.deepEqual(
    requests.map((request) =>
      request
        .split('\r\n')
        .filter((line) => /^GET|^Conn/.test(line))
        .join(),
    ),
    [
      'GET /a/ HTTP/1.1,Connection: keep-alive',
      'GET /a/b?c=d HTTP/1.1,Connection: keep-alive',
      'GET /d;e=f HTTP/1.1,Connection: keep-alive',
      'GET /g HTTP/1.1,Connection: close',
    ],
  );
  const fewer = await requestsOf({ path: '/a/', follow: 2, status: [200] }, here, ...script);
  t.is(fewer.said.detail, 'HTTP 302 to GET /d, after 2 redirects, redirected to /g, where 200 is expected');
});

const elsewhere: readonly (readonly [location: string, where: string])[] = [
  ['https://web.example/', 'https on port 443 of the same host'],
  ['http://192.0.2.1:8080/a', 'http on port 8080 of the same host'],
  ['http://other.example/a;b?c', 'http://other.example/a'],
  [`http://other.example/${'x'.repeat(1000)}`, `http://other.example/${'x'.repeat(79)}…`],
  ['ftp://web.example/', 'what is not HTTP'],
  ['http://[', 'what is no URL'],
];
for (const [location, where] of elsewhere) {
  test(`a redirect to ${location.slice(0, 40)} is reported, not followed`, async (t) => {
    const { said, requests } = await requestsOf({ follow: 1, status: [200] }, here, redirect(location), ok(''));
    t.is(said.outcome, 'mismatch');
    t.is(
      said.detail,
      `HTTP 302 to GET /, redirected to ${where}, which is elsewhere and not followed, where 200 is expected`,
    );
    t.is(requests.length, 1);
  });
}

test('a redirect is not followed where the server ends the connection', async (t) => {
  const { said, requests } = await requestsOf(
    { follow: 1, status: [200] },
    here,
    redirect('/b', 'Connection: close\r\n'),
    ok(''),
  );
  t.is(
    said.detail,
    'HTTP 302 to GET /, redirected to /b, but not on this connection, and not followed, where 200 is expected',
  );
  t.is(requests.length, 1);
});

test('a POST that is redirected goes on as a GET, unless the status says otherwise', async (t) => {
  const moved = await requestsOf({ method: 'POST', follow: 1 }, here, redirect('/b'), ok(''));
  t.regex(moved.requests[1]!, /^GET \/b /);
  const kept = await requestsOf({ method: 'POST', follow: 1 }, here, redirect('/b').replace('302', '307'), ok(''));
  t.regex(kept.requests[1]!, /^POST \/b /);
});
