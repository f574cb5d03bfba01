import test from 'ava';
import fc from 'fast-check';
import { hexDump } from '#src/explain/hex-dump.js';
import { maskSecrets, maskText, type Shown } from '#src/explain/mask.js';

const secret = Buffer.from('swordfish');
const text = (shown: readonly Shown[]) =>
  shown.map((each) => (each === 'masked' ? '*' : String.fromCharCode(each))).join('');
const masked = (chunks: readonly string[], cut = false, secrets = [secret]) =>
  maskSecrets(
    chunks.map((chunk) => Buffer.from(chunk)),
    secrets,
    cut,
  ).map(text);

test('three asterisks stand for a secret, whatever its length', (t) => {
  t.deepEqual(masked(['AUTH swordfish\r\n']), ['AUTH ***\r\n']);
  t.deepEqual(masked(['AUTH x\r\n'], false, [Buffer.from('x')]), ['AUTH ***\r\n']);
});

test('a secret is masked across the chunks that it came in', (t) => {
  t.deepEqual(masked(['AUTH swo', 'rdf', 'ish\r\n']), ['AUTH ***', '***', '***\r\n']);
});

test('every occurrence of every secret is masked, those that overlap too', (t) => {
  t.deepEqual(masked(['aXaXa bXb'], false, [Buffer.from('aXa'), Buffer.from('X')]), ['*** b***b']);
});

test('the beginning of a secret at the end of what was kept is masked', (t) => {
  t.deepEqual(masked(['AUTH sword'], true), ['AUTH ***']);
  t.deepEqual(masked(['AUTH sword']), ['AUTH sword']);
});

test('an empty secret masks nothing', (t) => {
  t.deepEqual(masked(['PING'], false, [Buffer.alloc(0)]), ['PING']);
  t.is(maskText('PING', [Buffer.alloc(0)]), 'PING');
});

test('the longest of several secrets is masked first in text', (t) => {
  t.is(maskText('a swordfish, a sword', [Buffer.from('sword'), secret]), 'a ***, a ***');
});

test('a secret can be read nowhere, in text or in hex, however the bytes are cut, and nothing else is lost', (t) => {
  // Few letters, so that parts of the secret occur by themselves.
  const letters = fc.constantFrom(...Buffer.from('abc'));
  fc.assert(
    fc.property(
      fc.array(letters, { minLength: 1, maxLength: 5 }),
      fc.array(fc.array(letters, { maxLength: 12 }), { maxLength: 6 }),
      fc.array(fc.nat({ max: 40 }), { maxLength: 5 }),
      (word, between, cuts) => {
        const hidden = Buffer.from(word);
        const stream = Buffer.concat(between.flatMap((part) => [Buffer.from(part), hidden]));
        const bounds = [0, ...cuts.map((cut) => Math.min(cut, stream.length)).sort((a, b) => a - b), stream.length];
        const chunks = bounds.slice(1).map((end, index) => stream.subarray(bounds[index]!, end));
        const shown = maskSecrets(chunks, [hidden], false).flat();
        const readable = shown.map((each) => (each === 'masked' ? '*' : String.fromCharCode(each))).join('');
        t.false(readable.includes(hidden.toString()));
        const hexes = shown.map((each) => (each === 'masked' ? '**' : each.toString(16))).join('');
        t.false(hexes.includes(hidden.toString('hex')));
        // What is left, in its order, is what the stream has beside the secret.
        const kept = [...readable.replaceAll('*', '')].join('');
        t.true(isSubsequence(kept, stream.toString()));
        if (!stream.toString().includes(hidden.toString())) t.is(readable, stream.toString());
      },
    ),
    { numRuns: 300 },
  );
  t.pass();
});

function isSubsequence(part: string, whole: string): boolean {
  let at = 0;
  for (const letter of whole) if (letter === part[at]) at++;
  return at === part.length;
}

test('bytes are dumped 16 a line with their text beside them', (t) => {
  t.deepEqual(hexDump([...Buffer.from('HTTP/1.1 200 OK\r\n\r\n')], 80), [
    '0000  48 54 54 50 2f 31 2e 31  20 32 30 30 20 4f 4b 0d  HTTP/1.1 200 OK.',
    '0010  0a 0d 0a                                          ...',
  ]);
  t.deepEqual(hexDump([0x41, 'masked', 'masked', 'masked', 0x42], 80), [
    '0000  41 ** ** ** 42                                    A***B',
  ]);
  t.deepEqual(hexDump([], 80), []);
});

test('a dump fits a narrow terminal by 8 bytes a line', (t) => {
  const bytes = [...Buffer.from('HTTP/1.1 200 OK\r\n')];
  t.deepEqual(hexDump(bytes, 60), [
    '0000  48 54 54 50  2f 31 2e 31  HTTP/1.1',
    '0008  20 32 30 30  20 4f 4b 0d   200 OK.',
    '0010  0a                        .',
  ]);
  for (const width of [72, 71, 60, 40])
    for (const line of hexDump(bytes, width)) t.true(line.length <= width, `${line.length} of ${width}`);
});
