import { stripVTControlCharacters } from 'node:util';

/**
 * Counts what ava's reporter writes, a line a test: it prints no number of passes once something failed. The second
 * of each pair is what it writes on a terminal without Unicode.
 */
export class Tally {
  #passed = 0;
  #failed = 0;
  #skipped = 0;
  #rest = '';

  add(chunk: string): void {
    const lines = (this.#rest + chunk).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#count(stripVTControlCharacters(line));
  }

  #count(line: string): void {
    if (/^ {2}[✔√] /.test(line)) this.#passed += 1;
    else if (/^ {2}[✘×] /.test(line)) this.#failed += 1;
    const skipped = /^ {2}(\d+) tests? (?:skipped|todo)$/.exec(line);
    if (skipped !== null) this.#skipped += Number(skipped[1]);
  }

  /** `212 passed, 0 failed`. A run that ended badly without a failed test (a crash, a timeout) counts as one failure. */
  summary(succeeded: boolean): string {
    const failed = succeeded ? this.#failed : Math.max(1, this.#failed);
    const skipped = this.#skipped > 0 ? `, ${this.#skipped} skipped` : '';
    return `${this.#passed} passed, ${failed} failed${skipped}`;
  }
}
