import test from 'ava';
import type { Dialogue } from '#src/model/dialogue.js';
import { gpfdist } from '#src/protocol/http/gpfdist.js';
import { converseWith } from '../scripted-server.js';

// gpfdist is part of Greenplum and in no package here: what it says is written down from its source, gpfdist.c
// (send_gpfdist_status, http_error).
const status =
  'HTTP/1.0 200 ok\r\nContent-type: text/plain\r\nExpires: 0\r\nX-GPFDIST-VERSION: 6.25.3 build commit:367edc6b4dfd909fe38fc288ade9e294d74e3f9a\r\nCache-Control: no-cache\r\nConnection: close\r\n\r\nread_bytes 0\r\ntotal_bytes 0\r\ntotal_sessions 0\r\n';
const refusal =
  'HTTP/1.0 400 invalid request (missing TID)\r\nContent-length: 0\r\nExpires: 0\r\nX-GPFDIST-VERSION: main build\r\nCache-Control: no-cache\r\nConnection: close\r\n\r\n';

async function ask(answer: string) {
  let heard = '';
  const said = await converseWith(
    gpfdist as Dialogue,
    {},
    (socket) =>
      socket.on('data', (chunk) => {
        heard += chunk.toString('latin1');
        if (heard.endsWith('\r\n\r\n')) socket.end(answer);
      }),
    { timeoutMs: 20_000, target: 'etl', port: 15500 },
  );
  return { said, heard };
}

test('gpfdist is known by its version, and asked for nothing but its status', async (t) => {
  const { said, heard } = await ask(status);
  t.deepEqual(said, {
    kind: 'dialogue',
    service: 'gpfdist',
    outcome: 'open',
    detail: 'gpfdist 6.25.3 answers HTTP 200',
  });
  t.regex(heard, /^GET \/gpfdist\/status HTTP\/1\.1\r\nHost: etl:15500\r\n/);
  // Those headers would begin a session.
  t.notRegex(heard, /X-GP/i);
});

test('a refusal of gpfdist identifies it as well', async (t) => {
  t.is((await ask(refusal)).said.detail, 'gpfdist main answers HTTP 400');
});

test('another HTTP server is a mismatch', async (t) => {
  const { said } = await ask('HTTP/1.1 404 Not Found\r\nServer: lab\r\nContent-Length: 0\r\n\r\n');
  t.is(said.outcome, 'mismatch');
  t.is(said.detail, 'HTTP 404 to GET /gpfdist/status (lab), without the header X-GPFDIST-VERSION');
});

test('no answer is a reset', async (t) => {
  const { said } = await ask('');
  t.is(said.outcome, 'reset');
  t.is(said.detail, 'connected, then closed without an answer to GET /gpfdist/status');
});
