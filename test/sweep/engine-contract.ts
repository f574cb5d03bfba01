import type { ExecutionContext } from 'ava';
import type { EngineName } from '#src/model/engine.js';
import { type PortSet, parsePorts } from '#src/model/port-set.js';
import type { SweepEvent, SweepItem } from '#src/model/sweep.js';
import { type BlindSpot, blindSpots } from '#src/sweep/blind-spots.js';
import { openSession } from '#src/sweep/session.js';
import { drop, reject } from '../lab/filter.js';
import type { InterpreterName } from '../lab/interpreters.js';
import { createLab, type Lab } from '../lab/lab.js';
import type { Machine } from '../lab/machine.js';
import { finalAnswers, sweepAll } from './final-answers.js';
import { logIn } from './lab-vantage.js';

const [source, destination, far, router] = ['10.10.0.11', '10.10.0.12', '10.20.0.11', '10.10.0.1'];
const overIpv6 = { source: 'fd00::11', destination: 'fd00::12', far: 'fd01::11', router: 'fd00::1' };

/** Every ICMP error that nft can reject with, by port: its name there, and what a connect makes of it. */
const icmp = {
  24000: ['port-unreachable', 'ECONNREFUSED 4/3/3'],
  24001: ['host-prohibited', 'EHOSTUNREACH 4/3/10'],
  24002: ['admin-prohibited', 'EHOSTUNREACH 4/3/13'],
  24003: ['net-prohibited', 'ENETUNREACH 4/3/9'],
  24004: ['net-unreachable', 'ENETUNREACH 4/3/0'],
  24005: ['host-unreachable', 'EHOSTUNREACH 4/3/1'],
  24006: ['prot-unreachable', 'ENOPROTOOPT 4/3/2'],
} as const;
const icmpv6 = {
  24000: ['port-unreachable', 'ECONNREFUSED 6/1/4'],
  24001: ['admin-prohibited', 'EACCES 6/1/1'],
  24002: ['policy-fail', 'EACCES 6/1/5'],
  24003: ['reject-route', 'EACCES 6/1/6'],
  24004: ['no-route', 'ENETUNREACH 6/1/0'],
  24005: ['addr-unreachable', 'EHOSTUNREACH 6/1/3'],
} as const;

function rejected(codes: typeof icmp | typeof icmpv6, sender: string): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(codes).map(([port, [, answer]]) => [`${answer} from ${sender}`, port]));
}

/**
 * What is planted and what an engine that sees everything says of it: by target, by answer, the ports. `at once` marks
 * errors that connect itself returned.
 */
const planted: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  [destination]: {
    connected: '20000-20049',
    ECONNREFUSED: '21000-23999',
    silence: '27001,30000-30001',
    ...rejected(icmp, destination),
    [`EHOSTUNREACH 4/3/10 from ${source}`]: '27000',
  },
  [far]: { connected: '20000', ECONNREFUSED: '26000', ...rejected(icmp, router) },
  [overIpv6.destination]: {
    connected: '20000',
    ECONNREFUSED: '21000',
    silence: '30000',
    ...rejected(icmpv6, overIpv6.destination),
  },
  [overIpv6.far]: { ECONNREFUSED: '26000', ...rejected(icmpv6, overIpv6.router) },
  'fe80::12%east': { connected: '20000', ECONNREFUSED: '21000' },
  '10.10.0.200': { [`EHOSTUNREACH 4/3/1 from ${source}`]: '1-2' },
  'fd00::200': { [`EHOSTUNREACH 6/1/3 from ${overIpv6.source}`]: '1' },
  '192.0.2.1': { 'ENETUNREACH at once': '1-3' },
  '2001:db8::1': { 'ENETUNREACH at once': '1' },
  '10.98.0.1': { 'EACCES at once': '1' },
  '10.98.0.2': { 'EINVAL at once': '1' },
  '10.98.0.3': { 'EHOSTUNREACH at once': '1' },
  [source]: { 'untried own-address': '1-10' },
};

/** What an engine may say instead of a full answer, by the blind spot that excuses it. */
const excuses: Partial<Record<BlindSpot, (answer: string) => string>> = {
  'immediate-errors': (answer) => answer.replace(/^.* at once$/, 'untried engine-failed'),
  'icmp-type-and-sender': (answer) => answer.replace(/ \d\/\d+\/\d+ from .*/, ''),
  'refusal-or-port-unreachable': (answer) => answer.replace(/^ECONNREFUSED .*/, 'ECONNREFUSED'),
};

/** How long the name server takes: no hosts file, and no engine's other unit of time, is so slow. */
const nameServerMs = 300;

function visible(answer: string, blindTo: readonly BlindSpot[]): string {
  return blindTo.reduce((text, name) => excuses[name]?.(text) ?? text, answer).replace(' at once', '');
}

export interface Contestant {
  readonly engine: EngineName;
  readonly interpreters: readonly InterpreterName[];
  readonly sshd?: readonly string[];
  readonly programs?: Readonly<Record<string, string>>;
}

/** Plants every kind of answer around a node of the lab, and holds the engine to what it must see of each. */
export async function holdToContract(t: ExecutionContext, contestant: Contestant): Promise<void> {
  const { interpreters, sshd = [], programs = {} } = contestant;
  const lab = await createLab({
    hosts: { src: { interpreters, sshd, programs }, dst: {}, far: { networks: ['west'] } },
  });
  t.teardown(() => lab.close());
  await plant(lab);
  const from = lab.host('src').machine;
  const vantage = await logIn(t, lab, lab.host('src'));
  const session = await openSession(vantage, {}, new AbortController().signal);
  const { engine, facts } = session;
  t.is(engine, contestant.engine);
  const blindTo = Object.entries(blindSpots).flatMap(([name, sentence]) =>
    session.blindSpots.includes(sentence) ? [name as BlindSpot] : [],
  );
  t.is(blindTo.length, session.blindSpots.length, 'every blind spot has a name');
  t.true(facts.addresses?.includes(source) && facts.addresses.includes('fd00::11'));
  t.true(facts.listeners?.some(({ address, port }) => address === '0.0.0.0' && port === 22));
  t.true(facts.routes?.some(({ destination: to, gateway }) => to === '10.20.0.0' && gateway === router));
  t.true(facts.routes?.some(({ destination: to, prefixLength }) => to === 'fd00::' && prefixLength === 64));

  const targets = Object.entries(planted);
  const items: SweepItem[] = targets.map(([target, answers], id) => item(id, target, Object.values(answers).join(',')));
  const names = [
    item(100, 'dst', '20000'),
    item(101, 'nowhere.invalid', '1'),
    { ...item(102, 'far', '1'), ports: [] },
    item(103, 'both', '20000'),
    { ...item(104, 'slow.example', '1'), ports: [] },
  ];
  await lab.serveNames('dst', destination, nameServerMs);
  lab.host('src').setNameServer(destination);
  lab.host('src').setNames([`${destination} dst`, `${far} far`, `${destination} both`, `${overIpv6.destination} both`]);
  const events = await sweepAll(session, items);
  const named = await sweepAll(session, names);
  await exhaustPorts(lab);
  const exhausted = await sweepAll(session, [item(0, destination, '21000-21002')]);
  await from.run('sh', ['-c', 'echo 32768 60999 >/proc/sys/net/ipv4/ip_local_port_range']);
  await from.run('sh', ['-c', 'echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6']);
  const withoutIpv6 = await sweepAll(session, [item(0, overIpv6.destination, '20000-20001')]);
  await session.close();

  t.deepEqual(sorted(finalAnswers(events)), sorted(expected(blindTo)));
  t.deepEqual(finalAnswers(named), {
    [destination]: { connected: '20000' },
    [overIpv6.destination]: { connected: '20000' },
  });
  t.deepEqual(finalAnswers(exhausted), {
    [destination]: { [visible('untried out-of-sockets at once', blindTo)]: '21000-21002' },
  });
  t.deepEqual(finalAnswers(withoutIpv6), {
    [overIpv6.destination]: { [visible('EADDRNOTAVAIL at once', blindTo)]: '20000-20001' },
  });
  const resolved = named.flatMap((event) =>
    event.type === 'resolved' ? [[event.item, [...event.addresses].sort()]] : [],
  );
  t.deepEqual(Object.fromEntries(resolved), {
    100: [destination],
    102: [far],
    103: [destination, overIpv6.destination],
    104: [destination],
  });
  const times = named.flatMap((event) => (event.type === 'resolved' ? [[event.item, event.resolveMs] as const] : []));
  if (blindTo.includes('no-times')) t.true(times.every(([, ms]) => ms === undefined));
  else
    for (const [id, ms = -1] of times)
      t.true(ms >= (id === 104 ? nameServerMs - 1 : 0) && ms < 8000, `${id}: ${ms} ms`);
  t.deepEqual(
    named.flatMap((event) => (event.type === 'name-failure' ? [event.item] : [])),
    [101],
  );
  const probes = items.reduce((sum, { ports }) => sum + count(ports), 0);
  t.is(progress(events), probes);
  t.is(
    events.some((event) => event.type === 'latency' && event.address === destination && event.histogram.minUs > 0),
    !blindTo.includes('no-times'),
  );
  await vantage.close();
  t.deepEqual(lab.host('src').processes({ sessions: false }), [], 'nothing of ours is left on the node');
}

async function plant(lab: Lab): Promise<void> {
  const [from, to, beyond] = [lab.host('src').machine, lab.host('dst').machine, lab.host('far').machine];
  await from.ip([
    `addr add ${overIpv6.source}/64 dev east nodad`,
    'addr add fe80::11/64 dev east nodad',
    `route add fd01::/64 via ${overIpv6.router}`,
    'route add prohibit 10.98.0.1/32',
    'route add blackhole 10.98.0.2/32',
    'route add unreachable 10.98.0.3/32',
  ]);
  await to.ip([`addr add ${overIpv6.destination}/64 dev east nodad`, 'addr add fe80::12/64 dev east nodad']);
  await beyond.ip([`addr add ${overIpv6.far}/64 dev west nodad`, 'route add fd00::/64 via fd01::1']);
  await lab.router.ip([`addr add ${overIpv6.router}/64 dev east nodad`, 'addr add fd01::1/64 dev west nodad']);
  await lab.router.run('sh', ['-c', 'echo 1 >/proc/sys/net/ipv6/conf/all/forwarding']);
  await lab.listen('dst', { '0.0.0.0': '20000-20049', [overIpv6.destination]: '20000', 'fe80::12%east': '20000' });
  await lab.listen('far', { '0.0.0.0': '20000' });
  await drop(to, { ports: '30000-30001' });
  await drop(from, { chain: 'output', ports: '27001' });
  await reject(from, { chain: 'output', ports: '27000' }, 'host-prohibited');
  await reject(to, { ports: '23000-23999' }, 'tcp-reset');
  await rejectInEveryWay(to, 'input');
  await rejectInEveryWay(lab.router, 'forward');
}

/** Answers with every ICMP error, each on its port, and as often as it is asked: Linux would limit the rate. */
async function rejectInEveryWay(machine: Machine, chain: 'input' | 'forward'): Promise<void> {
  const unlimited = ['ipv4/icmp_ratelimit', 'ipv6/icmp/ratelimit'].map((name) => `echo 0 >/proc/sys/net/${name}`);
  await machine.run('sh', ['-c', unlimited.join('; ')]);
  const rules = [
    ...Object.entries(icmp).map(([port, [type]]) => ['ipv4', port, `icmp type ${type}`]),
    ...Object.entries(icmpv6).map(([port, [type]]) => ['ipv6', port, `icmpv6 type ${type}`]),
  ].map(([family, port, type]) => `meta nfproto ${family} tcp dport ${port} reject with ${type};`);
  const hook = `type filter hook ${chain} priority 1;`;
  await machine.run('nft', ['-f', '-'], `table inet errors { chain ${chain} { ${hook} ${rules.join('\n')} }; }\n`);
}

/** Leaves the source without a port to connect from: those that the kernel may choose are all listened on. */
async function exhaustPorts(lab: Lab): Promise<void> {
  await lab.listen('src', { '0.0.0.0': '50000-50001' });
  const { machine } = lab.host('src');
  await machine.run('sh', ['-c', 'echo 50000 50001 >/proc/sys/net/ipv4/ip_local_port_range']);
}

function expected(blindTo: readonly BlindSpot[]): Record<string, Record<string, string>> {
  return Object.fromEntries(
    Object.entries(planted).map(([target, answers]) => {
      const merged: Record<string, string> = {};
      for (const [answer, ports] of Object.entries(answers)) {
        const text = visible(answer, blindTo);
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
