import type { ExecutionContext } from 'ava';
import {
  formatPorts,
  noPorts,
  type PortSet,
  parsePorts,
  portSet,
  subtractPorts,
  unionPorts,
} from '#src/model/port-set.js';
import type { InterpreterName } from '../lab/interpreters.js';
import { writeInventory } from '../lab/inventory.js';
import { createLab } from '../lab/lab.js';
import { labTest } from '../lab/lab-test.js';
import { check, writeScenario } from './check.js';

// The target's sshd listens on it in any case.
const always = '22';

interface Planted {
  readonly open: string;
  readonly timeout: string;
  readonly refused: string;
}

/** A tenth of the ports up to this one open and a tenth dropped, at random. */
function plant(last: number, random: () => number): Planted {
  const ports: Record<keyof Planted, [number, number][]> = { open: [], timeout: [], refused: [] };
  for (let port = 1; port <= last; port += 1) {
    const chance = random();
    const kind = `${port}` === always || chance < 0.1 ? 'open' : chance < 0.2 ? 'timeout' : 'refused';
    ports[kind].push([port, port]);
  }
  const text = (kind: keyof Planted) => formatPorts(portSet(ports[kind]));
  return { open: text('open'), timeout: text('timeout'), refused: text('refused') };
}

/** Marsaglia's xorshift: the same ports for the same seed. */
function seeded(seed: number): () => number {
  let state = seed | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

/**
 * At full speed, with every twentieth packet lost each way, which leaves about one connect in a thousand without any
 * answer: not one port may be reported wrong.
 */
async function isExact(t: ExecutionContext, interpreter: InterpreterName, last: number): Promise<void> {
  const seed = Number(process.env.PORTOLAN_TEST_SEED ?? Math.floor(Math.random() * 2 ** 31));
  const planted = plant(last, seeded(seed));
  const lab = await createLab({ hosts: { src: { interpreters: [interpreter] }, dst: {} } });
  t.teardown(() => lab.close());
  await lab.listen('dst', { '10.10.0.12': formatPorts(subtractPorts(parsePorts(planted.open)!, parsePorts(always)!)) });
  const lose = 'iifname "east" meta l4proto tcp numgen random mod 100 < 5 drop';
  await lab.host('dst').machine.run(
    'nft',
    ['-f', '-'],
    `table inet loss {
      chain input { type filter hook input priority 0; tcp dport { ${planted.timeout} } iifname "east" drop; ${lose}; }
      chain output { type filter hook output priority 0; ${lose.replace('iifname', 'oifname')}; }
    }\n`,
  );
  const flow = { from: 'client', to: 'server', port: `1-${last}`, expect: 'open' } as const;
  writeInventory(lab, { roles: { src: ['client'], dst: ['server'] }, scenarios: writeScenario(lab, { all: flow }) });

  const { report, stderr } = await check(lab, ['--rate', '0', '--no-diagnose']);
  const [row] = report?.checks ?? [];
  const found: Record<string, PortSet> = {};
  for (const { outcome, ports } of row?.outcomes ?? [])
    found[outcome] = unionPorts(found[outcome] ?? noPorts, parsePorts(ports)!);
  const texts = Object.entries(found).map(([outcome, ports]) => [outcome, formatPorts(ports)]);
  t.deepEqual(Object.fromEntries(texts), { ...planted }, `PORTOLAN_TEST_SEED=${seed} ${stderr}`);
}

labTest('python 3: of 65,535 ports at full speed and with lost packets, not one is reported wrong', (t) =>
  isExact(t, 'python3', 65_535),
);
labTest(
  'python 2.7: of 8,000 ports at full speed and with lost packets, not one is reported wrong',
  (t) => isExact(t, 'python2', 8000),
  { alsoNeeded: ['python2.7'] },
);
labTest('perl: of 8,000 ports at full speed and with lost packets, not one is reported wrong', (t) =>
  isExact(t, 'perl', 8000),
);
