import test from 'ava';
import fc from 'fast-check';
import { writeElement } from '#src/protocol/ldap/ber.js';
import { readMessage, rootDseRequest, startTlsRequest, unbindRequest } from '#src/protocol/ldap/message.js';

const hex = (text: string) => Buffer.from(text, 'hex');

test('requests are written byte by byte as RFC 4511 has them', (t) => {
  t.deepEqual(
    rootDseRequest(1, []),
    hex('3025020101632004000a01000a0100020101020100010100870b6f626a656374436c6173733000'),
  );
  t.deepEqual(startTlsRequest(1), hex('301d02010177188016312e332e362e312e342e312e313436362e3230303337'));
  t.deepEqual(unbindRequest(2), hex('30050201024200'));
});

// slapd 2.5's answer, byte by byte.
const entry = hex(
  '3030020101642b04003027302504' + '0b6f626a656374436c617373311604' + '03746f70040f4f70656e4c444150726f6f74445345',
);

test('an entry is read with its attributes', (t) => {
  t.deepEqual(readMessage(entry), {
    value: { kind: 'entry', attributes: new Map([['objectclass', ['top', 'OpenLDAProotDSE']]]) },
    length: entry.length,
  });
});

test('the end of a search is read with its result', (t) => {
  t.deepEqual(readMessage(hex('300c02010165070a010004000400'))?.value, {
    kind: 'done',
    result: { code: 0, message: '' },
  });
  t.deepEqual(readMessage(hex('300f020101650a0a010d04000403544c53'))?.value, {
    kind: 'done',
    result: { code: 13, message: 'TLS' },
  });
});

test('a notice that nobody asked for is told from an answer', (t) => {
  const notice = hex('300c02010078070a013404000400');
  t.deepEqual(readMessage(notice)?.value, { kind: 'extended', asked: false, result: { code: 52, message: '' } });
});

test('the beginning of a message asks for more', (t) => {
  for (let length = 0; length < entry.length; length++) t.is(readMessage(entry.subarray(0, length)), undefined);
});

test('what is not LDAP is said at once', (t) => {
  for (const words of ['HTTP/1.1', '220 ', '-ERR', '\x16\x03\x01'])
    t.deepEqual(readMessage(Buffer.from(words, 'latin1')), { value: undefined, length: 0 }, words);
  // A sequence, but of nothing that a server says.
  t.is(readMessage(writeElement(0x30, writeElement(0x02, Buffer.from([1])), writeElement(0x63, '')))?.value, undefined);
});

test('garbage, also in the middle of a message, never throws', (t) => {
  fc.assert(
    fc.property(fc.nat(entry.length - 1), fc.integer({ min: 0, max: 255 }), (at, byte) => {
      const bytes = Buffer.from(entry);
      bytes[at] = byte;
      t.notThrows(() => readMessage(bytes));
    }),
    { numRuns: 500 },
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => t.notThrows(() => readMessage(Buffer.from(bytes)))),
  );
});
