import { execa } from 'execa';
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
def container():
    named('docker-proxy')
    listen('0.0.0.0', 7003)
def elsewhere():
    listen('0.0.0.0', 7008)
    ctypes.CDLL(None).unshare(0x40000000)
def client():
    listen('127.0.0.1', 7999)
    sock = socket.socket()
    sock.bind(('0.0.0.0', 7002))
    sock.connect(('127.0.0.1', 7999))
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
  const mapping = ['-proto', 'tcp', '-container-ip', '172.17.0.2', '-container-port', '3306'];
  const running = execa('nsenter', [...machine.inside, 'python3', '-c', holders, ...mapping], {
    reject: false,
    stdin: 'ignore',
    cwd: '/',
  });
  const wanted = ['0.0.0.0:7001', '0.0.0.0:7003', '127.0.0.1:7005', '0.0.0.0:7007', '0.0.0.0:7008', '127.0.0.1:7999'];
  const all = async () => {
    const there = await listeningSockets(machine);
    return wanted.every((socket) => there.includes(socket));
  };
  await until(all, 10_000, 'every port is held');
  return () => void running.kill('SIGKILL');
}

for (const user of ['root', 'ops'] as const) {
  labTest(`occupied ports are told apart, by who holds them and where, when ${user} logs in`, async (t) => {
    const lab = await createLab({ hosts: { a: {}, db: {} } });
    t.teardown(() => lab.close());
    t.teardown(await occupy(lab));
    writeInventory(lab, { roles: { a: ['prober'], db: ['database'] }, user, scenarios: writeScenario(lab, flows) });
    const { report, stdout, stderr } = await preflight(lab, ['--rate', '0']);
    t.truthy(report, stderr);
    const ports = Object.fromEntries(
      report!.checks
        .filter(({ kind }) => kind === 'port')
        .map(({ flow, outcomes, status }) => [
          flow.replace('free-for-', ''),
          `${status}: ${outcomes.map(({ outcome, reason }) => `${outcome} (${reason?.replace(/pid \d+/g, 'pid N')})`).join(', ')}`,
        ]),
    );
    const paths = Object.fromEntries(
      report!.checks
        .filter(({ kind }) => kind === 'path')
        .map(({ flow, outcomes, proof, status }) => [flow, `${status} ${outcomes.map((it) => it.outcome)} ${proof}`]),
    );
    t.log(stdout);
    t.deepEqual({ ports, paths }, {} as never);
  });
}
