import { eastAsianWidth } from 'get-east-asian-width';

// string-width is the usual choice, but its emoji expressions take 40 ms to compile: more than all the rest of start-up.
// Terminals disagree about joined emoji anyway; a sequence counts as its parts here, which never makes a line too wide.
const plainText = /^[\x20-\x7e]*$/;
// Spacing marks (Mc) are not among them: they take a column of their own.
const zeroWidth = /^[\p{Mn}\p{Me}\p{Cf}\p{Cc}]$/u;
// Variation selector 16 and the keycap make an emoji, two columns wide, of the character before.
const makesEmoji = /^[\ufe0f\u20e3]$/;

/** Columns that a text without escape sequences takes on a terminal: East Asian wide characters count two. */
export function textWidth(text: string): number {
  if (plainText.test(text)) return text.length;
  let width = 0;
  let last = 0;
  for (const character of text) {
    if (makesEmoji.test(character) && last === 1) {
      width++;
      last = 2;
    } else if (!zeroWidth.test(character)) {
      last = eastAsianWidth(character.codePointAt(0)!);
      width += last;
    }
  }
  return width;
}
