import type { ExecutionContext } from 'ava';
import { openSession } from '#src/sweep/session.js';
import { drop, reject } from '../lab/filter.js';
import { ipv6Of } from '../lab/ipv6.js';
import { createLab } from '../lab/lab.js';
import { labTest } from '../lab/lab-test.js';
import { finalAnswers, sweepAll } from './final-answers.js';
import { logIn } from './lab-vantage.js';

// OpenBSD netcat, which is Debian's `nc`, is held to the whole contract of the engines. These put another one in its place.

const destination = '10.10.0.12';

interface Netcat {
  /** What the node's nc does with its arguments. */
  readonly script: string;
  readonly interpreter: RegExp;
  readonly programs?: Readonly<Record<string, string>>;
  /** What it says over IPv6, and of whatever does not connect; undefined: all that there is. */
  readonly ipv6?: 'untried engine-failed';
  readonly failures?: 'untried engine-failed';
}

const netcats: Readonly<Record<string, Netcat>> = {
  'traditional netcat': {
    script: 'exec /bin/nc.traditional "$@"',
    interpreter: /nc traditional$/,
    ipv6: 'untried engine-failed',
  },
  Ncat: { script: 'exec /usr/bin/ncat "$@"', interpreter: /nc ncat$/ },
  'busybox with its shell': {
    script: 'exec /bin/busybox nc "$@"',
    interpreter: /nc busybox$/,
    programs: { '/bin/sh': '#!/bin/busybox sh\nexec /bin/busybox sh "$@"\n' },
  },
  'an nc that never says why': {
    script: 'case $1 in -h) exec /bin/nc.traditional -h;; esac; exec /bin/nc.traditional "$@" 2>/dev/null',
    interpreter: /nc traditional$/,
    ipv6: 'untried engine-failed',
    failures: 'untried engine-failed',
  },
};

for (const [name, netcat] of Object.entries(netcats))
  labTest(
    `${name} says nothing wrong, waits for no service, and leaves nothing behind`,
    (t) => holdToAnswers(t, netcat),
    { alsoNeeded: ['nc.openbsd', 'nc.traditional', 'ncat', 'busybox'] },
  );

async function holdToAnswers(t: ExecutionContext, { script, interpreter, programs = {}, ipv6, failures }: Netcat) {
  const src = {
    interpreters: ['nc'],
    sshd: ['AllowTcpForwarding no'],
    programs: { ...programs, '/bin/nc.openbsd': `#!/bin/sh\n${script}\n` },
  } as const;
  const lab = await createLab({ hosts: { src, dst: {} }, ipv6: true });
  t.teardown(() => lab.close());
  const { machine } = lab.host('src');
  await machine.ip(['route add prohibit 10.98.0.1/32']);
  await lab.listen('dst', { '0.0.0.0': '20000-20001', '::': '20002' }, 'a greeting that nobody waits for\n');
  await drop(lab.host('dst').machine, { ports: '30000-30001' });
  await reject(lab.host('dst').machine, { ports: '24000' }, 'host-prohibited');
  const vantage = await logIn(t, lab, lab.host('src'));
  const session = await openSession(vantage, {}, new AbortController().signal);
  t.is(session.engine, 'nc');
  t.regex(session.interpreter ?? '', interpreter);
  t.is(
    session.blindSpots.some((sentence) => sentence.includes('not why another one fails')),
    failures !== undefined,
  );
  const item = (id: number, target: string, ports: readonly (readonly [number, number])[]) => ({
    id,
    target,
    ports,
    allowOwnAddress: false,
  });
  const events = await sweepAll(session, [
    item(0, destination, [
      [20000, 20001],
      [21000, 21019],
      [24000, 24000],
      [30000, 30001],
    ]),
    item(1, '10.10.0.200', [[1, 1]]),
    item(2, '192.0.2.1', [[1, 1]]),
    item(3, '10.98.0.1', [[1, 1]]),
    item(4, ipv6Of(destination), [[20002, 20003]]),
    item(5, 'nowhere.invalid', [[1, 1]]),
  ]);
  await session.close();
  const unexplained = (answer: string, ports: string) => ({ [failures ?? answer]: ports });
  t.deepEqual(finalAnswers(events), {
    [destination]: {
      connected: '20000-20001',
      ...(failures === undefined
        ? { ECONNREFUSED: '21000-21019', EHOSTUNREACH: '24000', silence: '30000-30001' }
        : { [failures]: '21000-21019,24000,30000-30001' }),
    },
    '10.10.0.200': unexplained('EHOSTUNREACH', '1'),
    '192.0.2.1': unexplained('ENETUNREACH', '1'),
    '10.98.0.1': unexplained('EACCES', '1'),
    [ipv6Of(destination)]:
      ipv6 === undefined ? { connected: '20002', ECONNREFUSED: '20003' } : { [ipv6]: '20002-20003' },
  });
  t.deepEqual(
    events.flatMap((event) => (event.type === 'name-failure' ? [event.item] : [])),
    [5],
  );
  await vantage.close();
  t.deepEqual(lab.host('src').processes({ sessions: false }), [], 'nothing of ours is left on the node');
}
