import test from 'ava';
import fc from 'fast-check';
import { expandPattern, PatternProblem } from '#src/inventory/pattern.js';

const expansions: readonly [pattern: string, names: string[]][] = [
  ['plain', ['plain']],
  ['n[1:3]', ['n1', 'n2', 'n3']],
  ['n[08:11]', ['n08', 'n09', 'n10', 'n11']],
  ['n[8:11]', ['n8', 'n9', 'n10', 'n11']],
  ['n[0:2]', ['n0', 'n1', 'n2']],
  ['n[:2]', ['n0', 'n1', 'n2']],
  ['n[a:d]x', ['nax', 'nbx', 'ncx', 'ndx']],
  ['n[y:B]', ['ny', 'nz', 'nA', 'nB']],
  ['n[1:9:3]', ['n1', 'n4', 'n7']],
  ['n[a:f:2]', ['na', 'nc', 'ne']],
  ['r[1:2]n[a:b]', ['r1na', 'r1nb', 'r2na', 'r2nb']],
  ['n[5:5]', ['n5']],
];
for (const [pattern, names] of expansions) {
  test(`expands ${pattern} as Ansible does`, (t) => t.deepEqual(expandPattern(pattern), names));
}

const refusals: readonly [pattern: string, sentence: string][] = [
  ['n[1:3', 'its brackets do not match'],
  ['n1:3]', 'its brackets do not match'],
  ['n[[1:3]]', 'its brackets do not match'],
  ['n[]', '[] is no range such as [1:20], [01:20], [a:f] or [1:9:2]'],
  ['n[1-3]', '[1-3] is no range such as [1:20], [01:20], [a:f] or [1:9:2]'],
  ['n[1:]', '[1:] is no range such as [1:20], [01:20], [a:f] or [1:9:2]'],
  ['n[1:c]', '[1:c] is no range such as [1:20], [01:20], [a:f] or [1:9:2]'],
  ['n[a:3]', '[a:3] is no range such as [1:20], [01:20], [a:f] or [1:9:2]'],
  ['n[3:1]', '[3:1] ends before it begins'],
  ['n[f:a]', '[f:a] ends before it begins'],
  ['n[1:9:0]', '[1:9:0] has a step of 0'],
  ['n[01:100]', '[01:100] begins with 2 digits and ends with 3'],
  ['n[1:1000000000]', 'it stands for more than 100000 names'],
  ['n[1:1000][1:1000]', 'it stands for more than 100000 names'],
];
for (const [pattern, sentence] of refusals) {
  test(`refuses ${pattern}`, (t) => {
    t.is(t.throws(() => expandPattern(pattern), { instanceOf: PatternProblem }).message, sentence);
  });
}

test('a range of numbers has every number of it, in order, with its zeros', (t) => {
  fc.assert(
    fc.property(
      fc.nat(500),
      fc.nat(200),
      fc.integer({ min: 1, max: 20 }),
      fc.boolean(),
      (first, length, step, padded) => {
        const digits = padded ? String(first + length).length + 1 : 0;
        const write = (value: number) => String(value).padStart(digits, '0');
        const names = expandPattern(`n[${write(first)}:${write(first + length)}:${step}]x`);
        const wanted: string[] = [];
        for (let value = first; value <= first + length; value += step) wanted.push(`n${write(value)}x`);
        t.deepEqual(names, wanted);
      },
    ),
  );
});

test('brackets multiply, and the names are all different', (t) => {
  const range = fc
    .tuple(fc.nat(20), fc.nat(5))
    .map(([first, length]) => ({ text: `[${first}:${first + length}]`, count: length + 1 }));
  fc.assert(
    fc.property(fc.array(range, { maxLength: 4 }), (ranges) => {
      const names = expandPattern(ranges.map(({ text }) => `n${text}`).join('-'));
      t.is(
        names.length,
        ranges.reduce((product, { count }) => product * count, 1),
      );
      t.is(new Set(names).size, names.length);
    }),
  );
});

test('never throws anything but a PatternProblem', (t) => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('[', ']', ':', '1', '0', 'a', 'Z', '-') }), (text) => {
      try {
        expandPattern(text);
      } catch (error) {
        if (!(error instanceof PatternProblem)) throw error;
      }
    }),
    { numRuns: 2000 },
  );
  t.pass();
});
