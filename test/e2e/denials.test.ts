import type { ExecutionContext } from 'ava';
import { drop, reject, silence } from '../lab/filter.js';
import type { HostSpec } from '../lab/host.js';
import { writeInventory } from '../lab/inventory.js';
import { createLab, type Lab } from '../lab/lab.js';
import { labTest } from '../lab/lab-test.js';
import { check, rows, writeScenario } from './check.js';

const sources = ['py', 'pl', 'dial'] as const;
const denials = {
  closed: { from: 'prober', to: 'database', port: 7001, expect: 'closed' },
  filtered: { from: 'prober', to: 'database', port: 7001, expect: 'filtered' },
} as const;

/** Three sources in the east, one for each engine, and a database in the west that listens on 7001. */
async function denialLab(t: ExecutionContext): Promise<Lab> {
  const lab = await createLab({
    hosts: {
      py: { interpreters: ['python3'] },
      pl: { interpreters: ['perl'] },
      dial: { interpreters: [] },
      db: { networks: ['west'] },
    },
  });
  t.teardown(() => lab.close());
  await lab.listen('db', { '0.0.0.0': '7001' });
  return lab;
}

type Settings = Partial<Parameters<typeof writeInventory>[1]>;

function inventory(lab: Lab, settings: Settings = {}): void {
  const roles = { py: ['prober'], pl: ['prober'], dial: ['prober'], db: ['database'] };
  writeInventory(lab, { roles, scenarios: writeScenario(lab, denials), ...settings });
}

/** Runs the check and holds that no denial passed; gives the outcomes by source. */
async function nothingIsDenied(
  t: ExecutionContext,
  lab: Lab,
  expected: Readonly<Record<string, string>>,
  timeout = '3.5s',
): Promise<void> {
  const { report, code, stderr } = await check(lab, ['--rate', '0', '--timeout', timeout]);
  const truth = Object.entries(expected).flatMap(([source, outcome]) => [
    `closed ${source}>db unknown: ${outcome} 7001`,
    `filtered ${source}>db unknown: ${outcome} 7001`,
  ]);
  t.deepEqual(rows(report), truth.sort(), stderr);
  t.is(code, 3);
}

const all = (outcome: string) => Object.fromEntries(sources.map((source) => [source, outcome]));

labTest('an open port fails a denial, and a drop beside an answering port passes it', async (t) => {
  const lab = await denialLab(t);
  inventory(lab);
  const open = await check(lab, ['--rate', '0']);
  t.deepEqual(
    rows(open.report),
    sources.flatMap((it) => [`closed ${it}>db fail: open 7001`, `filtered ${it}>db fail: open 7001`]).sort(),
  );
  t.is(open.code, 1);
  await drop(lab.host('db').machine, { ports: '7001' });
  const dropped = await check(lab, ['--rate', '0']);
  t.deepEqual(
    rows(dropped.report),
    sources.flatMap((it) => [`closed ${it}>db pass: timeout 7001`, `filtered ${it}>db pass: timeout 7001`]).sort(),
  );
  t.true(dropped.report?.checks.every(({ proof }) => proof === 'control'));
  t.is(dropped.code, 0);
});

labTest('a dead host denies nothing', async (t) => {
  const lab = await denialLab(t);
  inventory(lab);
  await lab.host('db').unplug('west');
  // A dead neighbour shows after 3.06 s, later where the machine is busy.
  await nothingIsDenied(t, lab, all('unreachable'), '8s');
});

labTest('a silent host denies nothing, although Portolan is logged in to it', async (t) => {
  const lab = await denialLab(t);
  inventory(lab);
  await silence(lab.host('db').machine, 'west');
  await nothingIsDenied(t, lab, all('timeout'));
});

labTest('a dead name denies nothing', async (t) => {
  const lab = await denialLab(t);
  inventory(lab, { hosts: { db: { address: 'db.example' } } });
  await nothingIsDenied(t, lab, all('name-failure'));
});

labTest('a probe that could not log in denies nothing', async (t) => {
  const lab = await denialLab(t);
  inventory(lab, { hosts: Object.fromEntries(sources.map((source) => [source, { ssh: { user: 'nobody' } }])) });
  await drop(lab.host('db').machine, { ports: '7001' });
  await nothingIsDenied(t, lab, all('unprobed'));
});

labTest('disabled forwarding on a node without an interpreter denies nothing and is never called closed', async (t) => {
  for (const option of ['AllowTcpForwarding no', 'DisableForwarding yes', 'PermitOpen none']) {
    const lab = await createLab({
      hosts: { dial: { interpreters: [], sshd: [option] }, db: { networks: ['west'] } },
    });
    t.teardown(() => lab.close());
    writeInventory(lab, { roles: { dial: ['prober'], db: ['database'] }, scenarios: writeScenario(lab, denials) });
    await nothingIsDenied(t, lab, { dial: 'unprobed' });
  }
});

labTest('a missing data route denies nothing while the login network works', async (t) => {
  const lab = await denialLab(t);
  inventory(lab);
  for (const source of sources) await lab.host(source).machine.ip(['route del 10.20.0.0/24']);
  await nothingIsDenied(t, lab, { py: 'unreachable', pl: 'unreachable', dial: 'unprobed' });
});

labTest('a data route that leads into the login network denies nothing', async (t) => {
  const lab = await denialLab(t);
  inventory(lab);
  for (const source of sources) {
    const host = lab.host(source);
    const gateway = host.managementAddress.replace(/\d+$/, '1');
    await host.machine.ip(['route del 10.20.0.0/24', `route add default via ${gateway}`]);
  }
  await nothingIsDenied(t, lab, all('timeout'));
});

labTest('what the source itself forbids is no denial', async (t) => {
  for (const kind of ['prohibit', 'blackhole', 'unreachable']) {
    const lab = await denialLab(t);
    inventory(lab);
    for (const source of sources) {
      await lab.host(source).machine.ip(['route del 10.20.0.0/24', `route add ${kind} 10.20.0.0/24`]);
    }
    const { report, code } = await check(lab, ['--rate', '0']);
    t.deepEqual([...new Set(report?.checks.map(({ status }) => status))], ['unknown'], kind);
    t.is(code, 3);
  }
});

labTest('a source that drops everything it sends proves no denial', async (t) => {
  const lab = await denialLab(t);
  inventory(lab);
  for (const source of sources) await drop(lab.host(source).machine, { to: '10.20.0.0/24', chain: 'output' });
  await nothingIsDenied(t, lab, all('timeout'));
});

labTest('an ICMP answer of the source’s own OUTPUT rule is no denial where the engine reads who sent it', async (t) => {
  const lab = await denialLab(t);
  inventory(lab, { roles: { py: ['prober'], db: ['database'] } });
  await reject(lab.host('py').machine, { to: '10.20.0.0/24', chain: 'output' }, 'host-prohibited');
  await nothingIsDenied(t, lab, { py: 'unreachable' });
});

labTest('a broken interpreter is no probe: with nothing below it on the ladder, nothing is denied', async (t) => {
  for (const text of ['#!/bin/sh\nexit 1\n', '#!/bin/sh\necho ready; echo done\n', '#!/bin/sh\ncat >/dev/null\n']) {
    const broken: HostSpec = {
      interpreters: ['python3'],
      programs: { '/usr/bin/python3': text },
      sshd: ['AllowTcpForwarding no'],
    };
    const lab = await createLab({ hosts: { broken, db: { networks: ['west'] } } });
    t.teardown(() => lab.close());
    writeInventory(lab, { roles: { broken: ['prober'], db: ['database'] }, scenarios: writeScenario(lab, denials) });
    await nothingIsDenied(t, lab, { broken: 'unprobed' });
  }
});
