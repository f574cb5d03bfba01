import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A thousand database nodes, each connected to each: 999,000 pairs, 999,999,000 probes. */
export const largeSite = { nodes: 1000, checks: 999_000, probes: 999_999_000 };

/**
 * Writes the inventory of such a site into a folder of its own, and returns the file. The addresses are this machine's
 * loopback network, and nothing listens on the port for logins: each is refused at once.
 */
export function writeLargeSite(): string {
  const file = join(mkdtempSync(join(tmpdir(), 'portolan-bench-')), 'inventory.json');
  const hosts = { 'exa-n[1:1000]': { address: '127.[1:4].0.[1:250]', roles: ['exasol-node'] } };
  const ssh = { user: 'ops', port: 1, strictHostKeyChecking: 'no' };
  writeFileSync(file, JSON.stringify({ version: 1, defaults: { ssh }, hosts, scenarios: { exasol: {} } }));
  return file;
}
