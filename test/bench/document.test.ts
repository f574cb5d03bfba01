import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { replacePart } from './document.js';
import { parts } from './parts.js';
import { markdownTable } from './table.js';

const page = readFileSync(fileURLToPath(new URL('../../docs/performance.md', import.meta.url)), 'utf8');

for (const { name } of parts) {
  test(`docs/performance.md has a table of ${name}, with its date and machine`, (t) => {
    const [, text] = new RegExp(`<!-- bench ${name} -->\n(.*?)<!-- end ${name} -->`, 's').exec(page) ?? [];
    t.regex(text ?? '', /^\n\d{4}-\d\d-\d\d, \d+ cores .*, Linux \S+, Node \S+, load average .*:\n\n\| measured/);
    t.notRegex(text ?? '', /skipped/);
  });
}

test('a part’s text is put between its markers, and the rest of the document stays', (t) => {
  const document = 'a\n<!-- bench x -->\nold\n<!-- end x -->\nb\n<!-- bench y -->\n<!-- end y -->\n';
  const written = replacePart(document, 'x', 'new\n');
  t.is(written, 'a\n<!-- bench x -->\n\nnew\n\n<!-- end x -->\nb\n<!-- bench y -->\n<!-- end y -->\n');
  t.is(replacePart(written, 'x', 'new\n'), written);
});

test('a document without a part’s markers is refused', (t) => {
  const error = t.throws(() => replacePart('nothing', 'x', 'new\n'));
  t.is(error.message, 'the document has no place for x: <!-- bench x --> … <!-- end x -->');
});

test('the table is aligned Markdown, with the columns of all rows and the limits', (t) => {
  const table = markdownTable([
    { what: 'nmap', figures: { 'wall time': '390 ms' } },
    { what: 'ours', figures: { 'wall time': '400 ms', ratio: '1.06' }, limit: { text: 'at most 1.05', kept: false } },
  ]);
  t.is(
    table,
    [
      '| measured | wall time | ratio | limit        |            |',
      '| -------- | --------- | ----- | ------------ | ---------- |',
      '| nmap     | 390 ms    |       |              |            |',
      '| ours     | 400 ms    | 1.06  | at most 1.05 | **missed** |',
      '',
    ].join('\n'),
  );
});
