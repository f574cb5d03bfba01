import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { runProgram } from '#src/commands/program.js';
import type { Report } from '#src/model/report.js';
import type { Lab } from '../lab/lab.js';

let runs = 0;

/**
 * `portolan check` in this process, by the function that the program itself calls: for tests of what many runs leave
 * behind, where a process each would take most of the time.
 */
export async function checkHere(
  lab: Lab,
  args: readonly string[] = [],
): Promise<{ readonly code: number; readonly report: Report; readonly warnings: string }> {
  runs += 1;
  const file = join(lab.folder, `report-${runs}.json`);
  let warnings = '';
  const nothing = () => {};
  const code = await runProgram(['check', '-i', join(lab.folder, 'inventory.json'), '-r', `json=${file}`, ...args], {
    version: '',
    stdout: nothing,
    stderr: nothing,
    commandIo: () => ({
      stdout: nothing,
      warn: (sentence) => {
        warnings += `${sentence}\n`;
      },
      width: 80,
      color: false,
      environment: { PATH: process.env.PATH, HOME: lab.folder },
      ask: async () => undefined,
      progress: nothing,
      signal: new AbortController().signal,
      now: () => new Date(),
    }),
  });
  const report = JSON.parse(readFileSync(file, 'utf8')) as Report;
  rmSync(file);
  return { code, report, warnings };
}
