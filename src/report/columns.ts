import { textWidth } from './text-width.js';
import { wrap } from './wrap.js';

const gap = '  ';
const narrowest = 8;

/** The lines of every row, in aligned columns; cells are broken where the columns together are wider than `width`. */
export function columns(
  rows: readonly (readonly string[])[],
  width: number,
  indent: string,
): readonly (readonly string[])[] {
  const widths = columnWidths(rows, width - indent.length);
  return rows.map((row) => {
    const cells = row.map((cell, column) => wrap(cell, widths[column]!, '', ''));
    const height = Math.max(...cells.map((lines) => lines.length));
    return Array.from({ length: height }, (_, line) => {
      const texts = cells.map((lines, column) => pad(lines[line] ?? '', widths[column]!));
      return `${indent}${texts.join(gap)}`.trimEnd();
    });
  });
}

/** What every column would like, the widest narrowed until all fit. */
function columnWidths(rows: readonly (readonly string[])[], width: number): readonly number[] {
  const count = Math.max(...rows.map((row) => row.length));
  const widths = Array.from({ length: count }, (_, column) =>
    Math.max(...rows.map((row) => textWidth(row[column] ?? ''))),
  );
  const available = width - gap.length * (count - 1);
  while (widths.reduce((sum, each) => sum + each, 0) > available) {
    const widest = widths.indexOf(Math.max(...widths));
    if (widths[widest]! <= narrowest) break;
    widths[widest]!--;
  }
  return widths;
}

function pad(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - textWidth(text)));
}
