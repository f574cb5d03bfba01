import type { EngineName } from '#src/model/engine.js';
import type { NodeSession, SweepEvent } from '#src/model/sweep.js';
import { ladder } from '#src/sweep/engines.js';
import { openSession } from '#src/sweep/session.js';
import { drop } from '../lab/filter.js';
import type { HostSpec } from '../lab/host.js';
import { python2Prefix } from '../lab/interpreters.js';
import { writeInventory } from '../lab/inventory.js';
import { createLab, type Lab } from '../lab/lab.js';
import { runPortolan } from '../lab/portolan.js';
import { type Borrower, logIn } from '../sweep/lab-vantage.js';
import { compileFloor } from './floor.js';
import { atLeast, atMost, count, inTurns, type Limit, type Measurement, milliseconds } from './measure.js';

const target = '10.10.0.12';
/** What the target does with each range. */
const ranges = { open: [20000, 23999], refused: [30000, 37999] } as const;
type Kind = keyof typeof ranges;
const droppedPorts = '40000-41000';
/** The least share of the C loop's connects per second, and the least connects per second. */
const leastShare: Partial<Record<string, number>> = { python: 0.8, perl: 0.8 };
const leastRate: Partial<Record<string, number>> = { dial: 5000, bash: 1000 };
const mostDroppedMs = 5000;

type Run = (kind: Kind) => Promise<void>;

/** Connects per second from one host of the lab to another, by each engine and by a loop in C; and a dropped range. */
export async function measureEngines(rounds = 5): Promise<readonly Measurement[]> {
  const withPython2 = python2Prefix() !== undefined;
  const old: Record<string, HostSpec> = withPython2 ? { old: { interpreters: ['python2'] } } : {};
  const lab = await createLab({ hosts: { src: {}, dst: {}, ...old } });
  const endings: (() => Promise<void>)[] = [() => lab.close()];
  const borrower: Borrower = { log: console.error, teardown: (action) => void endings.unshift(action) };
  try {
    const listeners = await lab.listen('dst', { '0.0.0.0': ranges.open.join('-') });
    // The kernel goes on accepting: what is measured is the engines, not the listeners.
    listeners.freeze();
    const runs: Record<string, { readonly engine?: EngineName; readonly run: Run }> = {};
    const floor = await byFloor(lab);
    if (floor === undefined)
      console.error('engines: no C compiler, so nothing to compare with: the ratios are left out');
    else runs.C = { run: floor };
    // A process for each connect: some hundred a second, for which these ranges are too long.
    for (const { name: engine } of ladder)
      if (engine !== 'nc') runs[engine] = { engine, run: await sweeps(borrower, lab, 'src', engine) };
    if (withPython2) runs['python 2.7'] = { run: await sweeps(borrower, lab, 'old', 'python') };
    const rows: Measurement[] = [];
    for (const kind of ['open', 'refused'] as const) {
      const actions = Object.entries(runs).map(([name, { run }]) => [name, () => run(kind)] as const);
      const times = await inTurns(rounds, Object.fromEntries(actions));
      for (const [name, { engine }] of Object.entries(runs)) rows.push(row(name, engine, kind, times));
    }
    return [...rows, await dropped(lab)];
  } finally {
    for (const end of endings) await end();
  }
}

function row(
  name: string,
  engine: EngineName | undefined,
  kind: Kind,
  times: Readonly<Record<string, number>>,
): Measurement {
  const [first, last] = ranges[kind];
  const rate = (last - first + 1) / (times[name]! / 1000);
  const share = times.C === undefined ? undefined : times.C / times[name]!;
  const figures = { 'connects a second': count(rate), 'of C’s': share?.toFixed(2) ?? '' };
  const limit = limitOf(engine, rate, share);
  return { what: `${count(last - first + 1)} ports ${kind}: ${name}`, figures, ...(limit && { limit }) };
}

function limitOf(engine: EngineName | undefined, rate: number, share: number | undefined): Limit | undefined {
  if (engine === undefined) return undefined;
  const [lowestShare, lowestRate] = [leastShare[engine], leastRate[engine]];
  if (lowestShare !== undefined && share !== undefined) return atLeast(share, lowestShare);
  return lowestRate === undefined ? undefined : atLeast(rate, lowestRate, ' a second');
}

async function byFloor(lab: Lab): Promise<Run | undefined> {
  const program = await compileFloor(lab.folder);
  if (program === undefined) return undefined;
  return async (kind) => {
    const output = await lab.host('src').machine.run(program, [target, ...ranges[kind].map(String), '4096', '3500']);
    const [open, refused] = output.split(' ').map(Number);
    demand('C', kind, { open: open!, refused: refused! });
  };
}

async function sweeps(borrower: Borrower, lab: Lab, host: string, engine: EngineName): Promise<Run> {
  const vantage = await logIn(borrower, lab, lab.host(host));
  const signal = new AbortController().signal;
  const session: NodeSession = await openSession(vantage, { engine }, signal);
  borrower.teardown(() => session.close());
  if (session.engine !== engine) throw new Error(`${engine} did not start on ${host}`);
  return async (kind) => {
    const found = { open: 0, refused: 0 };
    const note = (event: SweepEvent) => {
      if (event.type !== 'answers') return;
      const ports = event.ports.reduce((sum, [first, last]) => sum + last - first + 1, 0);
      if (event.answer.kind === 'connected') found.open += ports;
      else if (event.answer.kind === 'error' && event.answer.errno === 'ECONNREFUSED') found.refused += ports;
    };
    const item = { id: 0, target, ports: [ranges[kind]], allowOwnAddress: false };
    await session.sweep([item], { rate: 0, timeoutMs: 3500, seed: 7 }, note, signal);
    demand(engine, kind, found);
  };
}

function demand(name: string, kind: Kind, found: Readonly<Record<Kind, number>>): void {
  const [first, last] = ranges[kind];
  if (found[kind] !== last - first + 1) throw new Error(`${name}: ${found[kind]} of ${last - first + 1} ports ${kind}`);
}

/** The whole of `portolan check` over the Exasol range, dropped by the target's firewall. */
async function dropped(lab: Lab): Promise<Measurement> {
  await drop(lab.host('dst').machine, { ports: droppedPorts });
  const exasol = { ports: { subconnection: droppedPorts } };
  writeInventory(lab, { roles: { src: ['exasol-node'], dst: ['exasol-node'] }, scenarios: { exasol } });
  const args = ['check', '-i', 'inventory.json', '--flow', 'exasol/subconnections', '--from', 'src', '--rate', '0'];
  const { wall } = await inTurns(1, {
    wall: async () => {
      const { code, stdout, stderr } = await runPortolan(lab, args);
      if (code !== 1 || !stdout.includes('timeout')) throw new Error(`portolan: exit ${code}\n${stdout}${stderr}`);
    },
  });
  const figures = { 'wall time': milliseconds(wall) };
  return { what: '1,001 ports dropped: portolan check', figures, limit: atMost(wall, mostDroppedMs, ' ms') };
}
