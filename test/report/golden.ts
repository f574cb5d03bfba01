import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { ExecutionContext } from 'ava';
import { packagedPath } from '#src/packaged.js';

/**
 * Compares a text with the golden file that is named for what it proves. `PORTOLAN_UPDATE_GOLDEN=1 npm test` writes the
 * files anew: read the difference before committing it.
 */
export function matchesGolden(t: ExecutionContext, name: string, text: string, folder = 'report'): void {
  const path = packagedPath(`test/${folder}/golden/${name}.txt`);
  if (process.env.PORTOLAN_UPDATE_GOLDEN === '1') writeFileSync(path, text);
  t.true(existsSync(path), `${path} is missing`);
  t.is(text, readFileSync(path, 'utf8'));
}
