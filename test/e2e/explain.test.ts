import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createCertificates } from '../lab/certificates.js';
import { writeInventory } from '../lab/inventory.js';
import { createLab } from '../lab/lab.js';
import { labTest } from '../lab/lab-test.js';
import { runPortolan } from '../lab/portolan.js';
import { startMariadb } from '../lab/servers/mariadb.js';
import { startNginx } from '../lab/servers/nginx.js';
import { startRedis } from '../lab/servers/redis.js';
import { writeScenario } from './check.js';

labTest(
  'explain tells what was seen, said and judged, and shows no secret',
  async (t) => {
    const lab = await createLab({ hosts: { app: {}, db: {} } });
    t.teardown(() => lab.close());
    const certificates = createCertificates();
    t.teardown(() => certificates.remove());
    const [app, db] = [lab.host('app'), lab.host('db')];
    const network = db.machine.networkOnly;
    const mariadb = await startMariadb({ port: 3306, hosts: { [app.address()]: 'app' }, network });
    t.teardown(() => mariadb.stop());
    await mariadb.sql("CREATE USER 'app'@'%' IDENTIFIED BY ''");
    const password = randomBytes(12).toString('hex');
    const redis = await startRedis({ address: db.address(), port: 6379, password, network });
    t.teardown(() => redis.stop());
    const { certificate, key } = await certificates.issue({ commonName: 'db', names: [`IP:${db.address()}`] });
    const nginx = await startNginx({ address: db.address(), port: 8443, tls: { certificate, key }, network });
    t.teardown(() => nginx.stop());
    writeFileSync(join(lab.folder, 'authority.pem'), certificate);
    const flow = { from: 'client', to: 'server', expect: 'open' } as const;
    const flows = {
      sql: { ...flow, port: 3306, service: 'mysql' },
      cache: { ...flow, port: 'cache' },
      web: { ...flow, port: 8443, service: { https: { ca: { file: 'authority.pem' } } } },
      idle: { ...flow, port: 7001 },
      guarded: { ...flow, port: 3307 },
    };
    const scenario = writeScenario(lab, flows, { cache: { default: 6379, service: 'redis' } });
    writeInventory(lab, {
      roles: { app: ['client'], db: ['server'] },
      scenarios: { lab: { ...scenario.lab, services: { cache: { redis: { password: { env: 'CACHE_PASSWORD' } } } } } },
    });
    const env = { CACHE_PASSWORD: password };
    const explain = (...args: readonly string[]) => runPortolan(lab, ['explain', ...args], { env });

    const sql = await explain('lab/sql');
    t.is(sql.code, 0, sql.stderr);
    t.regex(sql.stdout, /^lab\/sql: app → db +expects open$/m);
    t.regex(sql.stdout, new RegExp(`^ +login +ssh2 to ${app.managementAddress}, engine python`, 'm'));
    t.regex(sql.stdout, new RegExp(`^SAID AT ${db.address()}, port 3306 +mysql$`, 'm'));
    t.regex(sql.stdout, /^ +\d+\.\d ms ← \d+ bytes\n +0000 [\s\S]*MariaDB[\s\S]*^ +\d+\.\d ms → \d+ bytes\n +0000 /m);
    t.regex(sql.stdout, /portolan\./);
    t.regex(sql.stdout, /^ +answer +MariaDB \S+ greeted and refused the login \(1045\)$/m);
    t.regex(sql.stdout, /^ +times +connect \d+\.\d ms, first byte \d+\.\d ms$/m);
    t.regex(sql.stdout, /^ +open where open is expected: pass\n +proof +identified\n +PASS$/m);

    const web = await explain('web');
    t.is(web.code, 0, web.stderr + web.stdout);
    t.regex(web.stdout, /^ +\d+\.\d ms +TLS 1\.[23] with TLS_\w+$/m);
    // What was said inside of TLS, not its records.
    t.regex(web.stdout, /^ +\d+\.\d ms → \d+ bytes\n +0000 +47 45 54 20 2f 20 .* GET \/ HTTP/m);
    t.regex(web.stdout, /^ +\d+\.\d ms ← \d+ bytes\n +0000 +48 54 54 50 .* HTTP\/1\.1 200 OK/m);
    t.regex(web.stdout, /^ +times +connect \d+\.\d ms, TLS \d+\.\d ms, first byte \d+\.\d ms$/m);

    const idle = await explain('idle', '--from', 'app', '--to', 'db');
    t.is(idle.code, 1, idle.stderr);
    t.regex(idle.stdout, new RegExp(`^ +${app.address()} → ${db.address()} +port 7001 +ECONNREFUSED$`, 'm'));
    t.regex(idle.stdout, /^ +refused where open is expected: fail$/m);
    t.regex(idle.stdout, /^ +cause +\S[\s\S]*^ +remedy +\S[\s\S]*^ +FAIL$/m);
    t.false(idle.stdout.includes('SAID AT'));

    // A port of the MySQL family is dialled, not swept; nobody was there to be spoken to.
    const guarded = await explain('guarded');
    t.is(guarded.code, 1, guarded.stderr);
    t.regex(guarded.stdout, new RegExp(`^ +${db.address()} +port 3307 +ECONNREFUSED$`, 'm'));
    t.false(guarded.stdout.includes('SAID AT'));

    const cache = await explain('lab/cache');
    t.is(cache.code, 0, cache.stderr);
    t.regex(cache.stdout, /→ with a secret, masked/);
    t.regex(cache.stdout, /^ +0010 .*\*\* \*\* \*\* .*\*\*\*/m);
    t.regex(cache.stdout, /^ +answer +Redis answers PING$/m);
    for (const text of [cache.stdout, cache.stderr]) {
      t.false(text.includes(password));
      t.false(text.replaceAll(/\s/g, '').includes(Buffer.from(password).toString('hex')));
    }
  },
  { alsoNeeded: ['mariadbd', 'mariadb-install-db', 'mariadb', 'redis-server', 'nginx'] },
);
