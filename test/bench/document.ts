import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, release } from 'node:os';

/** Where and when: what a table of times is worth nothing without. */
export function circumstances(): string {
  const [processor] = cpus();
  const date = new Date().toISOString().slice(0, 10);
  const machine = `${cpus().length} cores (${processor?.model.trim() ?? 'unknown'}), Linux ${release()}, Node ${process.versions.node}`;
  return `${date}, ${machine}, load average ${loadavg()[0]!.toFixed(1)} at the start`;
}

/**
 * Puts a part's text between its markers, `<!-- bench NAME -->` and `<!-- end NAME -->`, in a Markdown file. Throws
 * where the file has no such place.
 */
export function writePart(file: string, name: string, text: string): void {
  writeFileSync(file, replacePart(readFileSync(file, 'utf8'), name, text));
}

export function replacePart(document: string, name: string, text: string): string {
  const [begin, end] = [`<!-- bench ${name} -->\n`, `<!-- end ${name} -->\n`];
  const from = document.indexOf(begin);
  const to = document.indexOf(end, from);
  if (from === -1 || to === -1)
    throw new Error(`the document has no place for ${name}: ${begin.trim()} … ${end.trim()}`);
  return `${document.slice(0, from + begin.length)}\n${text}\n${document.slice(to)}`;
}
