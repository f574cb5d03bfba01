import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ExecutionContext } from 'ava';
import { noFacts } from '#src/model/observation.js';
import { formatPorts, parsePorts, subtractPorts } from '#src/model/port-set.js';
import { openSession } from '#src/sweep/session.js';
import { clearFilters, drop } from '../lab/filter.js';
import { python2Prefix } from '../lab/interpreters.js';
import { labTest } from '../lab/lab-test.js';
import type { Machine } from '../lab/machine.js';
import { finalAnswers, sweepAll } from './final-answers.js';
import { answered, inside, machine, nothingLeft, ours, quiet, signal, silentRange } from './node.js';

// Whatever happens to our own program, or to the node under it, must not read as the targets' silence.

/** A PATH whose first folder holds these programs. */
function pathWith(t: ExecutionContext, programs: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const folder = mkdtempSync(join(tmpdir(), 'portolan-path-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  for (const [name, text] of Object.entries(programs)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`);
    chmodSync(join(folder, name), 0o755);
  }
  return { PATH: `${folder}:/usr/bin:/bin` };
}

const python2 = python2Prefix();
/** Names for the programs: python 2.7 has ways of its own. */
const programs = {
  python: { engine: 'python', path: () => process.env },
  perl: { engine: 'perl', path: () => process.env },
  bash: { engine: 'bash', path: () => process.env },
  nc: { engine: 'nc', path: () => process.env },
  'python 2.7': {
    engine: 'python',
    path: (t: ExecutionContext) =>
      pathWith(t, { python3: 'exit 1', 'python2.7': `exec ${python2}/bin/python2.7 "$@"` }),
  },
} as const satisfies Record<
  string,
  { engine: 'python' | 'perl' | 'bash' | 'nc'; path: (t: ExecutionContext) => NodeJS.ProcessEnv }
>;

for (const [name, { engine, path }] of Object.entries(programs)) {
  const alsoNeeded = name === 'python 2.7' ? ['python2.7'] : [];
  const programTest = (title: string, implementation: (t: ExecutionContext) => unknown) =>
    labTest(title, implementation, { alsoNeeded });
  programTest(`${name}: answers that came while the program was stopped are answers`, async (t) => {
    const node = await machine(t);
    await drop(node, { ports: '20000-22999' });
    const vantage = inside(node, [], path(t));
    const session = await openSession(vantage, { engine }, quiet);
    const sweeping = sweepAll(session, [{ ...silentRange, ports: [[20000, 22999]] }], { timeoutMs: 2500 });
    // The SYNs are lost; those that the kernel sends again a second later are refused.
    await delay(600);
    const stopped = ours(node);
    signal(stopped, 'SIGSTOP');
    await clearFilters(node);
    await delay(3500);
    // nsenter stops itself with its child.
    signal([...stopped, ...vantage.pids.map((pid) => ({ pid }))], 'SIGCONT');
    const events = await sweeping;
    t.deepEqual(
      events.filter((event) => event.type === 'answers' && event.answer.kind !== 'error'),
      [],
    );
    t.deepEqual(finalAnswers(events), { '10.9.0.1': { ECONNREFUSED: '20000-22999' } });
    await session.close();
  });

  programTest(`${name}: a program that was stopped for longer than a heartbeat lasts says nothing more`, async (t) => {
    const node = await machine(t);
    await drop(node, { ports: '20500-20599' });
    const vantage = inside(node, [], path(t));
    const session = await openSession(vantage, { engine }, quiet);
    const half = answered(500);
    const sweeping = sweepAll(session, [silentRange], { timeoutMs: 5000 }, quiet, half.tell);
    await half.reached;
    const stopped = ours(node);
    signal(stopped, 'SIGSTOP');
    await delay(7000);
    // nsenter stops itself with its child.
    signal([...stopped, ...vantage.pids.map((pid) => ({ pid }))], 'SIGCONT');
    const answers = finalAnswers(await sweeping)['10.9.0.1'];
    // A slow machine may have waited out some of the silence before, and heard of it that it was believed.
    const untried = formatPorts(subtractPorts([[20500, 20599]], parsePorts(answers?.silence ?? '') ?? []));
    t.is(answers?.ECONNREFUSED, '20000-20499');
    t.is(answers?.['untried connection-lost'], untried);
    await session.close();
  });

  programTest(`${name}: the end of its input ends the program in the middle of a sweep`, async (t) => {
    const node = await machine(t);
    await drop(node, { ports: '20500-20599' });
    const vantage = inside(node, [], path(t));
    const session = await openSession(vantage, { engine }, quiet);
    const half = answered(500);
    const sweeping = sweepAll(session, [silentRange], { timeoutMs: 30_000 }, quiet, half.tell);
    await half.reached;
    vantage.processes[0]!.stdin.end();
    const ended = performance.now();
    t.deepEqual(finalAnswers(await sweeping), {
      '10.9.0.1': { ECONNREFUSED: '20000-20499', 'untried engine-failed': '20500-20599' },
    });
    t.true(performance.now() - ended < 3000);
    await nothingLeft(node);
    await session.close();
  });

  programTest(`${name}: a resolver that hangs is given up, and the rest of the work is done`, async (t) => {
    const node = await machine(t, hungResolver);
    await node.run('nft', ['-f', '-'], dropNameQueries);
    const session = await openSession(inside(node, [], path(t)), { engine }, quiet);
    const items = [
      { ...silentRange, ports: [[1, 3]] as const },
      { id: 1, target: 'db.example', ports: [[1, 3]] as const, allowOwnAddress: false },
    ];
    const events = await sweepAll(session, items);
    t.deepEqual(finalAnswers(events), { '10.9.0.1': { ECONNREFUSED: '1-3' } });
    t.deepEqual(
      events.flatMap((event) => (event.type === 'name-failure' ? [[event.item, event.detail]] : [])),
      [[1, 'the resolver gave no answer within 8 s']],
    );
    await session.close();
    await nothingLeft(node);
  });

  // Its engine holds one descriptor, and every connect is a process of its own.
  if (engine === 'nc') continue;

  programTest(`${name}: a node without a socket left is untried, and says for want of what`, async (t) => {
    const node = await machine(t);
    const session = await openSession(inside(node, [], path(t)), { engine }, quiet);
    await withoutSockets(node);
    const named = { id: 1, target: 'db.example', ports: [[1, 3]] as const, allowOwnAddress: false };
    const events = await sweepAll(session, [{ ...silentRange, ports: [[20000, 20099]] }, named]);
    t.deepEqual(finalAnswers(events), {
      '10.9.0.1': { 'untried out-of-sockets': '20000-20099' },
      'db.example': { 'untried out-of-sockets': '1-3' },
    });
    const details = events.flatMap((event) =>
      event.type === 'answers' && event.answer.kind === 'untried' ? [event.answer.detail] : [],
    );
    t.deepEqual([...new Set(details)], ['the node ran out of sockets (EMFILE)']);
    await session.close();
  });

  programTest(`${name}: few descriptors are enough for many names at once`, async (t) => {
    const node = await machine(t);
    const session = await openSession(inside(node, ['prlimit', '--nofile=40:40'], path(t)), { engine }, quiet);
    const items = Array.from({ length: 40 }, (_, id) => ({
      id,
      target: 'localhost',
      ports: [],
      allowOwnAddress: true,
    }));
    const events = await sweepAll(session, items);
    t.is(events.filter(({ type }) => type === 'resolved').length, 40);
    await session.close();
  });

  for (const [seconds, answer] of [
    [4, 'ECONNREFUSED'],
    [9, 'untried connection-lost'],
  ] as const)
    programTest(`${name}: a controller that does not read for ${seconds} s gets ${answer}`, async (t) => {
      const node = await machine(t, ['ip addr add 10.9.0.2/32 dev lo']);
      // More lines than a pipe holds, so that the program has to wait, and then the probes.
      const reader = `while read -r line; do echo "$line"; case $line in *' .') sleep ${seconds};; esac; done`;
      const slow = ['sh', '-c', `{ "$@"; } | { ${reader}; }`, 'sh'];
      const session = await openSession(inside(node, slow, path(t)), { engine }, quiet);
      const own = Array.from({ length: 3000 }, (_, id) => ({ id, target: '10.9.0.2', ports: [[1, 1]] as const }));
      const items = [...own.map((item) => ({ ...item, allowOwnAddress: false })), { ...silentRange, id: 3000 }];
      const events = await sweepAll(session, items, { timeoutMs: 1000 });
      t.deepEqual(finalAnswers(events)['10.9.0.1'], { [answer]: '20000-20599' });
      await session.close();
    });
}

const hungResolver = [
  'ip addr add 10.9.0.9/32 dev lo',
  'mount -t tmpfs none /mnt',
  'echo "nameserver 10.9.0.9" > /mnt/resolv.conf',
  'echo "hosts: files dns" > /mnt/nsswitch.conf',
  'mount --bind /mnt/resolv.conf /etc/resolv.conf',
  'mount --bind /mnt/nsswitch.conf /etc/nsswitch.conf',
];
const dropNameQueries = `table inet names { chain input { type filter hook input priority 0; udp dport 53 drop; }; }\n`;

labTest('dial: a resolver that hangs is given up, and the rest of the work is done', async (t) => {
  const node = await machine(t, hungResolver);
  await node.run('nft', ['-f', '-'], dropNameQueries);
  const session = await openSession(inside(node), { engine: 'dial' }, quiet);
  const items = [
    { id: 0, target: '127.0.0.1', ports: [[1, 3]] as const, allowOwnAddress: true },
    { id: 1, target: 'db.example', ports: [[1, 3]] as const, allowOwnAddress: false },
  ];
  const events = await sweepAll(session, items);
  t.deepEqual(finalAnswers(events), { '127.0.0.1': { ECONNREFUSED: '1-3' } });
  t.deepEqual(
    events.flatMap((event) => (event.type === 'name-failure' ? [event.item] : [])),
    [1],
  );
});

labTest('nc: a user who may have few processes is probed one connect at a time, and no name is unknown', async (t) => {
  const node = await machine(t);
  const ordinary = ['setpriv', '--reuid', '20100', '--regid', '65534', '--clear-groups'];
  const session = await openSession(inside(node, ['prlimit', '--nproc=12:12', ...ordinary]), { engine: 'nc' }, quiet);
  t.is(session.engine, 'nc');
  const named = { id: 1, target: 'localhost', ports: [[4, 9]] as const, allowOwnAddress: true };
  const events = await sweepAll(session, [{ ...silentRange, ports: [[1, 9]] }, named]);
  t.deepEqual(finalAnswers(events), { '10.9.0.1': { ECONNREFUSED: '1-9' }, '127.0.0.1': { ECONNREFUSED: '4-9' } });
  await session.close();
  await nothingLeft(node);
});

labTest('an interpreter that takes seconds to start is waited for', async (t) => {
  const node = await machine(t);
  const environment = pathWith(t, { python3: 'sleep 4\nexec /usr/bin/python3 "$@"' });
  const session = await openSession(inside(node, [], environment), {}, quiet);
  t.is(session.engine, 'python');
  const events = await sweepAll(session, [{ ...silentRange, ports: [[1, 3]] }]);
  t.deepEqual(finalAnswers(events), { '10.9.0.1': { ECONNREFUSED: '1-3' } });
  await session.close();
});

labTest('a node that is not Linux is dialled from, and nothing is claimed to be known of it', async (t) => {
  const node = await machine(t);
  const withoutProc = ['unshare', '-m', 'sh', '-c', 'mount -t tmpfs none /proc && exec "$@"', 'sh'];
  const session = await openSession(inside(node, withoutProc), {}, quiet);
  t.is(session.engine, 'dial');
  t.deepEqual(session.facts, noFacts);
});

labTest(
  'python 2.7 without ctypes does without the error queue and connect times, and says so',
  async (t) => {
    const node = await machine(t);
    const hide = `mount -t tmpfs none ${python2}/lib/python2.7/ctypes && exec "$@"`;
    const prefix = ['unshare', '-m', 'sh', '-c', hide, 'sh'];
    await drop(node, { ports: '3' });
    const session = await openSession(inside(node, prefix, programs['python 2.7'].path(t)), {}, quiet);
    t.regex(session.interpreter ?? '', / 2\.7/);
    t.regex(session.blindSpots[0] ?? '', /cannot tell a refusal/);
    const events = await sweepAll(session, [{ ...silentRange, ports: [[1, 3]] }], { timeoutMs: 1000 });
    t.deepEqual(finalAnswers(events), { '10.9.0.1': { ECONNREFUSED: '1-2', silence: '3' } });
    const [latency] = events.filter((event) => event.type === 'latency');
    t.is(latency?.type === 'latency' ? latency.histogram.buckets.size : undefined, 0);
    await session.close();
  },
  { alsoNeeded: ['python2.7'] },
);

/** Leaves what runs there no descriptor for a socket; more than once, because a program may be about to start another. */
async function withoutSockets(node: Machine): Promise<void> {
  for (let round = 0; round < 3; round++) {
    for (const { pid } of ours(node)) await node.run('prlimit', [`--pid=${pid}`, '--nofile=3:3']).catch(() => {});
    await delay(150);
  }
}
