import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import test from 'ava';
import { DialFailure } from '#src/model/vantage.js';
import { createLocalTransport } from '#src/vantage/local.js';
import { vantageContract } from './contract.js';
import { host, never, output } from './fixtures.js';

vantageContract(test, 'local', () => createLocalTransport().connect(host('laptop', 'laptop', {}, 'local'), never), {
  forwards: true,
  breakable: 'none',
});

test('local: what runs is in a process group of its own, which the terminal’s Ctrl-C does not reach', async (t) => {
  const vantage = await createLocalTransport().connect(host('laptop', 'laptop', {}, 'local'), never);
  t.teardown(() => vantage.close());
  const group = await output(vantage, 'ps -o pgid= -p $$');
  t.not(group.trim(), execFileSync('ps', ['-o', 'pgid=', '-p', `${process.pid}`], { encoding: 'utf8' }).trim());
});

test('local: close ends also a process that ignores SIGTERM and the end of its input', async (t) => {
  const vantage = await createLocalTransport().connect(host('laptop', 'laptop', {}, 'local'), never);
  const running = await vantage.exec('trap "" TERM; echo ready; while :; do sleep 0.1; done');
  await once(running.stdout, 'data');
  running.stdout.resume();
  const started = Date.now();
  await vantage.close();
  t.true(Date.now() - started < 3000);
  t.is((await running.exited).signal, 'SIGKILL');
});

test('local: an address that the kernel refuses is this machine’s own error', async (t) => {
  const vantage = await createLocalTransport().connect(host('laptop', 'laptop', {}, 'local'), never);
  // The kernel refuses a connect to the broadcast address without a packet.
  const error = await t.throwsAsync(vantage.dial('255.255.255.255', 9, never), { instanceOf: DialFailure });
  t.is(error?.answer.kind, 'error');
  t.regex(error?.answer.kind === 'error' ? error.answer.errno : '', /^E(?:NETUNREACH|ACCES|HOSTUNREACH)$/);
});
