import { once } from 'node:events';
import { createServer } from 'node:net';
import { execa, execaSync } from 'execa';
import { bootstrapScript } from '#src/remote-program/bootstrap.js';
import { programEngines } from '#src/sweep/engines.js';
import { type FactRow, nodeFacts } from '#src/sweep/facts.js';
import { testNeeding } from '../needing.js';

const python2 = process.env.PORTOLAN_PYTHON2 ?? 'python2.7';
const interpreters = [
  { title: 'python 3', engine: 'python', path: 'python3' },
  { title: 'python 2.7', engine: 'python', path: python2 },
  { title: 'perl', engine: 'perl', path: 'perl' },
] as const;

for (const { title, engine, path } of interpreters) {
  const works = process.platform === 'linux' && execaSync(path, ['--version'], { reject: false }).exitCode === 0;
  testNeeding(
    works ? undefined : `no ${title} on Linux`,
    `${title} lists listeners, whatever the kernel answers`,
    async (t) => {
      const servers = ['127.0.0.1', '::1'].map((host) => createServer().listen({ host, port: 0, ipv6Only: true }));
      t.teardown(() => {
        for (const server of servers) server.close();
      });
      await Promise.all(servers.map((server) => once(server, 'listening')));
      const expected = servers.map((server) => server.address() as { address: string; port: number });

      // NETLINK_FIREWALL: no kernel has it any more.
      const unknown = (script: string) =>
        script.replace('SOCK_DIAG = 4', 'SOCK_DIAG = 3').replace('$sock_diag) = (16, 4)', '$sock_diag) = (16, 3)');
      for (const change of [(script: string) => script, unknown]) {
        const found = (await listenersBy(engine, path, change)).map(({ address, port }) => `${address} ${port}`);
        for (const { address, port } of expected) t.true(found.includes(`${address} ${port}`), found.join(', '));
      }
    },
  );
}

/** What the program says of the node before its stdin ends. */
async function listenersBy(engine: string, path: string, change: (script: string) => string) {
  const programs = programEngines.filter(({ name }) => name === engine);
  const whole = bootstrapScript('nonce', programs);
  const script = change(whole).replace('for interpreter in', `for interpreter in '${path}'`);
  const { stdout } = await execa('sh', ['-s'], { input: script });
  const rows = stdout
    .split('\n')
    .filter((line) => line.startsWith('nonce f '))
    .map((line): FactRow => {
      const [, , table, ...fields] = line.split(' ');
      return { table: table!, fields };
    });
  return nodeFacts(rows).listeners!;
}
