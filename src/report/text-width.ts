import { eastAsianWidth } from 'get-east-asian-width';

// string-width is the usual choice, but its emoji expressions take 40 ms to compile: more than all the rest of start-up.
// Terminals disagree about joined emoji anyway; a sequence counts as its parts here, which never makes a line too wide.
const plainText = /^[\x20-\x7e]*$/;
const zeroWidth = /^[\p{M}\p{Cf}\p{Cc}]$/u;

/** Columns that a text without escape sequences takes on a terminal: East Asian wide characters count two. */
export function textWidth(text: string): number {
  if (plainText.test(text)) return text.length;
  let width = 0;
  for (const character of text) {
    if (!zeroWidth.test(character)) width += eastAsianWidth(character.codePointAt(0)!);
  }
  return width;
}
