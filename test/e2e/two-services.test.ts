import { writeInventory } from '../lab/inventory.js';
import { createLab } from '../lab/lab.js';
import { labTest } from '../lab/lab-test.js';
import { startMariadb } from '../lab/servers/mariadb.js';
import { startNginx } from '../lab/servers/nginx.js';
import { startRedis } from '../lab/servers/redis.js';
import { check, type FlowSpec, notPassed, preflight, rows, writeScenario } from './check.js';

// One port that two flows give to different services, one of them MySQL, which no bare connect and no other protocol may
// meet: each flow is held to its own service all the same.

const open = { from: 'client', to: 'service', expect: 'open' } as const;
const twice = (name: string, port: number, service: string): Readonly<Record<string, FlowSpec>> => ({
  [`${name}-sql`]: { ...open, port, service: 'mysql' },
  [`${name}-${service}`]: { ...open, port, service },
});
const flows = {
  ...twice('nginx', 7000, 'http'),
  ...twice('nginx', 7000, 'redis'),
  ...twice('closing', 7001, 'redis'),
  ...twice('silent', 7002, 'redis'),
  ...twice('redis', 7003, 'redis'),
  ...twice('nobody', 7004, 'http'),
  ...twice('maria', 7005, 'redis'),
  ...twice('protected', 7006, 'redis'),
};

const expected = [
  'closing-redis fail: reset 7001',
  'closing-sql fail: reset 7001',
  'maria-redis fail: mismatch 7005',
  'maria-sql pass: open 7005',
  'nginx-http pass: open 7000',
  'nginx-redis fail: mismatch 7000',
  'nginx-sql fail: mismatch 7000',
  'nobody-http fail: refused 7004',
  'nobody-sql fail: refused 7004',
  'protected-redis warn: open 7006',
  'protected-sql fail: mismatch 7006',
  // To MySQL's login Redis is as silent as a MySQL server that is slow.
  'redis-redis unknown: unprobed 7003',
  'redis-sql fail: mismatch 7003',
  'silent-redis unknown: unprobed 7002',
  'silent-sql fail: mismatch 7002',
];

labTest(
  'a named service never passes unidentified where another flow names MySQL for its port',
  async (t) => {
    const lab = await createLab({ hosts: { python: {}, bash: { interpreters: ['bash'] }, server: {} } });
    t.teardown(() => lab.close());
    const server = lab.host('server');
    const network = server.machine.networkOnly;
    const where = { address: '0.0.0.0', network };
    const nginx = await startNginx({ ...where, port: 7000 });
    t.teardown(() => nginx.stop());
    const redis = await startRedis({ ...where, port: 7003, password: 'secret' });
    t.teardown(() => redis.stop());
    // In protected mode it speaks first.
    const guarded = await startRedis({ ...where, port: 7006 });
    t.teardown(() => guarded.stop());
    const names = { [lab.host('python').address()]: 'python', [lab.host('bash').address()]: 'bash' };
    const maria = await startMariadb({ port: 7005, hosts: names, options: ['--max-connect-errors=5'], network });
    t.teardown(() => maria.stop());
    await maria.sql("CREATE USER 'app'@'%'");
    await lab.listen('server', { '0.0.0.0': '7001' });
    const mute = await lab.listen('server', { '0.0.0.0': '7002' });
    mute.freeze();
    writeInventory(lab, {
      roles: { python: ['client'], bash: ['client'], server: ['service'] },
      scenarios: writeScenario(lab, flows),
    });
    const { code, report, stderr } = await check(lab, ['--rate', '0']);
    t.is(code, 1, stderr);
    for (const source of ['python', 'bash']) {
      const seen = rows(report).filter((row) => row.includes(` ${source}>server `));
      t.deepEqual(
        seen.map((row) => row.replace(` ${source}>server`, '')),
        expected,
        notPassed(report),
      );
    }
    const passed = report!.checks.filter(({ status }) => status === 'pass' || status === 'warn');
    t.true(passed.length > 0 && passed.every(({ proof }) => proof === 'identified'), JSON.stringify(passed));
    const unasked = report!.checks.filter(({ status }) => status === 'unknown');
    t.true(unasked.every(({ outcomes }) => outcomes[0]?.untried === 'not-asked'));
    t.is(await maria.sql('SELECT COALESCE(SUM(SUM_CONNECT_ERRORS), 0) FROM performance_schema.host_cache'), '0');
  },
  { alsoNeeded: ['nginx', 'redis-server', 'mariadbd', 'mariadb-install-db', 'mariadb'] },
);

labTest(
  'on a bare server a web server has a documented port, and only a product that says who it is is a warning',
  async (t) => {
    const lab = await createLab({ hosts: { source: {}, server: {} } });
    t.teardown(() => lab.close());
    const server = lab.host('server');
    // Among the machine's own processes, whose names its root may see.
    const { networkOnly, pid } = server.machine;
    const where = { address: '0.0.0.0', network: [...networkOnly, `--pid=/proc/${pid}/ns/pid_for_children`] };
    for (const port of [80, 9070, 9200]) {
      const nginx = await startNginx({ ...where, port });
      t.teardown(() => nginx.stop());
    }
    const redis = await startRedis({ ...where, port: 6379 });
    t.teardown(() => redis.stop());
    const others = await startRedis({ ...where, port: 6380 });
    t.teardown(() => others.stop());
    const web = (port: number, service: FlowSpec['service']) => ({ ...open, port, service });
    const documented = {
      gateway: web(80, { http: { path: '/webroot/decision' } }),
      agent: web(9070, 'http'),
      search: web(9200, { http: { status: [200, 401] } }),
      cache: web(6379, 'redis'),
      database: web(6380, 'postgres'),
      idle: web(9300, 'http'),
    };
    writeInventory(lab, {
      roles: { source: ['client'], server: ['service'] },
      user: 'root',
      scenarios: writeScenario(lab, documented),
    });
    const { code, report, stderr } = await preflight(lab, ['--rate', '0']);
    t.is(code, 1, stderr);
    const ports = report!.checks.filter(({ kind }) => kind === 'port');
    t.deepEqual(
      ports.map(({ flow, outcomes, status }) => `${flow} ${status}: ${outcomes.map(({ outcome }) => outcome)}`).sort(),
      [
        'free-for-agent fail: in-use',
        'free-for-cache warn: in-use',
        'free-for-database fail: in-use',
        'free-for-gateway fail: in-use',
        'free-for-idle pass: free',
        'free-for-search fail: in-use',
      ],
      notPassed(report),
    );
    const causes = new Map(report!.findings.map(({ cause, id }) => [id, cause]));
    const causeOf = (id: string) => causes.get(ports.find(({ flow }) => flow === id)!.outcomes[0]!.finding ?? '');
    t.is(causeOf('free-for-agent'), 'port-in-use');
    t.is(causeOf('free-for-cache'), 'installed-already');
  },
  { alsoNeeded: ['nginx', 'redis-server'] },
);
