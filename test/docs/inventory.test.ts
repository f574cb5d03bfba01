import test from 'ava';
import { checkAgainstScenarios } from '#src/inventory/check.js';
import { parseInventory } from '#src/inventory/load.js';
import { readPackaged } from '#src/packaged.js';
import { ScenarioBinder } from '#src/scenario/bind.js';
import { Problems } from '#src/source/problems.js';

const page = readPackaged('docs/inventory.md');
const examples = ['docs/inventory.md', 'docs/transports.md'].flatMap((document) =>
  [...readPackaged(document).matchAll(/^```(json|yaml)\n(.*?)^```$/gms)].map(([, language, text]) => ({
    document,
    language,
    text: text!,
  })),
);

test('the documents have examples', (t) => t.true(examples.length >= 9));

for (const { document, language, text } of examples) {
  test(`an example of ${document} loads: ${text.split('\n').slice(0, 3).join(' ').slice(0, 60)}`, (t) => {
    const inventory = parseInventory(`inventory.${language}`, text);
    const problems = new Problems();
    const binder = new ScenarioBinder(inventory, problems);
    checkAgainstScenarios(inventory, binder.requested([]), () => binder.further(), problems);
    t.notThrows(() => problems.throwIfAny());
  });
}

test('docs/inventory.md expands patterns as the program does', async (t) => {
  const { expandPattern } = await import('#src/inventory/pattern.js');
  const rows = [...page.matchAll(/^\| `(\S+\[\S+)` +\| (.*?) +\|$/gm)];
  t.is(rows.length, 5);
  for (const [, pattern, names] of rows)
    t.deepEqual(
      expandPattern(pattern!)
        .map((name) => `\`${name}\``)
        .join(' '),
      names,
    );
});
