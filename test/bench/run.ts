import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { canIsolate, isolated } from '../isolation.js';
import { missingPrerequisite } from '../lab/prerequisites.js';
import { circumstances, writePart } from './document.js';
import type { Measurement, Part } from './measure.js';
import { parts } from './parts.js';
import { markdownTable } from './table.js';

// `npm run bench -- [PART…] [--rounds N] [--markdown FILE]`: prints a table for each part, and exits 1 when a limit is
// missed. It puts itself into a network namespace of its own, as the tests do.
if (process.env.PORTOLAN_TEST_NAMESPACE === undefined && canIsolate()) {
  const [file, ...args] = isolated([process.execPath, fileURLToPath(import.meta.url), ...process.argv.slice(2)]);
  const env = { ...process.env, PORTOLAN_TEST_NAMESPACE: '1' };
  process.exitCode = spawnSync(file!, args, { stdio: 'inherit', env }).status ?? 1;
} else {
  await main();
}

async function main(): Promise<void> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { rounds: { type: 'string' }, markdown: { type: 'string' } },
  });
  const unknown = positionals.filter((name) => !parts.some((part) => part.name === name));
  const rounds = values.rounds === undefined ? undefined : Number(values.rounds);
  if (unknown.length > 0 || (rounds !== undefined && !(rounds >= 1))) {
    console.error(`usage: bench [${parts.map(({ name }) => name).join(' | ')}]… [--rounds N] [--markdown FILE]`);
    process.exitCode = 2;
    return;
  }
  for (const part of parts.filter(({ name }) => positionals.length === 0 || positionals.includes(name))) {
    const when = circumstances();
    const measurements = await measure(part, rounds);
    const text = `${when}:\n\n${markdownTable(measurements)}`;
    console.log(`${part.name}: ${text}`);
    if (values.markdown !== undefined) writePart(values.markdown, part.name, text);
    if (measurements.some(({ limit }) => limit?.kept === false)) process.exitCode = 1;
  }
}

async function measure({ needs, name, measure }: Part, rounds: number | undefined): Promise<readonly Measurement[]> {
  const missing = needs === undefined ? undefined : missingPrerequisite(needs);
  if (missing === undefined) return measure(rounds);
  const limit = { text: 'the lab is required', kept: false };
  const skipped = { what: name, figures: { '': `skipped: ${missing}` } };
  return [process.env.PORTOLAN_REQUIRE_LAB === '1' ? { ...skipped, limit } : skipped];
}
