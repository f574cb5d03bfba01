import { textWidth } from '../text-width.js';

// Escape sequences first, then single control characters, and marks that reorder what the reader sees.
const escapes = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[ -~])/g;
const controls = /[\u0000-\u001f\u007f-\u009f]+/g;
const marks = /[\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** Text of others made harmless for a terminal: no escape sequences, no control characters, one line. */
export function plain(text: string): string {
  return text.replace(escapes, '').replace(controls, ' ').replace(marks, '');
}

export function widthOf(text: string): number {
  return textWidth(text);
}

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** Breaks plain text into lines no wider than `width`: at spaces, else after a comma, slash or hyphen, else anywhere. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const candidate = line === '' ? word : `${line} ${word}`;
    if (widthOf(candidate) <= width) {
      line = candidate;
      continue;
    }
    if (line !== '') lines.push(line);
    const pieces = breakWord(word, width);
    lines.push(...pieces.slice(0, -1));
    line = pieces.at(-1) ?? '';
  }
  lines.push(line);
  return lines;
}

function breakWord(word: string, width: number): string[] {
  if (widthOf(word) <= width) return [word];
  const pieces: string[] = [];
  let piece = '';
  for (const { segment } of segmenter.segment(word)) {
    if (piece !== '' && widthOf(piece + segment) > width) {
      const joint = Math.max(...[',', '/', '-'].map((mark) => piece.lastIndexOf(mark))) + 1;
      const cut = joint > 0 ? joint : piece.length;
      pieces.push(piece.slice(0, cut));
      piece = piece.slice(cut);
    }
    piece += segment;
  }
  pieces.push(piece);
  return pieces;
}

export function padEnd(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - widthOf(text)));
}
