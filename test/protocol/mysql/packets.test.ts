import test from 'ava';
import fc from 'fast-check';
import { mayBeMysql, parseFirstPacket, productOf } from '#src/protocol/mysql/greeting.js';
import { handshakeResponse, switchAnswer } from '#src/protocol/mysql/login.js';
import { readPacket, writePacket } from '#src/protocol/mysql/packet.js';
import { parseReply } from '#src/protocol/mysql/reply.js';

test('a packet that was written is read back, whatever follows it', (t) => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 255 }),
      fc.uint8Array({ maxLength: 300 }),
      fc.uint8Array({ maxLength: 20 }),
      (sequence, payload, rest) => {
        const packet = writePacket({ sequence, payload: Buffer.from(payload) });
        const read = readPacket(Buffer.concat([packet, rest]));
        t.deepEqual(read, { value: { sequence, payload: Buffer.from(payload) }, length: packet.length });
        for (let length = 0; length < packet.length; length++) t.is(readPacket(packet.subarray(0, length)), undefined);
      },
    ),
    { numRuns: 50 },
  );
  t.pass();
});

test('no garbage makes a parser throw', (t) => {
  const marker = fc.constantFrom(0x00, 0x01, 0x0a, 0xfe, 0xff);
  const payloads = fc
    .tuple(fc.option(marker, { nil: undefined }), fc.uint8Array({ maxLength: 120 }))
    .map(([first, bytes]) => Buffer.concat([first === undefined ? Buffer.alloc(0) : Buffer.from([first]), bytes]));
  fc.assert(
    fc.property(payloads, (payload) => {
      parseFirstPacket(payload);
      parseReply(payload);
      mayBeMysql(payload);
      readPacket(payload);
    }),
    { numRuns: 2000 },
  );
  t.pass();
});

// The greeting of MariaDB 10.11.19 as Debian ships it, recorded.
const mariadb = Buffer.concat([
  Buffer.from([0x0a]),
  Buffer.from('5.5.5-10.11.19-MariaDB-0+deb12u1\0'),
  Buffer.from('05000000', 'hex'),
  Buffer.from('|vZ@q9es\0'),
  Buffer.from('fef7', 'hex'),
  Buffer.from('2d', 'hex'),
  Buffer.from('0200', 'hex'),
  Buffer.from('ff81', 'hex'),
  Buffer.from('15', 'hex'),
  Buffer.from('0000000000001d000000', 'hex'),
  Buffer.from('4EAS`fb7+ptu\0'),
  Buffer.from('mysql_native_password\0'),
]);

test('a greeting is read in full, and any part of it is not taken for more than it is', (t) => {
  t.deepEqual(parseFirstPacket(mariadb), {
    kind: 'greeting',
    version: '5.5.5-10.11.19-MariaDB-0+deb12u1',
    connectionId: 5,
    capabilities: 0x81fff7fe,
    authPlugin: 'mysql_native_password',
  });
  for (let length = 0; length < mariadb.length; length++) {
    const part = parseFirstPacket(mariadb.subarray(0, length));
    t.true(part === undefined || part.kind === 'greeting');
  }
});

test('an error is read with and without an SQL state', (t) => {
  const error = (text: string) => Buffer.concat([Buffer.from([0xff, 0x69, 0x04]), Buffer.from(text)]);
  t.deepEqual(parseFirstPacket(error('Host is blocked')), { kind: 'error', code: 1129, message: 'Host is blocked' });
  t.deepEqual(parseReply(error('#HY000Host is blocked')), { kind: 'error', code: 1129, message: 'Host is blocked' });
});

test('the start of a first packet is told from other protocols as soon as its bytes differ', (t) => {
  const packet = writePacket({ sequence: 0, payload: mariadb });
  for (let length = 0; length <= packet.length; length++) t.true(mayBeMysql(packet.subarray(0, length)));
  for (const other of [
    'HTTP/1.1 400 Bad Request',
    'SSH-2.0-OpenSSH_9.2',
    '-ERR unknown',
    '220 ready',
    '\x15\x03\x01\x00\x02\x02\x46',
  ])
    t.false(mayBeMysql(Buffer.from(other, 'latin1')), other);
});

test('a login fits what the server offers', (t) => {
  const greeting = {
    kind: 'greeting',
    version: '5.5.5',
    connectionId: 1,
    capabilities: 0x8201,
    authPlugin: undefined,
  } as const;
  const old = handshakeResponse('portolan', greeting);
  t.is(old.readUInt32LE(0), 0x8201);
  t.is(old.toString('latin1', 32), 'portolan\0\0');
  const modern = handshakeResponse('portolan', {
    ...greeting,
    capabilities: 0xffffffff,
    authPlugin: 'caching_sha2_password',
  });
  t.is(modern.readUInt32LE(0), 0x88201);
  t.is(modern.toString('latin1', 32), 'portolan\0\0caching_sha2_password\0');
  const unknown = handshakeResponse('portolan', {
    ...greeting,
    capabilities: 0xffffffff,
    authPlugin: 'sha256_password',
  });
  t.is(unknown.toString('latin1', 32), 'portolan\0\0mysql_native_password\0');
});

test('every plugin gets the answer that it calls a wrong password, not a broken handshake', (t) => {
  t.is(switchAnswer('mysql_native_password').length, 0);
  t.is(switchAnswer('client_ed25519').length, 64);
  t.deepEqual(switchAnswer('caching_sha2_password'), Buffer.from([0]));
  t.deepEqual(switchAnswer('parsec'), Buffer.from([0]));
});

const products: readonly (readonly [version: string, product: string])[] = [
  ['5.5.5-10.11.6-MariaDB-0+deb12u1', 'MariaDB 10.11.6'],
  ['11.4.2-MariaDB-ubu2404', 'MariaDB 11.4.2'],
  ['8.0.36', 'MySQL 8.0.36'],
  ['5.7.44-log', 'MySQL 5.7.44-log'],
  ['5.7.25-OceanBase-v4.2.1.2', 'OceanBase 4.2.1.2'],
  ['5.7.25-OceanBase_CE-v4.3.5.0', 'OceanBase 4.3.5.0'],
  ['8.0.11-TiDB-v7.5.0', 'TiDB 7.5.0'],
  ['5.6.25', 'OBProxy (or MySQL 5.6.25)'],
];
for (const [version, product] of products) {
  test(`a greeting of ${version} is called ${product}`, (t) => {
    t.is(productOf(version), product);
  });
}
