import { writeInventory } from '../lab/inventory.js';
import { createLab } from '../lab/lab.js';
import { labTest } from '../lab/lab-test.js';
import { startMariadb } from '../lab/servers/mariadb.js';
import { check, notPassed, rows, writeScenario } from './check.js';

const flows = {
  named: { from: 'client', to: 'database', port: 3306, service: 'mysql', expect: 'open' },
  range: { from: 'client', to: 'database', port: '20000-20009', expect: 'reachable' },
  shut: { from: 'client', to: 'database', port: 3307, service: 'mysql', expect: 'closed' },
} as const;

labTest(
  'MariaDB is spoken to from nodes whose sshd forbids to forward, and from nodes behind a command',
  async (t) => {
    const lab = await createLab({
      hosts: {
        forbidding: { sshd: ['DisableForwarding yes'] },
        python: { interpreters: ['python3'] },
        perl: { interpreters: ['perl'] },
        bash: { interpreters: ['bash'] },
        db: {},
      },
    });
    t.teardown(() => lab.close());
    const sources = ['forbidding', 'python', 'perl', 'bash'].map((name) => lab.host(name));
    const mariadb = await startMariadb({
      port: 3306,
      hosts: Object.fromEntries(sources.map((host) => [host.address(), host.name])),
      network: lab.host('db').machine.networkOnly,
    });
    t.teardown(() => mariadb.stop());
    await mariadb.sql("CREATE USER 'app'@'%' IDENTIFIED BY ''");
    await lab.listen('db', { '0.0.0.0': '20000' });
    const command = (name: string) => ({
      transport: { command: ['nsenter', ...lab.host(name).machine.inside, 'sh'] },
      ssh: {},
    });
    writeInventory(lab, {
      roles: { ...Object.fromEntries(sources.map(({ name }) => [name, ['client']])), db: ['database'] },
      hosts: Object.fromEntries(['python', 'perl', 'bash'].map((name) => [name, command(name)])),
      scenarios: writeScenario(lab, flows),
    });

    const { code, stderr, report } = await check(lab, ['--rate', '0']);
    t.is(code, 0, stderr + notPassed(report));
    t.deepEqual(
      rows(report),
      sources
        .flatMap(({ name }) => [
          `named ${name}>db pass: open 3306`,
          `range ${name}>db pass: open 20000, refused 20001-20009`,
          `shut ${name}>db pass: refused 3307`,
        ])
        .sort(),
    );
    const relayed = report?.vantages.filter(({ notes }) => notes.some((note) => note.includes('a relay on the node')));
    t.deepEqual(relayed?.map(({ host }) => host).sort(), ['bash', 'forbidding', 'perl', 'python']);
    t.deepEqual(report?.vantages.map(({ host, transport }) => `${host} ${transport}`).sort(), [
      'bash command',
      'db ssh2',
      'forbidding ssh2',
      'perl command',
      'python command',
    ]);
    t.is(await mariadb.sql('SELECT SUM(SUM_CONNECT_ERRORS) FROM performance_schema.host_cache'), '0');
    for (const host of sources) t.deepEqual(host.processes({ sessions: false }), [], `nothing is left on ${host.name}`);
  },
  { alsoNeeded: ['mariadbd', 'mariadb-install-db', 'mariadb'] },
);
