import type { Paint, Tone } from './paint.js';
import { padEnd, plain, widthOf, wrap } from './text.js';

export interface Cell {
  readonly text: string;
  readonly tone: Tone;
}

export function cell(text: string, tone: Tone = 'plain'): Cell {
  return { text: plain(text), tone };
}

export interface Canvas {
  readonly width: number;
  readonly paint: Paint;
}

const gap = 2;
const narrowest = 6;

/** Rows in columns, indented, no wider than the canvas: what does not fit is wrapped within its column. */
export function layoutRows(rows: readonly (readonly Cell[])[], indent: number, canvas: Canvas): string[] {
  const columns = greatest(rows, (row) => row.length);
  if (columns === 0) return [];
  const natural = Array.from({ length: columns }, (_, column) =>
    Math.max(
      1,
      greatest(rows, (row) => widthOf(row[column]?.text ?? '')),
    ),
  );
  const whole = Array.from({ length: columns }, (_, column) =>
    greatest(rows, (row) => longestWord(row[column]?.text ?? '')),
  );
  const widths = shrink(natural, whole, canvas.width - indent - gap * (columns - 1));
  return rows.flatMap((row) => layoutRow(row, widths, indent, canvas.paint));
}

function greatest(rows: readonly (readonly Cell[])[], of: (row: readonly Cell[]) => number): number {
  return rows.reduce((most, row) => Math.max(most, of(row)), 0);
}

function layoutRow(row: readonly Cell[], widths: readonly number[], indent: number, paint: Paint): string[] {
  const wrapped = widths.map((width, column) => wrap(row[column]?.text ?? '', width));
  const height = Math.max(...wrapped.map((lines) => lines.length));
  return Array.from({ length: height }, (_, line) => {
    const parts = wrapped.map((lines, column) => ({
      text: padEnd(lines[line] ?? '', widths[column]!),
      tone: row[column]?.tone ?? 'plain',
    }));
    while (parts.length > 0 && parts.at(-1)!.text.trim() === '') parts.pop();
    const last = parts.length - 1;
    const painted = parts.map(({ text, tone }, index) => paint(index === last ? text.trimEnd() : text, tone));
    return ' '.repeat(parts.length === 0 ? 0 : indent) + painted.join(' '.repeat(gap));
  });
}

function longestWord(text: string): number {
  return Math.max(...text.split(' ').map(widthOf));
}

/** Takes from the widest columns until all fit: first from those that lose no word by it. */
function shrink(natural: readonly number[], whole: readonly number[], available: number): number[] {
  const widths = [...natural];
  let excess = widths.reduce((sum, width) => sum + width, 0) - available;
  for (const least of [whole, whole.map(() => narrowest)]) {
    while (excess > 0) {
      const able = widths.map((width, column) => (width > Math.max(narrowest, least[column]!) ? width : 0));
      const widest = Math.max(...able);
      if (widest === 0) break;
      widths[able.indexOf(widest)]!--;
      excess--;
    }
  }
  return widths;
}

/** A paragraph with a hanging indent. */
export function paragraph(text: string, indent: number, hang: number, tone: Tone, canvas: Canvas): string[] {
  const lines = wrap(plain(text), Math.max(narrowest, canvas.width - indent - hang));
  return lines.map((line, index) => ' '.repeat(index === 0 ? indent : indent + hang) + canvas.paint(line, tone));
}

/** A heading with words at both edges, on two lines where one is too short. */
export function twoEdges(left: Cell, right: Cell, indent: number, canvas: Canvas): string[] {
  if (right.text === '') return paragraph(left.text, indent, 0, left.tone, canvas);
  const room = canvas.width - indent - widthOf(left.text) - widthOf(right.text);
  const pad = ' '.repeat(indent);
  if (room >= gap)
    return [pad + canvas.paint(left.text, left.tone) + ' '.repeat(room) + canvas.paint(right.text, right.tone)];
  return [
    ...paragraph(left.text, indent, 0, left.tone, canvas),
    ...paragraph(right.text, indent, 0, right.tone, canvas),
  ];
}
