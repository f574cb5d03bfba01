const longest = 60;

/** The first line of what a server said, in quotes and cut to size; empty where it is not text. */
export function quoteLine(text: string): string {
  const line = text.split(/[\r\n]/, 1)[0]!;
  if (!/^[\x20-\x7e]{3,}$/.test(line)) return '';
  return line.length > longest ? `"${line.slice(0, longest)}…"` : `"${line}"`;
}
