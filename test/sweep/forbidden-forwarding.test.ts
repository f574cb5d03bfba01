import type { ExecutionContext } from 'ava';
import type { SweepEvent } from '#src/model/sweep.js';
import { openSession } from '#src/sweep/session.js';
import { drop } from '../lab/filter.js';
import { createLab } from '../lab/lab.js';
import { labTest } from '../lab/lab-test.js';
import { finalAnswers, sweepAll } from './final-answers.js';
import { logIn } from './lab-vantage.js';

const target = '10.10.0.12';

/** Sweeps ports that are open (20000), dropped (20001) and closed by `dial`, from a node whose sshd is set so. */
async function sweepFrom(t: ExecutionContext, sshd: readonly string[]): Promise<readonly SweepEvent[]> {
  const lab = await createLab({ hosts: { src: { interpreters: [], sshd }, dst: {} } });
  t.teardown(() => lab.close());
  await lab.listen('dst', { '0.0.0.0': '20000' });
  await drop(lab.host('dst').machine, { ports: '20001' });
  const session = await openSession(
    await logIn(t, lab, lab.host('src')),
    { engine: 'dial' },
    new AbortController().signal,
  );
  t.is(session.engine, 'dial');
  const items = [
    { id: 0, target, ports: [[20000, 20099]], allowOwnAddress: false },
    { id: 1, target: '10.10.0.99', ports: [[1, 2]], allowOwnAddress: false },
  ] as const;
  return sweepAll(session, items, { timeoutMs: 1000 });
}

function details(events: readonly SweepEvent[]): readonly string[] {
  const found = events.flatMap((event) =>
    event.type === 'answers' && event.answer.kind === 'untried' ? [event.answer.detail] : [],
  );
  return [...new Set(found)];
}

const reason =
  'sshd refused to forward ("open failed"): see AllowTcpForwarding, DisableForwarding and PermitOpen; no relay runs on src: ' +
  'it has none of python, perl, bash that works';

for (const setting of [
  'AllowTcpForwarding no',
  'AllowTcpForwarding remote',
  'DisableForwarding yes',
  'PermitOpen none',
])
  labTest(
    `dial under ${setting}: everything is untried, for one reason, and nothing is silent or closed`,
    async (t) => {
      const events = await sweepFrom(t, [setting]);
      t.deepEqual(finalAnswers(events), {
        [target]: { 'untried forwarding-forbidden': '20000-20099' },
        '10.10.0.99': { 'untried forwarding-forbidden': '1-2' },
      });
      t.deepEqual(details(events), [reason]);
    },
  );

labTest('dial under a PermitOpen list: what it names is probed, the rest is untried', async (t) => {
  const events = await sweepFrom(t, [`PermitOpen ${target}:20000 ${target}:20001 ${target}:20002`]);
  t.deepEqual(finalAnswers(events), {
    [target]: {
      connected: '20000',
      silence: '20001',
      ECONNREFUSED: '20002',
      'untried forwarding-forbidden': '20003-20099',
    },
    '10.10.0.99': { 'untried forwarding-forbidden': '1-2' },
  });
  t.deepEqual(details(events), [reason]);
});
