import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

// `npm test`. As root on Linux the whole test run is put into a network namespace of its own, so that nothing can
// leave the machine and the lab's hosts, namespaces themselves, hang off it; the mount namespace keeps /run/netns private.
// Elsewhere the lab's tests are skipped aloud (see test/lab/prerequisites.ts).
const require = createRequire(import.meta.url);
const ava = join(dirname(require.resolve('ava')), 'cli.mjs');
const command = [process.execPath, ava, ...process.argv.slice(2)];
const isolated =
  process.platform === 'linux' && process.getuid?.() === 0 && spawnSync('unshare', ['-n', '-m', 'true']).status === 0;
const isolate = [
  'unshare',
  '--net',
  '--mount',
  '--propagation',
  'private',
  'sh',
  '-c',
  'ip link set lo up && exec "$@"',
  'sh',
];
const [file, ...args] = isolated ? [...isolate, ...command] : command;
const { status, signal } = spawnSync(file!, args, {
  stdio: 'inherit',
  env: { ...process.env, PORTOLAN_TEST_NAMESPACE: isolated ? '1' : '' },
});
if (signal !== null) process.kill(process.pid, signal);
process.exitCode = status ?? 1;
