import test, { type ExecutionContext } from 'ava';
import type { Vantage } from '#src/model/vantage.js';
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
