import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { testNeeding } from '../../needing.js';
import { connect } from '../connect.js';
import { createLab } from '../lab.js';
import { labTest } from '../lab-test.js';
import { startNginx } from './nginx.js';
import { startRedis } from './redis.js';
import { launch, serverUnavailable } from './server.js';

/** Ended, or dead and not yet counted by its parent. */
function isGone(pid: number): boolean {
  return !existsSync(`/proc/${pid}/stat`) || /^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
}

async function goes(pid: number): Promise<boolean> {
  for (let tries = 0; tries < 250 && !isGone(pid); tries += 1) await sleep(20);
  return isGone(pid);
}

labTest(
  'a server listens in a machine’s network, on the address and port it was given',
  async (t) => {
    const lab = await createLab({ hosts: { client: {}, web: {} } });
    t.teardown(() => lab.close());
    const [client, web] = [lab.host('client').machine, lab.host('web')];
    const nginx = await startNginx({ address: web.address(), port: 80, network: web.machine.networkOnly });
    t.teardown(() => nginx.stop());
    t.is(await connect(client, web.address(), 80), 'connected');
    await nginx.stop();
    t.is(await connect(client, web.address(), 80), 'ECONNREFUSED');
  },
  { alsoNeeded: ['nginx'] },
);

testNeeding(
  serverUnavailable('redis-server'),
  'a server that runs as another user dies with the process that started it, killed or not',
  async (t) => {
    const module = new URL('./redis.js', import.meta.url);
    const program = `const { startRedis } = await import('${module}'); console.log((await startRedis()).pid); setInterval(() => {}, 1e6);`;
    const parent = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [pid] = (await once(parent.stdout.setEncoding('utf8'), 'data')) as [string];
    t.false(isGone(Number(pid)));
    parent.kill('SIGKILL');
    t.true(await goes(Number(pid)));
  },
);

testNeeding(serverUnavailable('redis-server'), 'a stopped server leaves no process and no folder', async (t) => {
  const redis = await startRedis();
  t.regex(redis.log(), /Ready to accept connections/);
  await redis.stop();
  t.true(await goes(redis.pid));
  t.throws(() => redis.log(), { code: 'ENOENT' });
});

testNeeding(serverUnavailable(), 'a server that does not start says why', async (t) => {
  const failing = launch({ name: 'failing', command: () => ['sh', '-c', 'echo no memory >&2; exit 1'] }, {});
  await t.throwsAsync(failing, { message: /^failing did not start on 127\.0\.0\.1:\d+: no memory\n$/ });
});

test('a server that cannot be started here says what is missing', (t) => {
  t.is(typeof serverUnavailable('no-such-server'), 'string');
});
