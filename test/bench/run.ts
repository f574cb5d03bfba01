import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import Table from 'cli-table3';
import { canIsolate, isolated } from '../isolation.js';
import { missingPrerequisite } from '../lab/prerequisites.js';
import { measureMesh } from './mesh.js';
import { measureStartUp } from './start-up.js';

// `npm run bench`: exits 1 when a limit is missed. It puts itself into a network namespace of its own, as the tests do.
if (process.env.PORTOLAN_TEST_NAMESPACE === undefined && canIsolate()) {
  const [file, ...args] = isolated([process.execPath, fileURLToPath(import.meta.url)]);
  const env = { ...process.env, PORTOLAN_TEST_NAMESPACE: '1' };
  process.exitCode = spawnSync(file!, args, { stdio: 'inherit', env }).status ?? 1;
} else {
  await measure();
}

async function measure(): Promise<void> {
  const measurements = [...(await measureStartUp())];
  const missing = missingPrerequisite(['nmap', 'ssh']);
  if (missing === undefined) measurements.push(...(await measureMesh()));
  else {
    const kept = process.env.PORTOLAN_REQUIRE_LAB !== '1';
    measurements.push({ what: 'mesh', value: `skipped: ${missing}`, limit: '', kept });
  }
  const table = new Table({ head: ['measured', 'median', 'limit', ''], style: { head: [], border: [] } });
  for (const { what, value, limit, kept } of measurements) {
    table.push([what, value, limit, limit === '' && kept ? '' : kept ? 'kept' : 'missed']);
  }
  console.log(table.toString());
  if (measurements.some(({ kept }) => !kept)) process.exitCode = 1;
}
