import test from 'ava';
import fc from 'fast-check';
import { MessageCutter, MessageReader, MessageWriter } from '#src/vantage/openssh/packets.js';

const field = fc.oneof(
  fc.record({ kind: fc.constant('byte' as const), value: fc.nat(255) }),
  fc.record({ kind: fc.constant('boolean' as const), value: fc.boolean() }),
  fc.record({ kind: fc.constant('uint32' as const), value: fc.nat(0xffffffff) }),
  fc.record({ kind: fc.constant('string' as const), value: fc.string({ unit: 'grapheme' }) }),
);
type Field = typeof field extends fc.Arbitrary<infer T> ? T : never;

function written(fields: readonly Field[]): Buffer {
  const writer = new MessageWriter();
  for (const { kind, value } of fields) (writer[kind] as (it: unknown) => void).call(writer, value);
  return writer.framed();
}

test('what was written is read again, however the socket cuts it', (t) => {
  fc.assert(
    fc.property(
      fc.array(fc.array(field)),
      fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 }),
      (all, sizes) => {
        const bytes = Buffer.concat(all.map(written));
        const cutter = new MessageCutter();
        const messages: Buffer[] = [];
        for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
          const size = sizes[turn % sizes.length]!;
          messages.push(...cutter.push(bytes.subarray(at, at + size)));
          at += size;
        }
        t.is(messages.length, all.length);
        for (const [index, fields] of all.entries()) {
          const reader = new MessageReader(messages[index]!);
          t.deepEqual(
            fields.map(({ kind }) => reader[kind]()),
            fields.map(({ value }) => value),
          );
        }
      },
    ),
  );
});

test('a message that ends too soon is refused', (t) => {
  const whole = new MessageWriter().uint32(7).string('word').framed().subarray(4);
  for (let length = 0; length < whole.length; length += 1) {
    const reader = new MessageReader(whole.subarray(0, length));
    t.throws(
      () => {
        reader.uint32();
        reader.string();
      },
      { instanceOf: RangeError },
      `${length} bytes`,
    );
  }
});

test('what claims to be longer than any message is none', (t) => {
  t.throws(() => new MessageCutter().push(Buffer.from('SSH-2.0-OpenSSH_9.2p1\r\n')), {
    instanceOf: RangeError,
    message: 'a message of 1397966893 bytes',
  });
});
