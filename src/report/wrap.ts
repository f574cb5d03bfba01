import { textWidth } from './text-width.js';

/**
 * Breaks a text at its blanks and after its commas into lines of at most `width` columns, later ones indented. What has no
 * place to break is left whole: a name that is cut off is of no use.
 */
export function wrap(text: string, width: number, firstIndent: string, indent: string): readonly string[] {
  const lines: string[] = [];
  let line = firstIndent;
  let isBlank = true;
  for (const word of text.split(/(?<=,)(?=\d)|(?<= )/)) {
    if (!isBlank && textWidth(line + word.trimEnd()) > width) {
      lines.push(line.trimEnd());
      line = indent;
    }
    line += word;
    isBlank = false;
  }
  return [...lines, line.trimEnd()];
}
