import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { canIsolate, isolated } from './isolation.js';
import { Tally } from './tally.js';

// `npm test`. As root on Linux the whole test run is put into a network namespace of its own, so that nothing can
// leave the machine and the lab's hosts, namespaces themselves, hang off it.
// Elsewhere the lab's tests are skipped aloud (see test/lab/prerequisites.ts).
const require = createRequire(import.meta.url);
const ava = join(dirname(require.resolve('ava')), 'cli.mjs');
const command = [process.execPath, ava, ...process.argv.slice(2)];
const isolating = canIsolate();
const [file, ...args] = isolating ? isolated(command) : command;
const color = process.stdout.isTTY && process.env.NO_COLOR === undefined ? { FORCE_COLOR: '1' } : {};
// npm puts the packages' programs first, and @vercel/nft has one called nft.
const path = (process.env.PATH ?? '')
  .split(delimiter)
  .filter((folder) => !folder.endsWith(join('node_modules', '.bin')));
const child = spawn(file!, args, {
  stdio: ['inherit', 'pipe', 'inherit'],
  env: { ...process.env, ...color, PATH: path.join(delimiter), PORTOLAN_TEST_NAMESPACE: isolating ? '1' : '' },
});
// Ctrl-C reaches ava as well, which ends the run and says what was pending.
process.on('SIGINT', () => {});
const tally = new Tally();
child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
  process.stdout.write(chunk);
  tally.add(chunk);
});
child.on('close', (status) => {
  console.log(`\n${tally.summary(status === 0)}`);
  process.exitCode = status ?? 1;
});
