import test from 'ava';
import { readPackaged } from '#src/packaged.js';
import { blindSpots } from '#src/sweep/blind-spots.js';
import { ladder } from '#src/sweep/engines.js';

const page = readPackaged('docs/engines.md');

/** The rows of a section's table, without its head. */
function rows(section: string): readonly (readonly string[])[] {
  const text = page.split(`## ${section}\n`)[1]?.split('\n## ')[0] ?? '';
  const lines = text.split('\n').filter((line) => line.startsWith('| '));
  return lines.slice(2).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

const code = (word: string) => `\`${word}\``;

test('docs/engines.md has the ladder as it is tried, with what each rung needs and cannot see', (t) => {
  t.deepEqual(
    rows('The ladder'),
    ladder.map(({ name, needs, blindSpots: blindTo }) => {
      // What an engine says of itself: python reads the error queue wherever it can.
      return [
        code(name),
        needs,
        blindTo(name === 'python' ? 'queue' : '-')
          .map(code)
          .join(', '),
      ];
    }),
  );
});

test('docs/engines.md has every blind spot in the words of the report', (t) => {
  t.deepEqual(
    rows('Blind spots'),
    Object.entries(blindSpots).map(([name, sentence]) => [code(name), sentence]),
  );
});
