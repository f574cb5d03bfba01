import { createServer } from 'node:net';
import test from 'ava';
import { formatPorts } from '#src/model/port-set.js';
import type { SweepEvent } from '#src/model/sweep.js';
import { openSession } from '#src/sweep/session.js';
import { ProcessVantage } from './process-vantage.js';

test('a session finds the open port of a range and calls the others refused', async (t) => {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  const { signal } = new AbortController();
  const session = await openSession(new ProcessVantage(), {}, signal);
  const events: SweepEvent[] = [];
  await session.sweep(
    [{ id: 0, target: '127.0.0.1', ports: [[port, port]], allowOwnAddress: true }],
    { rate: 0, timeoutMs: 3500, seed: 1 },
    (event) => events.push(event),
    signal,
  );
  await session.close();
  server.close();
  t.deepEqual(
    events.flatMap((event) => (event.type === 'answers' ? [[formatPorts(event.ports), event.answer.kind]] : [])),
    [[`${port}`, 'connected']],
  );
  t.true(session.facts.listeners?.some((listener) => listener.port === port));
});
