import type { Shown } from './mask.js';

// The offset and two blanks, "00 " for every byte and a blank more in the middle, a blank, the text.
const columns = (perLine: number) => 6 + perLine * 3 + 1 + 1 + perLine;

/** Bytes in lines of hex with their text beside them: 16 a line, or 8 where a line of 16 would not fit. */
export function hexDump(bytes: readonly Shown[], width: number): string[] {
  const perLine = columns(16) <= width ? 16 : 8;
  const lines: string[] = [];
  for (let offset = 0; offset < bytes.length; offset += perLine) {
    const line = bytes.slice(offset, offset + perLine);
    const half = perLine / 2;
    const halves = [line.slice(0, half), line.slice(half)].map((some) => some.map(hex).join(' '));
    const hexes = halves.join('  ').padEnd(perLine * 3 + 1);
    lines.push(`${offset.toString(16).padStart(4, '0')}  ${hexes} ${line.map(character).join('')}`);
  }
  return lines;
}

function hex(byte: Shown): string {
  return byte === 'masked' ? '**' : byte.toString(16).padStart(2, '0');
}

function character(byte: Shown): string {
  if (byte === 'masked') return '*';
  return byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.';
}
