import { execa } from 'execa';
import type { ReportCheck } from '#src/model/report.js';
import { writeInventory } from '../lab/inventory.js';
import { createLab, type Lab } from '../lab/lab.js';
import { labTest } from '../lab/lab-test.js';
import { listeningSockets } from '../lab/sockets.js';
import { until } from '../until.js';
import { preflight, writeScenario } from './check.js';

const from = 'prober';
const flows = {
  stranger: { from, to: 'database', port: 7001, service: 'redis', expect: 'open' },
  client: { from, to: 'database', port: 7002, expect: 'open' },
  container: { from, to: 'database', port: 7003, expect: 'open' },
  'other-namespace': { from, to: 'database', port: 7008, expect: 'open' },
  'ipv6-only': { from, to: 'database', port: 7004, expect: 'open' },
  'loopback-only': { from, to: 'database', port: 7005, expect: 'open' },
  idle: { from, to: 'database', port: 7006, expect: 'open' },
  running: { from, to: 'database', port: 7007, service: 'http', expect: 'open' },
  privileged: { from, to: 'database', port: 81, expect: 'reachable' },
  unlistened: { from, to: 'database', port: 7009, expect: 'open' },
} as const;

// A process for each way of holding a port: real sockets of real processes of the host.
const holders = `
import ctypes, http.server, os, socket, sys, time
def start(work):
    if os.fork() == 0:
        work()
        time.sleep(600)
        os._exit(0)
kept = []
def listen(address, port, family=socket.AF_INET):
    sock = socket.socket(family)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET6:
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    sock.bind((address, port))
    sock.listen(5)
    kept.append(sock)
def named(name):
    open('/proc/self/comm', 'w').write(name)
proxy = ("import socket, time; open('/proc/self/comm', 'w').write('docker-proxy'); "
         "s = socket.create_server(('0.0.0.0', 7003)); time.sleep(600)")
def container():
    os.execvp('python3', ['python3', '-c', proxy, '-container-ip', '172.17.0.2', '-container-port', '3306'])
def elsewhere():
    listen('0.0.0.0', 7008)
    ctypes.CDLL(None).unshare(0x40000000)
def client():
    listen('0.0.0.0', 7999)
    sock = socket.socket()
    sock.bind(('0.0.0.0', 7002))
    sock.connect((sys.argv[1], 7999))
    kept.append(sock)
def bound():
    sock = socket.socket()
    sock.bind(('0.0.0.0', 7009))
    kept.append(sock)
start(lambda: (named('mysqld'), listen('0.0.0.0', 7001)))
start(client)
start(container)
start(elsewhere)
start(bound)
start(lambda: listen('::', 7004, socket.AF_INET6))
start(lambda: listen('127.0.0.1', 7005))
start(lambda: http.server.HTTPServer(('', 7007), http.server.SimpleHTTPRequestHandler).serve_forever())
time.sleep(600)
`;

/** Resolves once every port is held, with what ends it. */
async function occupy(lab: Lab): Promise<() => void> {
  const { machine } = lab.host('db');
  const running = execa('nsenter', [...machine.inside, 'python3', '-c', holders, lab.host('db').address()], {
    reject: false,
    stdin: 'ignore',
    cwd: '/',
  });
  const wanted = ['0.0.0.0:7001', '0.0.0.0:7003', '127.0.0.1:7005', '0.0.0.0:7007', '0.0.0.0:7008', '0.0.0.0:7999'];
  const all = async () => {
    const there = await listeningSockets(machine);
    return wanted.every((socket) => there.includes(socket));
  };
  await until(all, 10_000, 'every port is held');
  return () => void running.kill('SIGKILL');
}

const nobody = 'a process that only root may see (user root)';

/** What is seen of the ports and the paths by an ordinary user, and what root sees beside. */
const seen = {
  ops: {
    ports: {
      stranger: `fail: in-use (${nobody})`,
      client: `fail: held-by-client (a connection to 10.10.0.12:7999 of ${nobody})`,
      container: `fail: in-use (${nobody})`,
      'other-namespace': `fail: in-use (${nobody})`,
      'ipv6-only': `warn: free (taken on IPv6: [::]:7004, by ${nobody})`,
      'loopback-only': `warn: free (taken on another address: 127.0.0.1:7005, by ${nobody})`,
      idle: 'pass: free',
      running: `fail: in-use (${nobody})`,
      privileged: 'pass: free (nobody listens there; not tried, since a port below 1024 wants root)',
      unlistened: 'fail: in-use (a socket that does not listen)',
    },
    paths: {
      stranger: 'unknown: unprobed, null',
      client: 'unknown: unprobed, null',
      container: 'unknown: unprobed, null',
      'other-namespace': 'unknown: unprobed, null',
      'ipv6-only': 'pass: open, listener',
      'loopback-only': 'pass: open, listener',
      idle: 'pass: open, listener',
      running: 'unknown: unprobed, null',
      privileged: 'unknown: unprobed, null',
      unlistened: 'unknown: unprobed, null',
    },
  },
  root: {
    ports: {
      stranger: 'fail: in-use (mysqld (pid N, user root))',
      client: 'fail: held-by-client (a connection to 10.10.0.12:7999 of python3 (pid N, user root))',
      container:
        'fail: in-use (docker-proxy (pid N, user root), which maps it into another network namespace, to 172.17.0.2:3306)',
      'other-namespace': 'fail: in-use (python3 (pid N, user root, in another network namespace))',
      'ipv6-only': 'warn: free (taken on IPv6: [::]:7004, by python3 (pid N, user root))',
      'loopback-only': 'warn: free (taken on another address: 127.0.0.1:7005, by python3 (pid N, user root))',
      running: 'fail: in-use (python3 (pid N, user root))',
      privileged: 'pass: free',
    },
    paths: { running: 'pass: open, identified', privileged: 'pass: open, listener' },
  },
} as const;

for (const user of ['ops', 'root'] as const) {
  labTest(`occupied ports are told apart, by who holds them and where, when ${user} logs in`, async (t) => {
    const lab = await createLab({ hosts: { a: {}, db: {} } });
    t.teardown(() => lab.close());
    t.teardown(await occupy(lab));
    writeInventory(lab, { roles: { a: ['prober'], db: ['database'] }, user, scenarios: writeScenario(lab, flows) });
    const { code, report, stderr } = await preflight(lab, ['--rate', '0']);
    const ofKind = (kind: ReportCheck['kind'], text: (check: ReportCheck) => string) =>
      Object.fromEntries(
        (report?.checks ?? [])
          .filter((check) => check.kind === kind)
          .map((check) => [check.flow.replace('free-for-', ''), `${check.status}: ${text(check)}`]),
      );
    const ports = ofKind('port', ({ outcomes }) => outcomes.map(outcomeText).join(', '));
    const paths = ofKind('path', ({ outcomes, proof }) => `${outcomes.map(({ outcome }) => outcome)}, ${proof}`);
    t.deepEqual({ ports, paths }, {
      ports: { ...seen.ops.ports, ...(user === 'root' ? seen.root.ports : {}) },
      paths: { ...seen.ops.paths, ...(user === 'root' ? seen.root.paths : {}) },
    } as never);
    t.is(code, 1, stderr);
  });
}

function outcomeText({ outcome, reason }: ReportCheck['outcomes'][number]): string {
  return reason === null ? outcome : `${outcome} (${reason.replaceAll(/pid \d+/g, 'pid N')})`;
}
