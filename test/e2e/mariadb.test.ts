import { connect } from '../lab/connect.js';
import { writeInventory } from '../lab/inventory.js';
import { createLab } from '../lab/lab.js';
import { labTest } from '../lab/lab-test.js';
import { startMariadb } from '../lab/servers/mariadb.js';
import { check, notPassed, rows, writeScenario } from './check.js';

const alsoNeeded = ['mariadbd', 'mariadb-install-db', 'mariadb'];
const flows = {
  named: { from: 'client', to: 'database', port: 3306, service: 'mysql', expect: 'open' },
  range: { from: 'client', to: 'database', port: '3300-3310', expect: 'reachable' },
} as const;

labTest(
  'ten runs that cover MariaDB’s port by a named flow and by a range leave the hosts welcome, whatever engine they have',
  async (t) => {
    const lab = await createLab({ hosts: { py: {}, dial: { interpreters: [] }, db: {} } });
    t.teardown(() => lab.close());
    const [py, dial, db] = [lab.host('py'), lab.host('dial'), lab.host('db')];
    const mariadb = await startMariadb({
      port: 3306,
      hosts: { [py.address()]: 'py', [dial.address()]: 'dial' },
      options: ['--max-connect-errors=5'],
      network: db.machine.networkOnly,
    });
    t.teardown(() => mariadb.stop());
    await mariadb.sql("CREATE USER 'app'@'%' IDENTIFIED BY ''");
    const login = (source: typeof py) =>
      source.machine
        .run('mariadb', ['--no-defaults', '-h', db.address(), '-u', 'app', '-N', '-e', 'SELECT CURRENT_USER()'])
        .catch((error: { stderr: string }) => error.stderr);
    const errors = async () => mariadb.sql('SELECT SUM(SUM_CONNECT_ERRORS) FROM performance_schema.host_cache');

    // The server does punish: without this the test could not fail.
    for (let times = 0; times < 6; times += 1) await connect(py.machine, db.address(), 3306);
    t.regex(await login(py), /1129.*blocked because of many connection errors/);
    await mariadb.sql('FLUSH HOSTS');
    t.is(await login(py), 'app@%');
    await mariadb.sql('FLUSH HOSTS');

    writeInventory(lab, {
      roles: { py: ['client'], dial: ['client'], db: ['database'] },
      scenarios: writeScenario(lab, flows),
    });
    const first = await check(lab, ['--rate', '0']);
    t.is(first.code, 0, first.stderr + notPassed(first.report));
    t.deepEqual(rows(first.report), [
      'named dial>db pass: open 3306',
      'named py>db pass: open 3306',
      'range dial>db pass: open 3306, refused 3300-3305,3307-3310',
      // 3307 is left to a dialogue as well, and a dial cannot tell an RST from ICMP.
      'range py>db pass: open 3306, refused 3300-3305,3308-3310, refused 3307',
    ]);
    t.deepEqual(
      first.report?.checks.filter(({ flow }) => flow === 'named').map(({ proof }) => proof),
      ['identified', 'identified'],
    );
    // More of them, of one host: server-logs.test.ts.
    for (let run = 2; run <= 10; run += 1) {
      const { code, stderr, report } = await check(lab, ['--rate', '0']);
      if (code !== 0) t.fail(`run ${run} exited ${code}: ${stderr}\n${notPassed(report)}`);
    }
    t.is(await errors(), '0');
    t.is(await login(py), 'app@%');
    t.is(await login(dial), 'app@%');
  },
  { alsoNeeded },
);
