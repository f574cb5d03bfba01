import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeInventory } from '../lab/inventory.js';
import { createLab, type Lab } from '../lab/lab.js';
import { labTest } from '../lab/lab-test.js';
import { check, rows, writeScenario } from './check.js';

const flows = { service: { from: 'prober', to: 'database', port: 7001, expect: 'open' } } as const;

function inventory(lab: Lab, ssh: Readonly<Record<string, unknown>> = {}): void {
  const roles = { a: ['prober'], b: ['prober'], db: ['database'] };
  writeInventory(lab, { roles, hosts: { a: { ssh } }, scenarios: writeScenario(lab, flows) });
}

/** Has known_hosts hold another host's key in the place of one's own. */
function plantKey(lab: Lab, host: string, other: string): void {
  const file = join(lab.folder, 'known_hosts');
  const { managementAddress } = lab.host(host);
  const lines = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => !line.startsWith(`${managementAddress} `));
  writeFileSync(file, lines.join('\n'));
  appendFileSync(file, `${managementAddress} ${lab.host(other).hostKey.publicKey}\n`);
}

labTest('a host key that has changed is a failing row of its own, whether the login went on or not', async (t) => {
  const lab = await createLab({ hosts: { a: {}, b: {}, db: {} } });
  t.teardown(() => lab.close());
  await lab.listen('db', { '0.0.0.0': '7001' });

  inventory(lab);
  const good = await check(lab);
  t.is(good.code, 0, good.stderr);
  t.false(good.report?.checks.some(({ kind }) => kind === 'login'));

  for (const transport of ['ssh2', 'openssh']) {
    inventory(lab);
    plantKey(lab, 'a', 'b');
    const settings = JSON.parse(readFileSync(join(lab.folder, 'inventory.json'), 'utf8'));
    settings.hosts.a.transport = transport;
    writeFileSync(join(lab.folder, 'inventory.json'), JSON.stringify(settings));
    const refused = await check(lab);
    t.is(refused.code, 1, transport);
    t.deepEqual(
      rows(refused.report),
      ['host-key null>a fail: key-changed', 'service a>db unknown: unprobed 7001', 'service b>db pass: open 7001'],
      transport,
    );
    t.deepEqual(
      refused.report?.findings.map(({ cause, owner }) => `${cause} ${owner}`),
      ['host-key-changed host'],
      transport,
    );

    settings.hosts.a.ssh.strictHostKeyChecking = 'no';
    writeFileSync(join(lab.folder, 'inventory.json'), JSON.stringify(settings));
    const overruled = await check(lab);
    t.is(overruled.code, 1, transport);
    t.deepEqual(
      rows(overruled.report),
      ['host-key null>a fail: key-changed', 'service a>db pass: open 7001', 'service b>db pass: open 7001'],
      transport,
    );
  }
});

labTest('where no host can be logged in to, nothing was tested: exit code 4', async (t) => {
  const lab = await createLab({ hosts: { a: {}, b: {}, db: {} } });
  t.teardown(() => lab.close());
  const roles = { a: ['prober'], b: ['prober'], db: ['database'] };
  const nobody = Object.fromEntries(['a', 'b', 'db'].map((host) => [host, { ssh: { user: 'nobody' } }]));
  writeInventory(lab, { roles, hosts: nobody, scenarios: writeScenario(lab, flows) });
  const outage = await check(lab);
  t.is(outage.code, 4, outage.stderr);
  t.regex(outage.stdout.replaceAll(/\s+/g, ' '), /Exit code 4: no host could be logged in to, so nothing was tested\./);

  const { db: _db, ...sources } = nobody;
  writeInventory(lab, { roles, hosts: sources, scenarios: writeScenario(lab, flows) });
  t.is((await check(lab)).code, 3, 'one host was logged in to');
});
