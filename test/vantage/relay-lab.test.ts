import type { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ExecutionContext } from 'ava';
import { DialFailure, type Vantage } from '#src/model/vantage.js';
import { createCommandTransport } from '#src/vantage/command.js';
import { drop, reject } from '../lab/filter.js';
import type { InterpreterName } from '../lab/interpreters.js';
import { createLab, type Lab } from '../lab/lab.js';
import { labTest } from '../lab/lab-test.js';
import { answerText } from '../sweep/final-answers.js';
import { logIn } from '../sweep/lab-vantage.js';
import { until } from '../until.js';
import { commandHost, context, never } from './fixtures.js';

const [source, destination] = ['10.10.0.11', '10.10.0.12'];

/** What is planted around a node, and what a dial that sees everything says of it. */
const planted: readonly (readonly [address: string, port: number, answer: string])[] = [
  [destination, 20000, 'connected'],
  [destination, 20001, 'silence'],
  [destination, 20002, 'ECONNREFUSED'],
  [destination, 23000, 'ECONNREFUSED'],
  [destination, 24000, `ECONNREFUSED 4/3/3 from ${destination}`],
  [destination, 25000, `EHOSTUNREACH 4/3/10 from ${destination}`],
  [destination, 26000, `EHOSTUNREACH 4/3/13 from ${destination}`],
  ['10.10.0.200', 1, `EHOSTUNREACH 4/3/1 from ${source}`],
  ['192.0.2.1', 1, 'ENETUNREACH at once'],
  ['10.98.0.1', 1, 'EACCES at once'],
  ['10.98.0.2', 1, 'EINVAL at once'],
];

/** Blind spots, by name. */
const blindness = {
  none: (answer: string) => answer.replace(' at once', ''),
  'no error queue': (answer: string) => answer.replace(/ \d\/\d+\/\d+ from .*| at once/, ''),
  'sshd hides immediate errors': (answer: string) =>
    answer.endsWith(' at once') ? 'untried engine-failed' : blindness['no error queue'](answer),
} as const;

interface Way {
  readonly interpreters: readonly InterpreterName[];
  readonly blindness: keyof typeof blindness;
  /** What has to run on the node then; undefined for a channel of sshd's. */
  readonly relay: RegExp | undefined;
}

const ways: Readonly<Record<string, Way>> = {
  'a channel': { interpreters: [], blindness: 'sshd hides immediate errors', relay: undefined },
  'a relay by python 3': { interpreters: ['python3'], blindness: 'none', relay: /python3? 3\./ },
  'a relay by python 2.7': { interpreters: ['python2'], blindness: 'none', relay: /python.* 2\.7/ },
  'a relay by perl': { interpreters: ['perl'], blindness: 'no error queue', relay: /perl/ },
  'a relay by bash': { interpreters: ['bash'], blindness: 'no error queue', relay: /bash/ },
};

async function labFor(t: ExecutionContext, interpreters: readonly InterpreterName[]): Promise<Lab> {
  const lab = await createLab({ hosts: { src: { interpreters }, dst: {} } });
  t.teardown(() => lab.close());
  return lab;
}

async function behindCommand(t: ExecutionContext, lab: Lab, name = 'src'): Promise<Vantage> {
  const command = ['nsenter', ...lab.host(name).machine.inside, 'sh'];
  const vantage = await createCommandTransport(context()).connect(commandHost(command, name), never);
  t.teardown(() => vantage.close());
  return vantage;
}

async function answerOf(vantage: Vantage, address: string, port: number, patienceMs: number): Promise<string> {
  const patience = new AbortController();
  const dialled = vantage.dial(address, port, patience.signal, () => {
    setTimeout(() => patience.abort(new Error('silence')), patienceMs);
  });
  return dialled.then(
    (stream) => {
      stream.destroy();
      return 'connected';
    },
    (error: Error) => (error instanceof DialFailure ? answerText(error.answer) : error.message),
  );
}

for (const [name, way] of Object.entries(ways))
  labTest(
    `a dial by ${name} says of every target what happened to the connect`,
    async (t) => {
      const lab = await labFor(t, way.interpreters);
      const [from, to] = [lab.host('src').machine, lab.host('dst').machine];
      await from.ip(['route add prohibit 10.98.0.1/32', 'route add blackhole 10.98.0.2/32']);
      await lab.listen('dst', { '0.0.0.0': '20000' });
      await drop(to, { ports: '20001' });
      await reject(to, { ports: '23000' }, 'tcp-reset');
      await reject(to, { ports: '24000' }, 'port-unreachable');
      await reject(to, { ports: '25000' }, 'host-prohibited');
      await reject(to, { ports: '26000' }, 'admin-prohibited');
      const vantage = way.relay === undefined ? await logIn(t, lab, lab.host('src')) : await behindCommand(t, lab);

      const seen = await Promise.all(planted.map(([address, port]) => answerOf(vantage, address, port, 5000)));
      t.deepEqual(
        seen,
        planted.map(([, , answer]) => blindness[way.blindness](answer)),
      );
      if (way.relay === undefined) return;
      t.regex(vantage.relay ?? '', way.relay);

      // What was given up is given up on the node too.
      const connecting = async () => / 02 0{8}:/.test((await from.runInside('cat', ['/proc/net/tcp'])).stdout);
      await until(async () => !(await connecting()), 5000, 'no connect is still under way');
      await vantage.close();
      const nothing = () => lab.host('src').processes({ sessions: false }).length === 0;
      await t.notThrowsAsync(until(nothing, 10_000, 'nothing of ours is left on the node'));
    },
    way.interpreters.includes('python2') ? { alsoNeeded: ['python2.7'] } : {},
  );

labTest('a relay ends when it hears nothing for 6 s, and one that hangs is found dead: its streams end', async (t) => {
  const lab = await createLab({
    hosts: {
      python: { interpreters: ['python3'] },
      perl: { interpreters: ['perl'] },
      bash: { interpreters: ['bash'] },
      hung: {},
      dst: {},
    },
  });
  t.teardown(() => lab.close());
  const target = lab.host('dst').address();
  await lab.listen('dst', { '0.0.0.0': '20000' });
  await drop(lab.host('dst').machine, { ports: '20001' });
  const relays = (name: string) =>
    lab
      .host(name)
      .processes({ sessions: false })
      // But for the shells that hold it, which have nothing to hear.
      .filter(({ command }) => command !== 'sh');

  const failures = ['python', 'perl', 'bash', 'hung'].map(async (name) => {
    const vantage = await behindCommand(t, lab, name);
    const stdins: Writable[] = [];
    const exec = vantage.exec.bind(vantage);
    vantage.exec = async (command) => {
      const running = await exec(command);
      stdins.push(running.stdin);
      return running;
    };
    const stream = await vantage.dial(target, 20000, never);
    const pending = vantage.dial(target, 20001, never).catch((error: DialFailure) => error.answer);
    await sleep(200);
    if (name === 'hung') for (const { pid } of relays(name)) process.kill(pid, 'SIGSTOP');
    // A network that is cut: nothing arrives, and nobody closes anything.
    else for (const stdin of stdins) stdin.write = () => true;
    const answer = await pending;
    t.true(stream.destroyed, name);
    if (name !== 'hung') t.deepEqual(relays(name), [], name);
    t.deepEqual(
      await vantage.dial(target, 20000, never).catch((error: DialFailure) => error.answer),
      answer,
      'it is not started again',
    );
    return answer;
  });
  const ends = [
    /^the relay on python ended with exit code 142/,
    /^the relay on perl ended with exit code 142/,
    /^the relay on bash ended with exit code 0/,
    /^the relay on hung answered nothing for 8 s: the way to the node was cut, or it hangs$/,
  ];
  for (const [index, answer] of (await Promise.all(failures)).entries()) {
    t.like(answer, { kind: 'untried', cause: 'engine-failed' });
    t.regex((answer as { detail: string }).detail, ends[index]!);
  }
});
