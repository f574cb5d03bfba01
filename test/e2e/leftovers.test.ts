import type { ExecutionContext } from 'ava';
import { hasPort, parsePorts } from '#src/model/port-set.js';
import type { LabHost } from '../lab/host.js';
import { writeInventory } from '../lab/inventory.js';
import { createLab, type Lab } from '../lab/lab.js';
import { labTest } from '../lab/lab-test.js';
import { type LabSocket, sockets } from '../lab/sockets.js';
import { type Checked, preflight, writeScenario } from './check.js';

/** How often each ending is tried, at a moment chosen at random. */
const repetitions = Number(process.env.PORTOLAN_REPETITIONS ?? 2);

/** Milliseconds: longer than a whole run takes. */
const latestMoment = 5000;
const withinMs = 10_000;
const perRepetitionMs = 60_000;

const documentedText = '8563,8564,20000-20300';
const documented = parsePorts(documentedText)!;

async function meshLab(t: ExecutionContext): Promise<Lab> {
  const lab = await createLab({
    hosts: {
      py: { interpreters: ['python3'] },
      all: {},
      pl: { interpreters: ['perl'] },
      dial: { interpreters: [] },
    },
  });
  t.teardown(() => lab.close());
  const flows = {
    client: { from: 'node', to: 'node', port: '8563-8564', expect: 'open' },
    mesh: { from: 'node', to: 'node', port: '20000-20300', expect: 'reachable' },
    outside: { from: 'outside', to: 'node', port: '8563', expect: 'open' },
  } as const;
  writeInventory(lab, {
    roles: { py: ['node'], all: ['node'], pl: ['node'], dial: ['outside'] },
    scenarios: writeScenario(lab, flows),
  });
  return lab;
}

interface Running {
  readonly lab: Lab;
  readonly signal: (name: NodeJS.Signals) => void;
  readonly ended: () => boolean;
}

interface Ending {
  readonly title: string;
  /** Brings it about, and gives the nodes that are to be rid of us at once; the others are once the run has ended. */
  readonly end: (running: Running) => Promise<readonly LabHost[]>;
  /** Whether sshd still serves the vanished peer. */
  readonly sessionsStay?: boolean;
  readonly mend?: (lab: Lab) => Promise<void>;
  readonly judge: (t: ExecutionContext, finished: Checked, what: string) => void;
}

function isWhole(t: ExecutionContext, { code, report, stderr }: Checked, what: string): void {
  t.is(code, 0, `${what}: ${stderr}`);
  t.false(report?.run.interrupted, what);
  t.is(report?.summary.checks.pass, report?.checks.length, `${what}: ${JSON.stringify(report?.checks)}`);
}

/** What is not known is not claimed: whatever else is unknown, no path failed here. */
function isPartial(t: ExecutionContext, { report, stdout }: Checked, what: string): void {
  t.is(report?.summary.checks.fail, 0, `${what}: ${JSON.stringify(report)}`);
  t.regex(stdout, /mesh/, what);
}

const endings: readonly Ending[] = [
  { title: 'a normal end', end: async () => [], judge: isWhole },
  {
    title: 'Ctrl-C',
    end: async ({ lab, signal }) => {
      signal('SIGINT');
      return lab.hosts;
    },
    judge: (t, finished, what) => {
      if (finished.code === 0) return isWhole(t, finished, what);
      // Before it has begun to run, the signal ends node itself.
      if (finished.code === null) return t.is(finished.report, undefined, what);
      t.is(finished.code, 130, `${what}: ${finished.stderr}`);
      t.true(finished.report?.run.interrupted, what);
      t.false(finished.report?.run.complete, what);
      isPartial(t, finished, what);
    },
  },
  {
    title: 'SIGKILL of the controller',
    end: async ({ lab, signal }) => {
      signal('SIGKILL');
      return lab.hosts;
    },
    judge: (t, { code }, what) => t.true(code === null || code === 0, `${what}: ${code}`),
  },
  {
    title: 'the loss of the controller’s own link',
    end: async ({ lab }) => {
      await lab.unplugController();
      return lab.hosts;
    },
    sessionsStay: true,
    mend: (lab) => lab.plugController(),
    judge: (t, finished, what) => {
      if (finished.code === 0) return isWhole(t, finished, what);
      t.is(finished.code, 3, `${what}: ${finished.stderr}`);
      t.false(finished.report?.run.interrupted, what);
      isPartial(t, finished, what);
      t.true(finished.durationMs < 30_000, `${what}: ${finished.durationMs} ms`);
    },
  },
  {
    title: 'SIGKILL of one node’s sshd sessions',
    end: async ({ lab }) => {
      const host = lab.hosts[Math.floor(Math.random() * lab.hosts.length)]!;
      host.killSessions();
      return [host];
    },
    judge: (t, finished, what) => {
      if (finished.code === 0) return isWhole(t, finished, what);
      t.is(finished.code, 3, `${what}: ${finished.stderr}`);
      t.false(finished.report?.run.interrupted, what);
      isPartial(t, finished, what);
    },
  },
];

/** What is there of ours on a node, in words; nothing where there is nothing. */
async function leftovers(host: LabHost, sessions: boolean): Promise<readonly string[]> {
  const open = (await sockets(host.machine)).filter(isOurs);
  return [
    ...host.processes({ sessions }).map(({ pid, command }) => `process ${pid} ${command.slice(0, 80)}`),
    ...open.map((it) => `${it.state} ${it.localAddress}:${it.localPort} from ${it.remoteAddress}:${it.remotePort}`),
  ];
}

/**
 * A listener, anything on a documented port, TIME_WAIT and other remnants among it, and a connection to one. Who connected is
 * the one to wait in TIME_WAIT, where nothing is in anybody's way.
 */
function isOurs({ state, localPort, remotePort }: LabSocket): boolean {
  if (state === 'listening') return localPort !== 22;
  return hasPort(documented, localPort) || (state !== 'time-wait' && hasPort(documented, remotePort));
}

/** Fails unless the node is rid of us within ten seconds of now. */
async function vanishes(t: ExecutionContext, host: LabHost, sessions: boolean, what: string): Promise<number> {
  const began = performance.now();
  for (;;) {
    const left = await leftovers(host, sessions);
    const spent = performance.now() - began;
    if (left.length === 0) return spent;
    if (spent > withinMs) {
      t.fail(`${what}: on ${host.name} after ${Math.round(spent)} ms: ${left.slice(0, 10).join('; ')}`);
      return spent;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function endOnce(t: ExecutionContext, lab: Lab, ending: Ending, number: number): Promise<void> {
  const moment = Math.round(Math.random() * latestMoment);
  const what = `${ending.title}, repetition ${number}, ${moment} ms after the start`;
  let gone: Promise<number[]> | undefined;
  let over = false;
  const sessions = ending.sessionsStay !== true;
  const running = preflight(lab, ['--rate', '400'], {
    whileRunning: async ({ signal }) => {
      await new Promise((resolve) => setTimeout(resolve, moment));
      const hosts = await ending.end({ lab, signal, ended: () => over });
      // Counted from the ending, not from the end of the run.
      gone = Promise.all(hosts.map((host) => vanishes(t, host, sessions, what)));
    },
  });
  const finished = await running;
  over = true;
  const times = await gone;
  await ending.mend?.(lab);
  await Promise.all(lab.hosts.map((host) => vanishes(t, host, true, what)));
  t.log(`${what}: code ${finished.code} after ${Math.round(finished.durationMs)} ms; gone ${times?.map(Math.round)}`);
  ending.judge(t, finished, what);
}

for (const ending of endings) {
  labTest(`preflight leaves nothing on any node after ${ending.title}`, async (t) => {
    t.timeout(repetitions * perRepetitionMs);
    const lab = await meshLab(t);
    for (let number = 1; number <= repetitions; number += 1) await endOnce(t, lab, ending, number);
  });
}
