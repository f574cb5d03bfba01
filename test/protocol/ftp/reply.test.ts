import test from 'ava';
import fc from 'fast-check';
import { readReply } from '#src/protocol/ftp/reply.js';

const line = fc.string({ maxLength: 30 }).map((text) => text.replaceAll(/[^\x20-\x7e]/g, ''));
const code = fc.integer({ min: 100, max: 599 });

/** As RFC 959 writes them: lines in between may begin with anything but the last line's code and space. */
const written = fc.tuple(code, fc.array(line, { minLength: 1, maxLength: 5 })).map(([code, lines]) => {
  const [first, ...rest] = lines;
  const last = rest.pop();
  if (last === undefined) return { bytes: Buffer.from(`${code} ${first}\r\n`), code };
  const between = rest.map((text) => (text.startsWith(`${code}`) ? 'x' : text));
  return { bytes: Buffer.from([`${code}-${first}`, ...between, `${code} ${last}`, ''].join('\r\n')), code };
});

test('a reply is read to its end and no further, whatever follows', (t) => {
  fc.assert(
    fc.property(written, line, ({ bytes, code }, more) => {
      const read = readReply(Buffer.concat([bytes, Buffer.from(more)]));
      t.is(read?.length, bytes.length);
      t.is(read?.value?.code, code);
    }),
  );
});

test('the beginning of a reply asks for more', (t) => {
  fc.assert(
    fc.property(written, fc.nat(), ({ bytes }, length) => {
      t.is(readReply(bytes.subarray(0, length % bytes.length)), undefined);
    }),
  );
});

test('the text of a reply has its lines without their codes', (t) => {
  t.deepEqual(readReply(Buffer.from('220-Welcome\r\n220-to\r\n us\r\n220 all\r\n'))?.value, {
    code: 220,
    text: 'Welcome\nto\n us\nall',
  });
  t.deepEqual(readReply(Buffer.from('421\r\n'))?.value, { code: 421, text: '' });
});

test('what cannot become a reply is said at once, and what never ends is given up', (t) => {
  for (const words of ['SSH-2.0', 'HTTP/1.1', '\x16\x03\x01', '9', '2 2', '220x', '-ERR'])
    t.deepEqual(readReply(Buffer.from(words, 'latin1')), { value: undefined, length: 0 }, words);
  t.deepEqual(readReply(Buffer.from(`220-${'x\r\n'.repeat(6000)}`)), { value: undefined, length: 0 });
});

test('garbage never throws', (t) => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => t.notThrows(() => readReply(Buffer.from(bytes)))));
});
