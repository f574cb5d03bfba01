// CCSID 500, in which DRDA writes texts before the login: the characters that all Latin EBCDICs have in the same place.
const ebcdic: ReadonlyMap<number, string> = new Map(
  (
    [
      [0x40, ' '],
      [0x4b, '.<(+'],
      [0x50, '&'],
      [0x5b, '$*);'],
      [0x60, '-/'],
      [0x6b, ',%_>?'],
      [0x7a, ':#@\'="'],
      [0x81, 'abcdefghi'],
      [0x91, 'jklmnopqr'],
      [0xa2, 'stuvwxyz'],
      [0xc1, 'ABCDEFGHI'],
      [0xd1, 'JKLMNOPQR'],
      [0xe2, 'STUVWXYZ'],
      [0xf0, '0123456789'],
    ] as const
  ).flatMap(([first, characters]) => [...characters].map((character, index) => [first + index, character] as const)),
);
const toEbcdicByte = new Map([...ebcdic].map(([byte, character]) => [character, byte]));

/** What it does not know is a question mark. */
export function fromEbcdic(bytes: Buffer): string {
  return [...bytes].map((byte) => ebcdic.get(byte) ?? '?').join('');
}

/** Only of characters that it knows. */
export function toEbcdic(text: string): Buffer {
  return Buffer.from([...text].map((character) => toEbcdicByte.get(character)!));
}
