import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { ExecutionContext } from 'ava';
import { execa } from 'execa';
import type { Report } from '#src/model/report.js';
import { labTest } from '../lab/lab-test.js';

const cli = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
const nodes = 100;
const pipeBytes = 65_536;

/** A site whose report is several megabytes, because every login is refused: nothing listens on the port. */
function refusingSite(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'portolan-test-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const inventory = {
    defaults: { ssh: { user: 'ops', port: 1, strictHostKeyChecking: 'no' } },
    hosts: { [`n[1:${nodes}]`]: { address: `127.1.0.[1:${nodes}]`, roles: ['exasol-node'] } },
    scenarios: { exasol: {} },
  };
  writeFileSync(join(folder, 'inventory.json'), JSON.stringify(inventory));
  return folder;
}

labTest('a reader that goes away ends the program without a word about it', async (t) => {
  const cwd = refusingSite(t);
  const { stdout, stderr } = await execa('sh', ['-c', '"$0" "$1" check -r json | head -c 100', process.execPath, cli], {
    cwd,
    env: { HOME: cwd },
    timeout: 120_000,
  });
  t.is(stdout.length, 100);
  t.notRegex(stderr, /EPIPE|Error|at .*:\d+:\d+/);
});

labTest('a reader that is slow gets the whole report', async (t) => {
  const cwd = refusingSite(t);
  const running = execa(process.execPath, [cli, 'check', '-r', 'json'], {
    cwd,
    env: { HOME: cwd },
    reject: false,
    buffer: false,
    timeout: 120_000,
  });
  const chunks: Buffer[] = [];
  let sinceRest = 0;
  for await (const chunk of running.stdout) {
    chunks.push(chunk as Buffer);
    sinceRest += (chunk as Buffer).length;
    if (sinceRest < pipeBytes * 8) continue;
    // The pipe fills while nobody reads.
    await delay(50);
    sinceRest = 0;
  }
  const { exitCode } = await running;
  const text = Buffer.concat(chunks).toString();
  t.true(text.length > pipeBytes * 16, `${text.length} bytes`);
  const { checks, summary } = JSON.parse(text) as Report;
  t.is(checks.filter(({ status }) => status === 'unknown').length, nodes * (nodes - 1));
  t.deepEqual([exitCode, summary.exitCode], [4, 4]);
});
