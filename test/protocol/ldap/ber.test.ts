import test from 'ava';
import fc from 'fast-check';
import { BerError, readElement, readElements, writeElement } from '#src/protocol/ldap/ber.js';

const tag = fc.integer({ min: 0, max: 255 }).filter((tag) => (tag & 0x1f) !== 0x1f);
const content = fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.from(bytes));

test('what was written is read again, and no further, whatever follows', (t) => {
  fc.assert(
    fc.property(tag, content, content, (tag, content, more) => {
      const bytes = writeElement(tag, content);
      t.deepEqual(readElement(Buffer.concat([bytes, more])), { tag, content, length: bytes.length });
    }),
  );
});

test('the beginning of an element asks for more', (t) => {
  fc.assert(
    fc.property(tag, content, fc.nat(), (tag, content, length) => {
      const bytes = writeElement(tag, content);
      t.is(readElement(bytes.subarray(0, length % bytes.length)), undefined);
    }),
  );
});

test('elements in a row are read one by one, and one that is cut off is an error', (t) => {
  fc.assert(
    fc.property(fc.array(fc.tuple(tag, content), { minLength: 1, maxLength: 5 }), (pairs) => {
      const bytes = Buffer.concat(pairs.map(([tag, content]) => writeElement(tag, content)));
      t.deepEqual(
        readElements(bytes).map(({ tag, content }) => [tag, content]),
        pairs,
      );
      t.throws(() => readElements(bytes.subarray(0, -1)), { instanceOf: BerError });
    }),
  );
});

test('lengths of every form are read', (t) => {
  for (const header of ['0403', '048103', '04820003', '0483000003', '048400000003'])
    t.is(readElement(Buffer.from(`${header}616263`, 'hex'))?.content.toString(), 'abc', header);
});

test('what LDAP does not allow is refused before its bytes are waited for', (t) => {
  for (const header of ['1f', '3080', '308500', '3084ffffffff', '3083ffffff'])
    t.throws(() => readElement(Buffer.from(header, 'hex')), { instanceOf: BerError }, header);
});
