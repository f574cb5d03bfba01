import test from 'ava';
import fc from 'fast-check';
import { decodeHeaders, decodeHuffman, encodeHeader } from '#src/protocol/grpc/hpack.js';

const bytes = (hex: string) => Buffer.from(hex.replaceAll(' ', ''), 'hex');

// RFC 7541, appendix C.4 and C.6.
const huffman: readonly (readonly [hex: string, text: string])[] = [
  ['f1e3 c2e5 f23a 6ba0 ab90 f4ff', 'www.example.com'],
  ['a8eb 1064 9cbf', 'no-cache'],
  ['25a8 49e9 5ba9 7d7f', 'custom-key'],
  ['25a8 49e9 5bb8 e8b4 bf', 'custom-value'],
  ['6402', '302'],
  ['aec3 771a 4b', 'private'],
  ['d07a be94 1054 d444 a820 0595 040b 8166 e082 a62d 1bff', 'Mon, 21 Oct 2013 20:13:21 GMT'],
  ['9d29 ad17 1863 c78f 0b97 c8e9 ae82 ae43 d3', 'https://www.example.com'],
];
for (const [hex, text] of huffman) {
  test(`Huffman's code of the RFC: ${text}`, (t) => {
    t.is(decodeHuffman(bytes(hex)), text);
  });
}

test('what is encoded can be decoded', (t) => {
  const name = fc.stringMatching(/^[a-z-]{1,200}$/);
  const value = fc.stringMatching(/^[\x20-\x7e]{0,300}$/);
  fc.assert(
    fc.property(fc.dictionary(name, value, { noNullPrototype: true }), (fields) => {
      const block = Buffer.concat(Object.entries(fields).map(([name, value]) => encodeHeader(name, value)));
      t.deepEqual(decodeHeaders(block), new Map(Object.entries(fields)));
    }),
  );
});

test('a block of every kind of field', (t) => {
  // Table size 0, :status 404 indexed, content-type by its index, :status literal, grpc-status never indexed in Huffman's code.
  const block = bytes('20 8d 0f10 04 61626364 08 03 353033 10 88 9acac8b21234da8f 01 37');
  const fields = decodeHeaders(block);
  t.is(fields?.get('content-type'), 'abcd');
  t.is(fields?.get(':status'), '503');
  t.is(fields?.size, 3);
});

test('a block that ends too early makes no sense', (t) => {
  for (const hex of ['40', '40 05 61', '7f ff ff ff ff ff', '00 01 61'])
    t.is(decodeHeaders(bytes(hex)), undefined, hex);
});

test('any bytes are decoded or refused', (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (random) => {
      const fields = decodeHeaders(Buffer.from(random));
      t.true(fields === undefined || fields instanceof Map);
    }),
  );
});
