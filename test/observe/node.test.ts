import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import test from 'ava';
import type { ConnectThrough, Dialogue } from '#src/model/dialogue.js';
import type { Host } from '#src/model/inventory.js';
import { noFacts } from '#src/model/observation.js';
import type { DialogueItem, Plan, VantageWork, WorkItem } from '#src/model/plan.js';
import { formatPorts, noPorts, parsePorts, singlePort } from '#src/model/port-set.js';
import type { NodeSession, SweepEvent, SweepItem } from '#src/model/sweep.js';
import { DialFailure, type Vantage, VantageFailure } from '#src/model/vantage.js';
import { type ObserveDependencies, observe } from '#src/observe/observe.js';
import { serviceNamed } from '../service.js';

const quiet = new AbortController().signal;
const options = { rate: 0, totalRate: 0, timeoutMs: 200, seed: 1, parallel: 8, mysqlUser: 'nobody' };

const unlimited = { take: async () => () => {}, tryTake: () => 0 };

function host(name: string): Host {
  const nothing = { addresses: new Map(), roles: [], cluster: undefined, facts: new Map() };
  const ports = { ports: new Map(), services: new Map() };
  return { kind: 'host', name, address: '10.0.0.1', ...nothing, ...ports, transport: 'local', ssh: {}, sudo: false };
}

const item = (target: string, ports: string, unlessOpen = ''): WorkItem => ({
  target,
  ports: parsePorts(ports)!,
  allowOwnAddress: false,
  unlessOpen: unlessOpen === '' ? noPorts : parsePorts(unlessOpen)!,
});

const mysql = (target: string, allowOwnAddress = false): DialogueItem => ({
  target,
  ports: parsePorts('3306')!,
  service: serviceNamed('mysql'),
  allowOwnAddress,
  sweptFirst: false,
  unlessOpen: noPorts,
  anyPort: false,
  sshd: undefined,
});

const web = (target: string, ports: string, more: Partial<DialogueItem> = {}): DialogueItem => ({
  ...mysql(target),
  ports: parsePorts(ports)!,
  service: serviceNamed('http'),
  sweptFirst: true,
  ...more,
});

/** A node in memory: open are the ports named, everything else is refused, and names resolve to 10.0.0.7. */
class Node {
  readonly swept: string[] = [];
  readonly dialled: string[] = [];
  closed = 0;
  open = '';
  /** What names resolve to. */
  addresses: readonly string[] = ['10.0.0.7'];
  lose: (failure: VantageFailure) => void = () => {};
  during: () => Promise<void> = async () => {};

  readonly vantage: Vantage = {
    host: 'node',
    transport: 'local',
    lost: new Promise((resolve) => {
      this.lose = resolve;
    }),
    exec: () => Promise.reject(new Error('not asked for')),
    forwards: async () => true,
    dial: async (address, port, _signal, onSent) => {
      onSent?.();
      if (address === '127.0.0.1') throw new DialFailure('refused', { kind: 'error', errno: 'ECONNREFUSED' });
      this.dialled.push(`${address}:${port}`);
      return new PassThrough();
    },
    close: async () => {
      this.closed += 1;
    },
  };

  readonly session: NodeSession = {
    engine: 'python',
    interpreter: undefined,
    blindSpots: [],
    asksTokens: false,
    facts: { ...noFacts, addresses: ['10.0.0.1'] },
    sweep: (items, _limits, onEvent) => this.#sweep(items, onEvent),
    setRate: () => {},
    close: async () => {
      this.closed += 1;
    },
  };

  async #sweep(items: readonly SweepItem[], onEvent: (event: SweepEvent) => void): Promise<void> {
    for (const { id, target, ports } of items) {
      this.swept.push(`${target} ${formatPorts(ports)}`);
      const isName = !target.startsWith('10.');
      const address = isName ? '10.0.0.7' : target;
      if (isName && this.addresses.length === 0) onEvent({ type: 'name-failure', item: id, detail: 'no such name' });
      else if (isName) onEvent({ type: 'resolved', item: id, addresses: this.addresses });
      if (ports.length === 0) continue;
      const isOpen = formatPorts(ports) === this.open;
      const answer = isOpen ? ({ kind: 'connected' } as const) : ({ kind: 'error', errno: 'ECONNREFUSED' } as const);
      onEvent({ type: 'answers', item: id, address, ports, answer });
    }
    await this.during();
  }
}

const talkative: Dialogue = {
  service: 'mysql',
  bareConnects: () => 'punished',
  guardedPorts: parsePorts('3306')!,
  speaks: () => true,
  converse: async () => ({ kind: 'dialogue', service: 'mysql', outcome: 'open', detail: 'greeted' }),
};

function run(
  work: Readonly<Record<string, Partial<VantageWork>>>,
  dependencies: Partial<ObserveDependencies>,
  signal: AbortSignal = quiet,
) {
  const members = new Map(Object.keys(work).map((name) => [name, host(name)]));
  const whole = {
    dialogues: new Map([
      ['mysql', talkative],
      ['http', { ...talkative, service: 'http' }],
    ]),
    preAuth: unlimited,
    materials: { file: () => Buffer.alloc(0), secret: () => '' },
    transcriptOf: () => ({ note() {}, sent() {}, received() {}, phase() {} }),
    onProgress: () => {},
    ...dependencies,
  };
  return observe(
    { members, probes: 0, controls: [] } as unknown as Plan,
    (own) => ({ host: own, sweep: [], ssh: [], dialogues: [], ...work[own.name] }),
    options,
    whole as ObserveDependencies,
    signal,
  );
}

const of = (node: Node) => ({ connect: async () => node.vantage, openSession: async () => node.session });

function answersOf(seen: Awaited<ReturnType<typeof run>>, name: string, target: string) {
  return seen.targets
    .get(name)
    ?.get(target)
    ?.addresses.flatMap(({ address, segments, spoken }) =>
      [...segments, ...spoken.map(({ answer, port }) => ({ answer, ports: singlePort(port) }))].map(
        ({ ports, answer }) => {
          const what = answer.kind === 'untried' ? answer.cause : answer.kind;
          return `${address} ${formatPorts(ports)} ${what}`;
        },
      ),
    );
}

const anyOf = [item('10.0.0.2', '62889'), item('10.0.0.2', '62890-62899', '62889')];

test('preferred ports are swept first, and the rest is left out when one of them is open', async (t) => {
  const node = new Node();
  node.open = '62889';
  await run({ n1: { sweep: anyOf } }, of(node));
  t.deepEqual(node.swept, ['10.0.0.2 62889']);
});

test('when no preferred port is open the rest is swept after them', async (t) => {
  const node = new Node();
  await run({ n1: { sweep: anyOf } }, of(node));
  t.deepEqual(node.swept, ['10.0.0.2 62889', '10.0.0.2 62890-62899']);
});

test('the name of a dialogue is resolved on the node, on the way, and its address spoken to', async (t) => {
  const node = new Node();
  const seen = await run({ n1: { sweep: [item('10.0.0.2', '1')], dialogues: [mysql('db')] } }, of(node));
  t.deepEqual(node.swept, ['10.0.0.2 1', 'db ']);
  t.deepEqual(node.dialled, ['10.0.0.7:3306']);
  t.deepEqual(answersOf(seen, 'n1', 'db'), ['10.0.0.7 3306 dialogue']);
});

test('a dialogue with the node’s own address is spoken only where the flow says so', async (t) => {
  const node = new Node();
  const seen = await run({ n1: { dialogues: [mysql('10.0.0.1')] } }, of(node));
  t.deepEqual(answersOf(seen, 'n1', '10.0.0.1'), ['10.0.0.1 3306 own-address']);
  t.deepEqual(node.dialled, []);
  await run({ n1: { dialogues: [mysql('10.0.0.1', true)] } }, of(node));
  t.deepEqual(node.dialled, ['10.0.0.1:3306']);
});

test('what a sweep finds open is asked who it is, what it does not is left alone', async (t) => {
  const node = new Node();
  node.open = '80';
  const sweep = [item('10.0.0.2', '80'), item('10.0.0.2', '81')];
  const seen = await run({ n1: { sweep, dialogues: [web('10.0.0.2', '80-81')] } }, of(node));
  t.deepEqual(node.dialled, ['10.0.0.2:80']);
  t.deepEqual(answersOf(seen, 'n1', '10.0.0.2'), [
    '10.0.0.2 80 connected',
    '10.0.0.2 81 error',
    '10.0.0.2 80 dialogue',
  ]);
});

const mute: Dialogue = {
  ...talkative,
  service: 'http',
  converse: async () => ({ kind: 'dialogue', service: 'http', outcome: 'mismatch', detail: 'another' }),
};

test('an open preferred port that is somebody else’s makes the others needed', async (t) => {
  const node = new Node();
  node.open = '62889';
  const any = { anyPort: true, unlessOpen: noPorts };
  const dialogues = [
    web('10.0.0.2', '62889', any),
    web('10.0.0.2', '62890-62899', { ...any, unlessOpen: parsePorts('62889')! }),
  ];
  await run({ n1: { sweep: anyOf, dialogues } }, of(node));
  t.deepEqual(node.swept, ['10.0.0.2 62889']);
  const wary = new Node();
  wary.open = '62889';
  await run({ n1: { sweep: anyOf, dialogues } }, { ...of(wary), dialogues: new Map([['http', mute]]) });
  t.deepEqual(wary.swept, ['10.0.0.2 62889', '10.0.0.2 62890-62899']);
});

test('where one port will do, the first that identifies itself ends the asking', async (t) => {
  const node = new Node();
  node.open = '100-199';
  const dialogues = [web('10.0.0.2', '100-199', { anyPort: true })];
  await run({ n1: { sweep: [item('10.0.0.2', '100-199')], dialogues } }, of(node));
  t.true(node.dialled.length < 100, `${node.dialled.length} of 100 were dialled`);
});

test('a dialogue with an sshd waits for its leave', async (t) => {
  const node = new Node();
  const asked: string[] = [];
  const preAuth = {
    ...unlimited,
    tryTake: (sshd: string) => {
      asked.push(sshd);
      t.deepEqual(node.dialled, []);
      return asked.length === 1 ? 5 : 0;
    },
  };
  const dialogues = [web('10.0.0.2', '22', { sweptFirst: false, sshd: '10.0.0.2:22' })];
  await run({ n1: { dialogues } }, { ...of(node), preAuth });
  t.deepEqual(asked, ['10.0.0.2:22', '10.0.0.2:22']);
  t.deepEqual(node.dialled, ['10.0.0.2:22']);
});

test('the phases of a dialogue are timed', async (t) => {
  const node = new Node();
  const spoken: Dialogue = {
    ...talkative,
    converse: async (stream, settings, context) => {
      context.transcript.phase('tls', 12.5);
      context.transcript.phase('firstByte', 3);
      context.transcript.phase('firstByte', 99);
      return talkative.converse(stream, settings, context);
    },
  };
  const seen = await run(
    { n1: { dialogues: [mysql('10.0.0.2')] } },
    { ...of(node), dialogues: new Map([['mysql', spoken]]) },
  );
  const { phases } = seen.targets.get('n1')!.get('10.0.0.2')!.addresses[0]!.spoken[0]!;
  t.like(phases, { tls: 12.5, firstByte: 3 });
  t.is(typeof phases.connect, 'number');
});

test('a lost connection keeps what is known, and what was not spoken to is untried', async (t) => {
  const node = new Node();
  node.during = async () => node.lose(new VantageFailure('the cable was cut'));
  const seen = await run({ n1: { sweep: [item('10.0.0.2', '1')], dialogues: [mysql('db')] } }, of(node));
  t.like(seen.vantages.get('n1'), { status: 'lost', error: 'the cable was cut', engine: 'python' });
  t.deepEqual(answersOf(seen, 'n1', '10.0.0.2'), ['10.0.0.2 1 error']);
  t.deepEqual(answersOf(seen, 'n1', 'db'), ['10.0.0.7 3306 connection-lost']);
});

test('a login that fails is a record of that host, and no business of the others', async (t) => {
  const good = new Node();
  const connect = async ({ name }: Host) => {
    if (name === 'bad') throw new VantageFailure('refused');
    return good.vantage;
  };
  const seen = await run({ bad: {}, good: { sweep: anyOf } }, { ...of(good), connect });
  t.like(seen.vantages.get('bad'), { status: 'failed', error: 'refused' });
  t.like(seen.vantages.get('good'), { status: 'ready' });
  t.false(seen.interrupted);
});

test('a run that is interrupted before the login says so, and closes what it had', async (t) => {
  const interrupt = new AbortController();
  const node = new Node();
  const openSession = async () => {
    interrupt.abort();
    throw interrupt.signal.reason;
  };
  const seen = await run({ n1: {} }, { ...of(node), openSession }, interrupt.signal);
  t.like(seen.vantages.get('n1'), {
    status: 'failed',
    error: 'the run was interrupted before the login was complete',
  });
  t.true(seen.interrupted);
  t.is(node.closed, 1);
});

test('a bug in the work of one node ends the others properly, and is thrown', async (t) => {
  const [broken, other] = [new Node(), new Node()];
  broken.during = async () => {
    await delay(50);
    throw new TypeError('a bug');
  };
  const slow: NodeSession = {
    ...other.session,
    sweep: async (_items, _limits, _onEvent, signal) => {
      if (!signal.aborted) await once(signal, 'abort');
    },
  };
  const running = run(
    { broken: { sweep: anyOf }, other: { sweep: anyOf } },
    {
      connect: async ({ name }) => (name === 'broken' ? broken : other).vantage,
      openSession: async (vantage) => (vantage === broken.vantage ? broken.session : slow),
    },
  );
  await t.throwsAsync(running, { instanceOf: TypeError, message: 'a bug' });
  t.deepEqual([broken.closed, other.closed], [2, 2]);
});

test('every host is logged in to once, sources and destinations alike', async (t) => {
  const logins: string[] = [];
  const connect = async ({ name }: Host) => {
    logins.push(name);
    return new Node().vantage;
  };
  const openSession = async () => new Node().session;
  await run({ n1: { sweep: anyOf, dialogues: [mysql('db'), mysql('10.0.0.9')] }, n2: {} }, { connect, openSession });
  t.deepEqual(logins.sort(), ['n1', 'n2']);
});

test('a host is swept from while another is still being logged in to', async (t) => {
  const [early, late] = [new Node(), new Node()];
  let tellSwept = () => {};
  const swept = new Promise<void>((resolve) => {
    tellSwept = resolve;
  });
  early.during = async () => tellSwept();
  const seen = await run(
    { early: { sweep: anyOf }, late: { sweep: anyOf } },
    {
      connect: async ({ name }) => {
        if (name === 'early') return early.vantage;
        // Logged in to only once the other has swept: a run that logs in to all before it sweeps would never end.
        await swept;
        return late.vantage;
      },
      openSession: async (vantage) => (vantage === early.vantage ? early.session : late.session),
    },
  );
  t.deepEqual(answersOf(seen, 'late', '10.0.0.2'), answersOf(seen, 'early', '10.0.0.2'));
  t.true(late.swept.length > 0);
});

const proxy = { host: 'proxy.example', port: 3128, authority: 'proxy.example:3128' };

test('what is behind a proxy is asked of the proxy, whose name alone is resolved', async (t) => {
  const node = new Node();
  const asked: string[] = [];
  const connectThrough: ConnectThrough = async (stream, { target, port }) => {
    asked.push(`${target}:${port}`);
    return { kind: 'tunnelled', stream };
  };
  const dialogues = [{ ...mysql('api.example'), via: proxy }];
  const seen = await run({ n1: { dialogues } }, { ...of(node), connectThrough });
  t.deepEqual([node.swept, node.dialled, asked], [['proxy.example '], ['10.0.0.7:3128'], ['api.example:3306']]);
  t.like(seen.targets.get('n1')?.get('api.example')?.addresses[0], {
    address: 'api.example',
    spoken: [{ port: 3306, service: 'mysql', via: { authority: 'proxy.example:3128', address: '10.0.0.7' } }],
  });
});

test('where nobody is to be spoken to, the proxy’s word is the answer', async (t) => {
  const answerOf = async (connectThrough: ConnectThrough) => {
    const node = new Node();
    const dialogues = [{ ...mysql('10.0.0.5'), service: undefined, via: { ...proxy, host: '10.0.0.9' } }];
    const seen = await run({ n1: { dialogues } }, { ...of(node), connectThrough });
    return seen.targets.get('n1')?.get('10.0.0.5')?.addresses[0]?.spoken[0];
  };
  t.like(await answerOf(async (stream) => ({ kind: 'tunnelled', stream })), {
    service: undefined,
    answer: { kind: 'connected' },
  });
  const refuses = (service: string) => ({ kind: 'dialogue', service, outcome: 'mismatch', detail: '403' }) as const;
  t.like(await answerOf(async () => ({ kind: 'failed', said: refuses })), {
    answer: { ...refuses('tcp'), problem: 'proxy' },
  });
});

test('of a proxy’s addresses the first that takes the connection is asked', async (t) => {
  const node = new Node();
  node.addresses = ['127.0.0.1', '10.0.0.8', '10.0.0.9'];
  const connectThrough: ConnectThrough = async (stream) => ({ kind: 'tunnelled', stream });
  const seen = await run({ n1: { dialogues: [{ ...mysql('api'), via: proxy }] } }, { ...of(node), connectThrough });
  t.deepEqual(node.dialled, ['10.0.0.8:3128']);
  t.deepEqual(answersOf(seen, 'n1', 'api'), ['api 3306 dialogue']);
});

test('a proxy whose name does not resolve is why nothing behind it was tried', async (t) => {
  const node = new Node();
  node.addresses = [];
  const seen = await run({ n1: { dialogues: [{ ...mysql('10.0.0.5'), via: proxy }] } }, of(node));
  t.deepEqual(node.dialled, []);
  t.is(seen.targets.get('n1')?.get('10.0.0.5')?.nameFailure, 'no such name');
});
