import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { execa } from 'execa';
import type { Answer } from '#src/model/observation.js';
import type { VantageWork } from '#src/model/plan.js';
import { formatPorts } from '#src/model/port-set.js';
import { Collector } from '#src/observe/collector.js';
import { DialoguePace } from '#src/observe/dialogue-pace.js';
import type { ObserveOptions } from '#src/observe/options.js';
import { ProgressCount } from '#src/observe/progress.js';
import { RateBudget } from '#src/observe/rate-budget.js';
import { TokenQuestions } from '#src/observe/token-questions.js';
import { createLocalTransport } from '#src/vantage/local.js';
import { host, ports } from '../judge/build.js';

// A loopback address that no other test listens on.
const address = '127.30.0.1';
let lastPort = 7000;
const newPort = () => ++lastPort;

const answer = '0123456789abcdef';
const token = 'portolan-preflight fedcba9876543210 7';
const quiet = new AbortController().signal;
const connected: Answer = { kind: 'connected' };
const options: ObserveOptions = { rate: 0, totalRate: 0, timeoutMs: 400, seed: 1, parallel: 1, mysqlUser: '' };

const program = fileURLToPath(new URL('../sweep/token-listener-process.js', import.meta.url));

/** A process that listens on one port for each behaviour; the ports, in their order. */
async function listening(t: ExecutionContext, behaviours: readonly string[]): Promise<readonly number[]> {
  const free = behaviours.map(newPort);
  const spec = behaviours.map((name, index) => `${name}=${free[index]}`);
  const running = execa('node', [program, address, answer, token, ...spec], { reject: false });
  t.teardown(() => running.kill());
  await new Promise((resolve) => running.stdout.once('data', resolve));
  return free;
}

/** What the collector holds once those ports were asked that are `swept` as connected. */
async function asked(
  wanted: readonly number[],
  { asksTokens = false, ask = true, signal = quiet, swept = wanted } = {},
): Promise<Record<string, Answer>> {
  const collector = new Collector();
  const text = (all: readonly number[]) => ports([...all].sort((a, b) => a - b).join(','));
  collector.answers(address, address, text(swept), connected);
  const local = host('local', address);
  const vantage = await createLocalTransport().connect(local, quiet);
  const node = {
    ...{ vantage, collector, ownAddresses: undefined, lost: () => undefined },
    progress: new ProgressCount(1, 1, () => {}),
  };
  const questions = new TokenQuestions(node, options, { dialoguePace: new DialoguePace(new RateBudget(0, 0)) });
  const item = { target: address, ports: text(wanted), allowOwnAddress: true, unlessOpen: [], ask };
  const work: VantageWork = { host: local, sweep: [item], ssh: [], dialogues: [], token };
  await questions.run(work, { asksTokens }, signal);
  await vantage.close();
  const [seen] = collector.observations().get(address)!.addresses;
  return Object.fromEntries(seen!.segments.map((segment) => [formatPorts(segment.ports), segment.answer]));
}

test('a listener of ours is told from all that answers in its place', async (t) => {
  const behaviours = [
    'ours',
    'translated',
    'silent',
    'closing',
    'resetting',
    'echoing',
    'http',
    'word',
    'port',
    'prompt',
  ];
  const all = await listening(t, behaviours);
  const seen = await asked(all);
  const stranger = (said: string) => ({ kind: 'tokenless', how: 'stranger', said });
  const expected = [
    { kind: 'token', answer },
    { kind: 'token', answer, port: 99 },
    { kind: 'tokenless', how: 'silent' },
    { kind: 'tokenless', how: 'closed' },
    { kind: 'tokenless', how: 'reset' },
    stranger(token.slice(0, 24)),
    stranger('HTTP/1.1 400 Bad Request'),
    stranger(`${answer.toUpperCase()} ${all[7]}·`.slice(0, 24)),
    stranger(`${answer} 65536·`),
    stranger('Password: '),
  ];
  t.deepEqual(
    behaviours.map((name, index) => [name, seen[`${all[index]}`]]),
    behaviours.map((name, index) => [name, expected[index]]),
  );
});

test('only where the sweep connected is anybody asked, and only what the work says', async (t) => {
  const [one, two] = (await listening(t, ['ours', 'ours'])) as [number, number];
  t.deepEqual(await asked([one, two], { swept: [one] }), { [`${one}`]: { kind: 'token', answer } });
  t.deepEqual(await asked([one], { ask: false }), { [`${one}`]: connected });
});

test('an engine that asks itself leaves nothing to ask', async (t) => {
  const [one] = await listening(t, ['ours']);
  t.deepEqual(await asked([one!], { asksTokens: true }), { [`${one}`]: connected });
});

test('a question that is cut off is no answer', async (t) => {
  const [one] = await listening(t, ['silent']);
  t.deepEqual(await asked([one!], { signal: AbortSignal.timeout(100) }), { [`${one}`]: connected });
});

test('where nobody is there any more, what the sweep saw stays', async (t) => {
  const port = newPort();
  t.deepEqual(await asked([port]), { [`${port}`]: connected });
});
