import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import type { EngineName } from '#src/model/engine.js';
import type { HostSpec } from '../lab/host.js';
import { writeInventory } from '../lab/inventory.js';
import { createLab, type Lab } from '../lab/lab.js';
import { labTest } from '../lab/lab-test.js';
import { check, rows, writeScenario } from './check.js';

const flow = { service: { from: 'prober', to: 'database', port: 7001, expect: 'open' } } as const;

/** A prober that something is wrong with, a good one beside it, and what both probe. */
async function loginLab(t: ExecutionContext, bad: HostSpec = {}): Promise<Lab> {
  const lab = await createLab({ hosts: { bad, good: {}, db: {} } });
  t.teardown(() => lab.close());
  await lab.listen('db', { '0.0.0.0': '7001' });
  return lab;
}

function inventory(lab: Lab, settings: Partial<Parameters<typeof writeInventory>[1]> = {}): void {
  const roles = { bad: ['prober'], good: ['prober'], db: ['database'] };
  writeInventory(lab, { roles, scenarios: writeScenario(lab, flow), ...settings });
}

/** The bad host's part is unknown for a reason that matches, the good one's is not touched by it. */
async function badLogin(
  t: ExecutionContext,
  lab: Lab,
  reason: RegExp,
  { beside = [], code: expected = 3 }: { readonly beside?: readonly string[]; readonly code?: number } = {},
): Promise<void> {
  const { report, code, stdout, stderr } = await check(lab, ['-r', 'table']);
  const paths = ['service bad>db unknown: unprobed 7001', 'service good>db pass: open 7001'];
  t.deepEqual(rows(report), [...beside, ...paths], stderr);
  t.is(code, expected);
  const vantage = report?.vantages.find(({ host }) => host === 'bad');
  t.is(vantage?.status, 'failed');
  t.regex(vantage?.error ?? '', reason);
  t.regex(stdout, /bad/);
}

/** Whatever its shell or its profile, the node is probed from. */
async function goodLogin(t: ExecutionContext, spec: HostSpec, engine: EngineName): Promise<void> {
  const lab = await loginLab(t, spec);
  inventory(lab);
  const { report, code, stderr } = await check(lab);
  t.deepEqual(rows(report), ['service bad>db pass: open 7001', 'service good>db pass: open 7001'], stderr);
  t.is(code, 0);
  t.is(report?.vantages.find(({ host }) => host === 'bad')?.engine, engine);
}

labTest('an unknown host key is refused, and the sentence says so', async (t) => {
  const lab = await loginLab(t);
  inventory(lab, { unknownKeys: ['bad'] });
  await badLogin(t, lab, /not known|unknown|no key|known_hosts/i);
});

labTest('a changed host key is refused, naming the file and the line that holds the other key', async (t) => {
  const lab = await loginLab(t);
  inventory(lab);
  const file = join(lab.folder, 'known_hosts');
  const [bad, good] = [lab.host('bad'), lab.host('good')];
  writeFileSync(file, readFileSync(file, 'utf8').replace(bad.hostKey.publicKey, good.hostKey.publicKey));
  await badLogin(t, lab, /known_hosts:1\b/, { beside: ['host-key null>bad fail: key-changed'], code: 1 });
});

labTest('a refused login is unknown, with the user’s name in the reason', async (t) => {
  const lab = await loginLab(t);
  inventory(lab, { hosts: { bad: { ssh: { user: 'stranger' } } } });
  await badLogin(t, lab, /stranger/);
});

labTest('an sshd that hangs after accept is given up', async (t) => {
  const lab = await loginLab(t);
  inventory(lab);
  lab.host('bad').hangSshd();
  const began = performance.now();
  await badLogin(t, lab, /\d+ ?s\b|answer|handshake|silent/i);
  t.true(performance.now() - began < 60_000);
});

labTest('a login network that is down is unknown', async (t) => {
  const lab = await loginLab(t);
  inventory(lab);
  await lab.host('bad').unplug('management');
  await badLogin(t, lab, /./);
});

labTest('tcsh as login shell', (t) => goodLogin(t, { shell: '/usr/bin/tcsh' }, 'python'), { alsoNeeded: ['tcsh'] });
labTest('fish as login shell', (t) => goodLogin(t, { shell: '/usr/bin/fish' }, 'python'), { alsoNeeded: ['fish'] });
labTest(
  'tcsh as login shell of a node with perl',
  (t) => goodLogin(t, { shell: '/usr/bin/tcsh', interpreters: ['perl'] }, 'perl'),
  { alsoNeeded: ['tcsh'] },
);
labTest(
  'fish as login shell of a node without python and perl',
  (t) => goodLogin(t, { shell: '/usr/bin/fish', interpreters: [] }, 'dial'),
  { alsoNeeded: ['fish'] },
);

const noise = 'echo "Welcome, $USER"\necho "*** 3 updates can be applied ***" >&2\nprintf "no newline at the end"\n';
labTest('a motd, a banner and a .bashrc that talks', (t) =>
  goodLogin(t, { motd: 'motd\n', home: { '.bashrc': noise }, sshd: ['Banner /etc/motd'] }, 'python'),
);
labTest('a .bashrc that talks on a node with perl alone', (t) =>
  goodLogin(t, { home: { '.bashrc': noise }, interpreters: ['perl'] }, 'perl'),
);
labTest(
  'a .tcshrc that talks',
  (t) => goodLogin(t, { shell: '/usr/bin/tcsh', home: { '.tcshrc': 'echo "Welcome"\n' } }, 'python'),
  { alsoNeeded: ['tcsh'] },
);

labTest('a .bashrc that ends the session gives unknown, not a verdict', async (t) => {
  const lab = await loginLab(t, { home: { '.bashrc': 'echo maintenance; exit 0\n' } });
  inventory(lab);
  const { report, code } = await check(lab);
  t.true(['unknown', 'pass'].includes(report?.checks.find(({ from }) => from === 'bad')?.status ?? ''));
  t.not(code, 1);
});

labTest('a node without python and perl is probed by dial, and says so', (t) =>
  goodLogin(t, { interpreters: [] }, 'dial'),
);

labTest('forwarding disabled on such a node is unprobed, never timeout or closed', async (t) => {
  const lab = await loginLab(t, { interpreters: [], sshd: ['AllowTcpForwarding no'] });
  inventory(lab);
  const { report, code, stderr } = await check(lab);
  t.deepEqual(rows(report), ['service bad>db unknown: unprobed 7001', 'service good>db pass: open 7001'], stderr);
  t.is(code, 3);
  t.regex(JSON.stringify(report?.checks.find(({ from }) => from === 'bad')?.outcomes), /forward/i);
});

labTest('forwarding disabled does not matter where there is python', (t) =>
  goodLogin(t, { sshd: ['AllowTcpForwarding no'] }, 'python'),
);

labTest('a foreign forced command is no engine', async (t) => {
  const lab = await loginLab(t, { sshd: ['ForceCommand echo forced'] });
  inventory(lab);
  const { report, code } = await check(lab);
  const bad = report?.checks.find(({ from }) => from === 'bad');
  t.not(bad?.status, 'fail');
  t.true(code === 0 || code === 3);
});

labTest('a crowd of twelve hosts gets past MaxStartups 3:60:5 of a shared sshd’s settings', async (t) => {
  const names = Array.from({ length: 12 }, (_, index) => `n${index + 1}`);
  const lab = await createLab({
    hosts: { ...Object.fromEntries(names.map((name) => [name, { sshd: ['MaxStartups 1:50:3'] }])), db: {} },
  });
  t.teardown(() => lab.close());
  await lab.listen('db', { '0.0.0.0': '7001' });
  writeInventory(lab, {
    roles: { ...Object.fromEntries(names.map((name) => [name, ['prober']])), db: ['database'] },
    scenarios: writeScenario(lab, flow),
  });
  const { report, code, stderr } = await check(lab);
  t.is(code, 0, stderr);
  t.is(report?.checks.length, 12);
});
