import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { EngineName } from '#src/model/engine.js';
import type { SweepEvent } from '#src/model/sweep.js';
import { VantageFailure } from '#src/model/vantage.js';
import { openSession } from '#src/sweep/session.js';
import { drop } from '../lab/filter.js';
import { labTest } from '../lab/lab-test.js';
import { finalAnswers, sweepAll } from './final-answers.js';
import { answered, inside, machine, nothingLeft, ours, quiet, signal, silentRange } from './node.js';
import { ProcessVantage } from './process-vantage.js';

for (const engine of ['python', 'perl', 'bash'] as const satisfies readonly EngineName[]) {
  labTest(
    `${engine}: what is known when the program is killed is kept, the rest is untried with the reason`,
    async (t) => {
      const node = await machine(t);
      await drop(node, { ports: '20500-20599' });
      const session = await openSession(inside(node), { engine }, quiet);
      const half = answered(500);
      const sweeping = sweepAll(session, [silentRange], { timeoutMs: 30_000 }, quiet, half.tell);
      await half.reached;
      signal(ours(node), 'SIGKILL');
      t.deepEqual(finalAnswers(await sweeping), {
        '10.9.0.1': { ECONNREFUSED: '20000-20499', 'untried engine-failed': '20500-20599' },
      });
      await session.close();
    },
  );

  labTest(
    `${engine}: a lost connection leaves the rest untried, and nothing on the node ten seconds later`,
    async (t) => {
      const node = await machine(t);
      await drop(node, { ports: '20500-20599' });
      const vantage = inside(node);
      const session = await openSession(vantage, { engine }, quiet);
      const half = answered(500);
      const sweeping = sweepAll(session, [silentRange], { timeoutMs: 30_000 }, quiet, half.tell);
      await half.reached;
      // The network is cut: no EOF reaches the program, and no heartbeat. It has to end by itself.
      vantage.lose(new VantageFailure('the cable was cut'));
      const events = await sweeping;
      t.is(finalAnswers(events)['10.9.0.1']?.['untried connection-lost'], '20500-20599');
      t.not(ours(node).length, 0);
      await delay(8000);
      t.deepEqual(ours(node), []);
      await session.close();
    },
  );

  labTest(`${engine}: an interrupted sweep settles at once, and the session is closed with its program`, async (t) => {
    const node = await machine(t);
    await drop(node, { ports: '20500-20599' });
    const session = await openSession(inside(node), { engine }, quiet);
    const interrupt = new AbortController();
    const half = answered(500);
    let abortedAt = 0;
    void half.reached.then(() => {
      abortedAt = performance.now();
      interrupt.abort();
    });
    const events = await sweepAll(session, [silentRange], { timeoutMs: 30_000 }, interrupt.signal, half.tell);
    t.true(performance.now() - abortedAt < 3000);
    t.deepEqual(finalAnswers(events), {
      '10.9.0.1': { ECONNREFUSED: '20000-20499', 'untried interrupted': '20500-20599' },
    });
    const again = await sweepAll(session, [{ ...silentRange, ports: [[1, 9]] }]);
    t.deepEqual(finalAnswers(again), { '10.9.0.1': { ECONNREFUSED: '1-9' } });
    await session.close();
    await nothingLeft(node);
  });

  labTest(`${engine}: few descriptors make it slower, not wrong`, async (t) => {
    const node = await machine(t);
    const few = ['prlimit', '--nofile=40:40'];
    const session = await openSession(inside(node, few), { engine }, quiet);
    const events = await sweepAll(session, [{ ...silentRange, ports: [[20000, 24999]] }]);
    t.deepEqual(finalAnswers(events), { '10.9.0.1': { ECONNREFUSED: '20000-24999' } });
    await session.close();
  });

  labTest(`${engine}: a connection that met itself is a refusal`, async (t) => {
    const node = await machine(t, ['echo 20000 20003 > /proc/sys/net/ipv4/ip_local_port_range']);
    const session = await openSession(inside(node), { engine }, quiet);
    let events: SweepEvent[] = [];
    for (let round = 0; round < 5; round++) {
      events = await sweepAll(session, [{ ...silentRange, ports: [[20000, 20003]] }], { seed: round });
      const answers = finalAnswers(events)['10.9.0.1']!;
      t.false('connected' in answers, JSON.stringify(answers));
    }
    await session.close();
  });

  labTest(`${engine}: the rate is kept, and may change on the way`, async (t) => {
    const node = await machine(t);
    const session = await openSession(inside(node), { engine }, quiet);
    const began = performance.now();
    const sweeping = sweepAll(session, [{ ...silentRange, ports: [[20000, 20199]] }], { rate: 50 });
    await delay(1000);
    session.setRate(0);
    await sweeping;
    const took = performance.now() - began;
    t.true(took > 950 && took < 3000, `${took} ms`);
    await session.close();
  });
}

labTest('noise on stdout, with and without a newline, is not mistaken for answers', async (t) => {
  const node = await machine(t);
  const noisy = ['sh', '-c', 'echo welcome; printf "no newline"; exec "$@"', 'sh'];
  const session = await openSession(inside(node, noisy), {}, quiet);
  t.is(session.engine, 'python');
  const events = await sweepAll(session, [{ ...silentRange, ports: [[1, 3]] }]);
  t.deepEqual(finalAnswers(events), { '10.9.0.1': { ECONNREFUSED: '1-3' } });
  await session.close();
});

labTest('a python that does not work is passed over for one that does', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'portolan-stub-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  for (const name of ['python3', 'python2.7', 'python2', 'python']) {
    writeFileSync(join(folder, name), '#!/bin/sh\necho "no such version" >&2\nexit 127\n');
    chmodSync(join(folder, name), 0o755);
  }
  const node = await machine(t);
  const path = `${folder}:/usr/bin:/bin`;
  const session = await openSession(inside(node, [], { PATH: path }), {}, quiet);
  t.is(session.engine, 'perl');
  await session.close();
});

labTest('a forced command leaves the dialler, without facts and with the reason', async (t) => {
  const forced = new ProcessVantage(['sh', '-c', 'echo forced', 'sh']);
  const session = await openSession(forced, {}, quiet);
  t.is(session.engine, 'dial');
  t.is(session.facts.addresses, undefined);
  t.regex(session.blindSpots.at(-1)!, /nothing could be run on it \(sh -s ended with exit code 0 \(it said: forced\)/);
  await session.close();
});

labTest('a connection lost before the engine is ready rejects with its reason', async (t) => {
  const vantage = new ProcessVantage(['sh', '-c', 'sleep 30', 'sh']);
  setTimeout(() => vantage.lose(new VantageFailure('the cable was cut')), 200);
  await t.throwsAsync(openSession(vantage, {}, quiet), { message: 'the cable was cut' });
});

for (const engine of ['python', 'perl', 'bash'] as const)
  labTest(`${engine}: few ports are all probed, whatever the seed`, async (t) => {
    const node = await machine(t);
    const session = await openSession(inside(node), { engine }, quiet);
    for (let ports = 1; ports <= 12; ports++)
      for (const seed of [0, 1, 7, 2 ** 31 - 1]) {
        const events = await sweepAll(session, [{ ...silentRange, ports: [[1, ports]] }], { seed });
        t.deepEqual(finalAnswers(events), { '10.9.0.1': { ECONNREFUSED: ports === 1 ? '1' : `1-${ports}` } });
      }
    await session.close();
  });
