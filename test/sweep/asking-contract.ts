import type { ExecutionContext } from 'ava';
import { probeToken } from '#src/model/listening.js';
import { parsePorts } from '#src/model/port-set.js';
import type { SweepEvent, SweepItem } from '#src/model/sweep.js';
import { openSession } from '#src/sweep/session.js';
import { drop } from '../lab/filter.js';
import { createLab } from '../lab/lab.js';
import type { Machine } from '../lab/machine.js';
import type { Contestant } from './engine-contract.js';
import { finalAnswers, sweepAll } from './final-answers.js';
import { logIn } from './lab-vantage.js';
import { answer, listenForTokens } from './token-listeners.js';

const [source, destination] = ['10.10.0.11', '10.10.0.12'];
const text = probeToken('fedcba9876543210', 7);

/** Ports by what listens there: token-listener-process.ts says what that is. */
const listeners = {
  ours: '20000-20999',
  slow: '21000',
  bytes: '21001',
  translated: '21002',
  busy: '21003',
  silent: '21004',
  closing: '21005',
  resetting: '21006',
  echoing: '21007',
  http: '21008',
  word: '21009',
  port: '21010',
  short: '21011',
  half: '21012',
  prompt: '21013',
} as const;

/** What is said of each. */
const seen = {
  [`token ${answer}`]: '20000-21001,21003,21011',
  [`token ${answer} 99`]: '21002',
  'tokenless silent': '21004',
  'tokenless closed': '21005',
  'tokenless reset': '21006',
  [`tokenless stranger ${text.slice(0, 24)}`]: '21007',
  'tokenless stranger HTTP/1.1 400 Bad Request': '21008',
  [`tokenless stranger ${answer.toUpperCase()} 21009·`]: '21009',
  [`tokenless stranger ${answer} 65536·`]: '21010',
  [`tokenless stranger ${answer} 21012`]: '21012',
  'tokenless stranger Password: ': '21013',
  ECONNREFUSED: '22000',
  silence: '22001',
  connected: '22002',
};

/** And where the token is as long as may be, and more than a socket takes at once. */
const paddedTo = 65_536;
const seenPadded = {
  [`token ${answer}`]: '20000-20029,21000-21001',
  [`token ${answer} 99`]: '21002',
  [`tokenless stranger ${text.slice(0, 24)}`]: '21007',
  [`tokenless stranger ${answer} 21011·`]: '21011',
};

/** Holds an engine to what it must hear of listeners that answer tokens, and of everybody else. */
export async function holdToAsking(t: ExecutionContext, { engine, interpreters }: Contestant): Promise<void> {
  const lab = await createLab({ hosts: { src: { interpreters }, dst: {} } });
  t.teardown(() => lab.close());
  const [from, to] = [lab.host('src').machine, lab.host('dst').machine];
  t.teardown(await listenForTokens(to, destination, text, listeners));
  await lab.listen('dst', { '0.0.0.0': '22002' });
  await drop(to, { ports: '22001' });
  const vantage = await logIn(t, lab, lab.host('src'));
  const session = await openSession(vantage, {}, new AbortController().signal);
  t.deepEqual([session.engine, session.asksTokens], [engine, true]);
  const ask = (id: number, ports: string, asks = true): SweepItem => ({
    ...{ id, target: destination, ports: parsePorts(ports)!, allowOwnAddress: false },
    ...(asks ? { ask: true } : {}),
  });
  const limits = { timeoutMs: 800, token: { text, paddedTo: 0 } };

  const events = await sweepAll(session, [ask(0, '20000-21013,22000-22001'), ask(1, '22002', false)], limits);
  t.deepEqual(finalAnswers(events.map(withoutSender))[destination], seen);
  const probes = events.reduce((sum, event) => sum + (event.type === 'progress' ? event.probes : 0), 0);
  t.is(probes, 1017);
  t.true(events.some((event) => event.type === 'latency' && event.item === 0 && event.sourceAddress === source));
  const padded = await sweepAll(session, [ask(0, '20000-20029,21000-21002,21007,21011')], {
    ...limits,
    token: { text, paddedTo },
  });
  t.deepEqual(finalAnswers(padded)[destination], seenPadded);
  await session.close();
  t.deepEqual(await waiting(to, 20000, 21004), [], 'we end first');
  // Those from 21000 on are slow, and on a busy machine one may have been called silent before it answered.
  t.deepEqual(await waiting(from, 20000, 20999), [], 'and what our listeners answered, at once');
}

/** Not every engine knows who refused. */
function withoutSender(event: SweepEvent): SweepEvent {
  if (event.type !== 'answers' || event.answer.kind !== 'error') return event;
  return { ...event, answer: { kind: 'error', errno: event.answer.errno } };
}

/** Lines of connections in TIME_WAIT, by either side’s port. */
async function waiting(machine: Machine, first: number, last: number): Promise<readonly string[]> {
  const table = await machine.run('cat', ['/proc/net/tcp']);
  return table.split('\n').filter((line) => {
    const [, local, remote, state] = line.trim().split(/\s+/);
    const concerns = [local, remote].some((each) => {
      const port = Number.parseInt(each?.split(':')[1] ?? '', 16);
      return port >= first && port <= last;
    });
    return state === '06' && concerns;
  });
}
