import { isDeepStrictEqual } from 'node:util';
import type { ExecutionContext } from 'ava';
import pLimit from 'p-limit';
import { documentedLogs, patternOf } from '../docs/protocols-page.js';
import { createCertificates } from '../lab/certificates.js';
import type { LabHost } from '../lab/host.js';
import { writeInventory } from '../lab/inventory.js';
import { createLab, type Lab } from '../lab/lab.js';
import { missingPrerequisite } from '../lab/prerequisites.js';
import { startMariadb } from '../lab/servers/mariadb.js';
import { postgresUnavailable } from '../lab/servers/postgres.js';
import type { Server } from '../lab/servers/server.js';
import { testNeeding } from '../needing.js';
import { until } from '../until.js';
import { notPassed, writeScenario } from './check.js';
import { checkHere } from './in-process.js';
import { type LoggedServer, loggedServers, neededPrograms } from './logged-servers.js';

// What checks leave behind at real servers: exactly the lines that docs/protocols.md lists, however many run.

const runs = 100;
// As many again of MariaDB's flows alone.
const mariadbFlows = ['mariadb', 'mariadb-range'];

testNeeding(
  missingPrerequisite(neededPrograms) ?? postgresUnavailable(),
  'two hundred runs leave only the lines that docs/protocols.md lists in the servers’ logs, and MariaDB welcomes the host',
  async (t) => {
    const lab = await createLab({ hosts: { app: {}, server: {} } });
    t.teardown(() => lab.close());
    const [app, server] = [lab.host('app'), lab.host('server')];
    const [mariadb, ...others] = await startAll(t, app, server);
    const logs = new Map([['mariadb', new NewLines(mariadb)]]);
    for (const [index, { name }] of loggedServers.entries()) logs.set(name, new NewLines(others[index]!));
    writeSite(lab, server, others);

    const inTurn = pLimit(2);
    const check = (args: readonly string[]) =>
      inTurn(async () => {
        const { code, report, warnings } = await checkHere(lab, ['--rate', '0', ...args]);
        t.is(code, 0, warnings + notPassed(report));
        t.true(
          report.checks.every(
            ({ status, proof, flow }) => status === 'pass' && (proof === 'identified' || flow === 'mariadb-range'),
          ),
        );
      });
    await Promise.all(Array.from({ length: runs }, () => check([])));
    await Promise.all(
      Array.from({ length: runs }, () => check(mariadbFlows.flatMap((flow) => ['--flow', `lab/${flow}`]))),
    );

    const documented = documentedLogs();
    t.deepEqual([...logs.keys()].sort(), [...documented.keys()].sort());
    const expected = mapOf(documented, (lines, name) =>
      count(Array.from({ length: name === 'mariadb' ? 2 * runs : runs }, () => lines).flat()),
    );
    const logged = () => mapOf(documented, (lines, name) => tally(logs.get(name)!.lines(), lines));
    // Servers write what they have to say of a connection when they find the time.
    await until(() => isDeepStrictEqual(logged(), expected), 10_000, '').catch(() => t.deepEqual(logged(), expected));

    t.is(await mariadb.sql('SELECT COUNT(*), SUM(SUM_CONNECT_ERRORS) FROM performance_schema.host_cache'), '1\t0');
    const client = ['--no-defaults', '-h', server.address(), '-u', 'app', '-N', '-e', 'SELECT CURRENT_USER()'];
    t.is(await app.machine.run('mariadb', client), 'app@%');
  },
);

async function startAll(t: ExecutionContext, app: LabHost, server: LabHost) {
  const certificates = createCertificates();
  t.teardown(() => certificates.remove());
  const tls = await certificates.issue({ commonName: 'server' });
  const where = { address: server.address(), network: server.machine.networkOnly };
  const stopAtEnd = async <S extends Pick<Server, 'stop'>>(starting: Promise<S>): Promise<S> => {
    const started = await starting;
    t.teardown(() => started.stop());
    return started;
  };
  const mariadb = async () => {
    // With the names of its clients it keeps a host cache, and blocks the host that breaks its handshake five times.
    const hosts = { [app.address()]: 'app' };
    const started = await startMariadb({ ...where, port: 3306, hosts, options: ['--max-connect-errors=5'] });
    await started.sql("CREATE USER 'app'@'%' IDENTIFIED BY ''");
    return started;
  };
  return Promise.all([
    stopAtEnd(mariadb()),
    ...loggedServers.map(({ start }) => stopAtEnd(start(where, tls))),
  ] as const);
}

/** One flow to each server; and a range over MariaDB's port, which no sweep may touch. */
function writeSite(lab: Lab, server: LabHost, others: readonly { readonly port: number }[]): void {
  const flowTo = (port: number, service: LoggedServer['service']) => ({
    ...ends,
    port,
    service,
    expect: 'open' as const,
  });
  const ends = { from: 'client', to: 'service' };
  const flows = {
    mariadb: flowTo(3306, 'mysql'),
    'mariadb-range': { ...ends, port: '3300-3310', expect: 'reachable' as const },
    ...Object.fromEntries(
      loggedServers.map(({ name, service }, index) => [name, flowTo(others[index]!.port, service)]),
    ),
  };
  writeInventory(lab, {
    roles: { app: ['client'] },
    endpoints: { server: { address: server.address(), roles: ['service'] } },
    scenarios: writeScenario(lab, flows),
  });
}

/** What a server has logged since it was started. */
class NewLines {
  readonly #server: Pick<Server, 'log'>;
  readonly #start: number;

  constructor(server: Pick<Server, 'log'>) {
    this.#server = server;
    this.#start = server.log().length;
  }

  lines(): readonly string[] {
    const text = this.#server.log().slice(this.#start);
    // sshd ends lines as terminals do.
    return text.split(/\r?\n/).filter((line) => line !== '');
  }
}

/** How often each documented line occurs; a line that is not documented stands for itself. */
function tally(lines: readonly string[], documented: readonly string[]): Readonly<Record<string, number>> {
  const patterns = documented.map((line) => [line, patternOf(line)] as const);
  return count(lines.map((line) => patterns.find(([, pattern]) => pattern.test(line))?.[0] ?? line));
}

function count(lines: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const line of lines) counts[line] = (counts[line] ?? 0) + 1;
  return counts;
}

function mapOf<From, To>(map: ReadonlyMap<string, From>, to: (value: From, key: string) => To): Record<string, To> {
  return Object.fromEntries([...map].map(([key, value]) => [key, to(value, key)]));
}
