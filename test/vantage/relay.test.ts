import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import type { DialFailure, Vantage } from '#src/model/vantage.js';
import { createLocalTransport } from '#src/vantage/local.js';
import { relayPrograms } from '#src/vantage/relay/programs.js';
import { createRelay } from '#src/vantage/relay/relay.js';
import { dialContract } from './contract.js';
import { host, never } from './fixtures.js';

/** This machine, dialled through a relay that runs on it by one interpreter. */
async function relayed(t: ExecutionContext, interpreter: string): Promise<Vantage> {
  const local = await createLocalTransport().connect(host('laptop', 'laptop', {}, 'local'), never);
  const relay = createRelay(
    local,
    relayPrograms.filter(({ name }) => name === interpreter),
  );
  t.teardown(() => local.close());
  return {
    host: local.host,
    transport: local.transport,
    lost: local.lost,
    exec: (command) => local.exec(command),
    dial: relay.dial,
    forwards: async () => false,
    close: () => relay.close(),
  };
}

for (const { name } of relayPrograms) {
  const blind = name === 'bash' ? (['half-close'] as const) : [];
  dialContract(test, `relay by ${name}`, (t) => relayed(t, name), blind);
}

test('a relay that is still being started is not waited for when it is closed', async (t) => {
  const local = await createLocalTransport().connect(host('laptop', 'laptop', {}, 'local'), never);
  t.teardown(() => local.close());
  const relay = createRelay({ host: 'laptop', lost: local.lost, exec: () => local.exec('exec sleep 60') });
  const dialled = relay.dial('127.0.0.1', 1, never).catch((error: DialFailure) => error.answer);
  await sleep(100);
  const began = performance.now();
  await relay.close();
  t.true(performance.now() - began < 5000);
  t.like(await dialled, { kind: 'untried', cause: 'no-engine' });
});

test('a node that runs nothing is untried, with what it said instead', async (t) => {
  const local = await createLocalTransport().connect(host('laptop', 'laptop', {}, 'local'), never);
  t.teardown(() => local.close());
  const forced = createRelay({ host: 'laptop', lost: local.lost, exec: () => local.exec('echo forced') });
  const bare = createRelay(
    {
      host: 'laptop',
      lost: local.lost,
      exec: () => local.exec('PATH=/nonexistent; cd /; exec /bin/sh -s'),
    },
    [],
  );
  const answer = (relay: typeof forced) =>
    relay.dial('127.0.0.1', 1, never).catch((error: DialFailure) => error.answer);
  t.deepEqual(await answer(forced), {
    kind: 'untried',
    cause: 'no-engine',
    detail: 'no relay runs on laptop: sh -s ended with exit code 0 (it said: forced)',
  });
  t.like(await answer(bare), { kind: 'untried', cause: 'no-engine' });
});
