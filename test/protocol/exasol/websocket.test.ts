import test from 'ava';
import fc from 'fast-check';
import { acceptOf, closeFrame, newKey, understandUpgrade, upgradeRequest } from '#src/protocol/exasol/websocket.js';

test('an accepted key is the one of RFC 6455’s example', (t) => {
  t.is(acceptOf('dGhlIHNhbXBsZSBub25jZQ=='), 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
});

test('the request is the one of RFC 6455, 4.1', (t) => {
  const key = newKey();
  t.is(Buffer.from(key, 'base64').length, 16);
  t.not(newKey(), key);
  t.is(
    `${upgradeRequest('db1.example:8563', key)}`,
    `GET / HTTP/1.1\r\nHost: db1.example:8563\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: ${key}\r\nSec-WebSocket-Version: 13\r\n\r\n`,
  );
});

test('the end is a masked Close frame that says all is well', (t) => {
  const frame = closeFrame();
  t.is(frame.length, 8);
  t.deepEqual([...frame.subarray(0, 2)], [0x88, 0x82]);
  const [mask, code] = [frame.subarray(2, 6), frame.subarray(6)];
  t.deepEqual(
    [...code].map((byte, index) => byte ^ mask[index]!),
    [0x03, 0xe8],
  );
});

const answer = Buffer.from(
  'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nsec-websocket-accept:  s3pPLMBiTxaQ9kYGzzhZRbK+xOo= \r\n\r\n',
);

test('an answer is understood when it is whole, and no sooner', (t) => {
  for (let length = 0; length < answer.length; length += 1)
    t.is(understandUpgrade(answer.subarray(0, length)), undefined);
  t.deepEqual(understandUpgrade(Buffer.concat([answer, Buffer.from('more')])), {
    value: {
      statusLine: 'HTTP/1.1 101 Switching Protocols',
      status: 101,
      accept: 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=',
    },
    length: answer.length,
  });
});

test('whatever is no HTTP is a stranger’s, at once', (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1 }), (bytes) => {
      fc.pre(!'HTTP/1.'.startsWith(Buffer.from(bytes).toString('latin1', 0, 7)));
      t.deepEqual(understandUpgrade(Buffer.from(bytes)), { value: 'stranger', length: 0 });
    }),
  );
  t.deepEqual(understandUpgrade(Buffer.from('HTTP/1.1 okay\r\n\r\n')), { value: 'stranger', length: 0 });
  t.deepEqual(understandUpgrade(Buffer.from(`HTTP/1.1 ${'x'.repeat(20_000)}`)), { value: 'stranger', length: 0 });
});
