import type { ExecutionContext } from 'ava';
import type { EngineName } from '#src/model/engine.js';
import { type PortSet, parsePorts } from '#src/model/port-set.js';
import type { SweepEvent, SweepItem } from '#src/model/sweep.js';
import { openSession } from '#src/sweep/session.js';
import { drop, reject } from '../lab/filter.js';
import type { InterpreterName } from '../lab/interpreters.js';
import { createLab, type Lab } from '../lab/lab.js';
import { finalAnswers, sweepAll } from './final-answers.js';
import { logIn } from './lab-vantage.js';

const [source, destination, far, router] = ['10.10.0.11', '10.10.0.12', '10.20.0.11', '10.10.0.1'];

/**
 * What is planted and what an engine that sees everything says of it: by target, by answer, the ports. `at once` marks
 * errors that connect itself returned.
 */
const planted: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  [destination]: {
    connected: '20000-20049',
    ECONNREFUSED: '21000-23999',
    silence: '30000-30001',
    [`ECONNREFUSED 4/3/3 from ${destination}`]: '24000-24001',
    [`EHOSTUNREACH 4/3/10 from ${destination}`]: '25000-25001',
    [`EHOSTUNREACH 4/3/13 from ${destination}`]: '26000-26001',
    [`EHOSTUNREACH 4/3/10 from ${source}`]: '27000',
  },
  [far]: {
    connected: '20000',
    ECONNREFUSED: '26000',
    [`ECONNREFUSED 4/3/3 from ${router}`]: '24000',
    [`EHOSTUNREACH 4/3/10 from ${router}`]: '25000',
  },
  'fd00::12': {
    connected: '20000',
    ECONNREFUSED: '21000',
    'ECONNREFUSED 6/1/4 from fd00::12': '24000',
    'EACCES 6/1/1 from fd00::12': '25000',
  },
  '10.10.0.200': { [`EHOSTUNREACH 4/3/1 from ${source}`]: '1-2' },
  '10.99.0.1': { [`ENETUNREACH 4/3/0 from ${router}`]: '1' },
  '192.0.2.1': { 'ENETUNREACH at once': '1-3' },
  '10.98.0.1': { 'EACCES at once': '1' },
  '10.98.0.2': { 'EINVAL at once': '1' },
  [source]: { 'untried own-address': '1-10' },
};

/** Blind spots, by name: what becomes of an answer that an engine cannot see in full. */
const blindness = {
  none: (answer: string) => answer.replace(' at once', ''),
  'no error queue': (answer: string) => answer.replace(/ \d\/\d+\/\d+ from .*| at once/, ''),
  'sshd hides immediate errors': (answer: string) =>
    answer.endsWith(' at once') ? 'untried engine-failed' : blindness['no error queue'](answer),
} as const;

export interface Contestant {
  readonly engine: EngineName;
  readonly interpreters: readonly InterpreterName[];
  readonly blindness: keyof typeof blindness;
}

/** Plants every kind of answer around a node of the lab, and holds the engine to what it must see of each. */
export async function holdToContract(t: ExecutionContext, contestant: Contestant): Promise<void> {
  const lab = await createLab({
    hosts: { src: { interpreters: contestant.interpreters }, dst: {}, far: { networks: ['west'] } },
  });
  t.teardown(() => lab.close());
  await plant(lab);
  const vantage = await logIn(t, lab, lab.host('src'));
  const session = await openSession(vantage, {}, new AbortController().signal);
  const { engine, facts } = session;
  t.is(engine, contestant.engine);
  t.true(facts.addresses?.includes(source) && facts.addresses.includes('fd00::11'));
  t.true(facts.listeners?.some(({ address, port }) => address === '0.0.0.0' && port === 22));
  t.true(facts.routes?.some(({ destination: to, gateway }) => to === '10.20.0.0' && gateway === router));
  t.true(facts.routes?.some(({ destination: to, prefixLength }) => to === 'fd00::' && prefixLength === 64));

  const targets = Object.entries(planted);
  const items: SweepItem[] = targets.map(([target, answers], id) => item(id, target, Object.values(answers).join(',')));
  const names = [item(100, 'dst', '20000'), item(101, 'nowhere.invalid', '1'), { ...item(102, 'far', '1'), ports: [] }];
  const events = await sweepAll(session, items);
  const named = await sweepAll(session, names);
  await session.close();

  t.deepEqual(sorted(finalAnswers(events)), sorted(expected(contestant)));
  t.deepEqual(finalAnswers(named), { [destination]: { connected: '20000' } });
  const resolved = named.flatMap((event) => (event.type === 'resolved' ? [[event.item, event.addresses]] : []));
  t.deepEqual(Object.fromEntries(resolved), { 100: [destination], 102: [far] });
  t.deepEqual(
    named.flatMap((event) => (event.type === 'name-failure' ? [event.item] : [])),
    [101],
  );
  const probes = items.reduce((sum, { ports }) => sum + count(ports), 0);
  t.is(progress(events), probes);
  t.true(
    events.some((event) => event.type === 'latency' && event.address === destination && event.histogram.minUs > 0),
  );
  await vantage.close();
  t.deepEqual(lab.host('src').processes({ sessions: false }), [], 'nothing of ours is left on the node');
}

async function plant(lab: Lab): Promise<void> {
  const [from, to] = [lab.host('src').machine, lab.host('dst').machine];
  await from.ip([
    'addr add fd00::11/64 dev east nodad',
    `route add 10.99.0.0/24 via ${router}`,
    'route add prohibit 10.98.0.1/32',
    'route add blackhole 10.98.0.2/32',
  ]);
  await to.ip(['addr add fd00::12/64 dev east nodad']);
  await lab.listen('dst', { '0.0.0.0': '20000-20049', 'fd00::12': '20000' });
  await lab.listen('far', { '0.0.0.0': '20000' });
  const overIpv6 = 'add rule inet lab input meta nfproto ipv6 tcp dport';
  await drop(to, { ports: '30000-30001' });
  await to.run(
    'nft',
    ['-f', '-'],
    `${overIpv6} 24000 reject with icmpv6 type port-unreachable
    ${overIpv6} 25000 reject with icmpv6 type admin-prohibited\n`,
  );
  await reject(to, { ports: '23000-23999' }, 'tcp-reset');
  await reject(to, { ports: '24000-24001' }, 'port-unreachable');
  await reject(to, { ports: '25000-25001' }, 'host-prohibited');
  await reject(to, { ports: '26000-26001' }, 'admin-prohibited');
  await reject(lab.router, { chain: 'forward', ports: '24000' }, 'port-unreachable');
  await reject(lab.router, { chain: 'forward', ports: '25000' }, 'host-prohibited');
  await reject(from, { chain: 'output', ports: '27000' }, 'host-prohibited');
}

function expected(contestant: Contestant): Record<string, Record<string, string>> {
  const seen = blindness[contestant.blindness];
  return Object.fromEntries(
    Object.entries(planted).map(([target, answers]) => {
      const merged: Record<string, string> = {};
      for (const [answer, ports] of Object.entries(answers)) {
        const text = seen(answer);
        merged[text] = merged[text] === undefined ? ports : `${merged[text]},${ports}`;
      }
      return [target, merged];
    }),
  );
}

function sorted(answers: Record<string, Record<string, string>>): Record<string, Record<string, PortSet>> {
  return Object.fromEntries(
    Object.entries(answers)
      .map(([address, byAnswer]): [string, Record<string, PortSet>] => [
        address,
        Object.fromEntries(
          Object.entries(byAnswer)
            .map(([answer, ports]): [string, PortSet] => [answer, parsePorts(ports)!])
            .sort(([a], [b]) => a.localeCompare(b)),
        ),
      ])
      .sort(([a], [b]) => a.localeCompare(b)),
  );
}

function item(id: number, target: string, ports: string): SweepItem {
  return { id, target, ports: parsePorts(ports)!, allowOwnAddress: false };
}

function count(ports: PortSet): number {
  return ports.reduce((sum, [first, last]) => sum + last - first + 1, 0);
}

function progress(events: readonly SweepEvent[]): number {
  return events.reduce((sum, event) => sum + (event.type === 'progress' ? event.probes : 0), 0);
}
