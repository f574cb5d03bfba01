import { existsSync } from 'node:fs';
import { execa } from 'execa';
import { connect } from './connect.js';
import { clearFilters, countSyns, drop, reject, silence } from './filter.js';
import type { LabHost } from './host.js';
import { createLab, type Lab } from './lab.js';
import { labTest } from './lab-test.js';
import { listeningSockets } from './sockets.js';

async function ssh(lab: Lab, host: LabHost, command: string, user = 'ops'): Promise<string> {
  const { all } = await execa(
    'ssh',
    [
      ...['-F', 'none', '-i', lab.clientKey.file, '-o', 'BatchMode=yes', '-o', 'LogLevel=ERROR'],
      ...['-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null'],
      ...[`${user}@${host.managementAddress}`, command],
    ],
    { reject: false, all: true, stdin: 'ignore' },
  );
  return all;
}

labTest('six hosts are set up and torn down quickly', async (t) => {
  const began = performance.now();
  const west = { networks: ['west'] };
  const lab = await createLab({ hosts: { e1: {}, e2: {}, e3: {}, w1: west, w2: west, w3: west } });
  t.teardown(() => lab.close());
  const setUp = performance.now() - began;
  t.log(`set up in ${Math.round(setUp)} ms`);
  // It takes 0.3 s on an idle machine of two cores; the limit allows for a busy one.
  t.true(setUp < 15_000);
  t.is(await connect(lab.host('e1').machine, 'w3', 22), 'connected');
  const pids = lab.hosts.flatMap(({ machine }) => machine.processes()).map(({ pid }) => pid);
  t.true(pids.length >= 6);
  const closing = performance.now();
  await lab.close();
  t.true(performance.now() - closing < 10_000);
  t.false(pids.some((pid) => existsSync(`/proc/${pid}`)));
  t.false(existsSync(lab.folder));
});

labTest('a host has its own users, names and files, and an ordinary user and root log in', async (t) => {
  const lab = await createLab({ hosts: { db1: { motd: 'welcome' }, db2: {} } });
  t.teardown(() => lab.close());
  const host = lab.host('db1');
  t.is(
    await ssh(lab, host, 'id -un; hostname; cat /etc/motd; ls -A /tmp; getent hosts db2'),
    ['ops', 'db1', 'welcome10.10.0.12      db2'].join('\n'),
  );
  t.is(await ssh(lab, host, 'id -u', 'root'), '0');
  t.deepEqual(await listeningSockets(host.machine), ['0.0.0.0:22', '[::]:22']);
});

labTest('interpreters are hidden, login shells are chosen, and profiles make noise', async (t) => {
  const lab = await createLab({
    hosts: {
      bare: { interpreters: [], shell: '/bin/sh' },
      perl: { interpreters: ['perl'], shell: '/usr/bin/tcsh', home: { '.tcshrc': 'echo noise\n' } },
      fish: { shell: '/usr/bin/fish' },
      broken: { programs: { '/usr/bin/python3': '#!/bin/sh\necho broken\n' } },
    },
  });
  t.teardown(() => lab.close());
  const which = 'sh -c "command -v python; command -v python3; command -v python2; command -v perl"';
  t.is(await ssh(lab, lab.host('bare'), which), '');
  t.is(await ssh(lab, lab.host('perl'), which), 'noise\n/usr/bin/perl');
  t.is(await ssh(lab, lab.host('broken'), 'python3 -c "print(1)"'), 'broken');
  t.is(await ssh(lab, lab.host('fish'), 'echo $fish_pid | grep -c .'), '1');
});

labTest(
  'a host of the age of CentOS 7 has python 2.7 alone',
  async (t) => {
    const lab = await createLab({ hosts: { old: { interpreters: ['python2'] } } });
    t.teardown(() => lab.close());
    t.regex(
      await ssh(lab, lab.host('old'), 'python -V 2>&1; sh -c "command -v python3; command -v perl"'),
      /^Python 2\.7\.\d+$/,
    );
  },
  { alsoNeeded: ['python2.7'] },
);

labTest('a drop is silence and each rejection is what it says', async (t) => {
  const lab = await createLab({ hosts: { a: {}, b: {}, far: { networks: ['west'] } } });
  t.teardown(() => lab.close());
  const [a, b, far] = [lab.host('a').machine, lab.host('b').machine, lab.host('far').machine];
  await lab.listen('b', { '0.0.0.0': '7001-7010', '127.0.0.1': '7020' });
  await lab.listen('far', { '0.0.0.0': '7001-7010' });
  await drop(b, { ports: '7002-7003' });
  await reject(b, { ports: '7004' }, 'tcp-reset');
  await reject(b, { ports: '7005' }, 'port-unreachable');
  await reject(b, { ports: '7006' }, 'host-prohibited');
  await reject(b, { ports: '7007' }, 'admin-prohibited');
  await drop(lab.router, { ports: '7002', chain: 'forward' });
  await reject(lab.router, { ports: '7006', chain: 'forward' }, 'host-prohibited');
  await drop(a, { ports: '7009', chain: 'output' });
  const seen = (port: number) => connect(a, 'b', port);
  t.is(await seen(7001), 'connected');
  t.is(await seen(7002), 'silence');
  t.is(await seen(7003), 'silence');
  t.is(await seen(7004), 'ECONNREFUSED');
  t.is(await seen(7005), 'ECONNREFUSED');
  t.is(await seen(7006), 'EHOSTUNREACH');
  t.is(await seen(7007), 'EHOSTUNREACH');
  t.is(await seen(7009), 'silence');
  t.is(await seen(7020), 'ECONNREFUSED');
  t.is(await connect(b, '127.0.0.1', 7020), 'connected');
  t.is(await connect(a, 'far', 7001), 'connected');
  t.is(await connect(a, 'far', 7002), 'silence');
  t.is(await connect(a, 'far', 7006), 'EHOSTUNREACH');
  t.is(await connect(far, 'b', 7008), 'connected');
  await clearFilters(b);
  t.is(await seen(7002), 'connected');
});

labTest('a silent host, an unplugged one, an unknown name and missing routes are what they say', async (t) => {
  const lab = await createLab({ hosts: { a: {}, quiet: {}, gone: {}, far: { networks: ['west'] } } });
  t.teardown(() => lab.close());
  const a = lab.host('a').machine;
  await silence(lab.host('quiet').machine, 'east');
  await lab.host('gone').unplug('east');
  t.is(await connect(a, 'quiet', 22), 'silence');
  t.is(await connect(a, 'gone', 22, { timeoutMs: 4000 }), 'EHOSTUNREACH');
  t.is(await connect(a, 'far', 22), 'connected');
  await lab.host('a').unplug('east');
  t.is(await connect(a, 'far', 22), 'ENETUNREACH');
  await lab.host('a').plug('east');
  t.is(await connect(a, 'far', 22), 'connected');
  await a.ip(['route del 10.20.0.0/24']);
  t.is(await connect(a, 'far', 22), 'ENETUNREACH');
  await a.ip(['route add prohibit 10.20.0.0/24']);
  t.is(await connect(a, 'far', 22), 'EACCES');
  lab.host('a').setNames([]);
  t.is(await connect(a, 'far', 22), 'name-failure');
  t.is(await ssh(lab, lab.host('quiet'), 'echo there'), 'there');
});

labTest('what runs on a host is seen, sessions apart, and SYNs are counted', async (t) => {
  const lab = await createLab({ hosts: { a: {}, b: {} } });
  t.teardown(() => lab.close());
  const [a, b] = [lab.host('a'), lab.host('b')];
  t.deepEqual(a.processes(), []);
  const session = ssh(lab, a, 'exec sleep 60');
  await waitFor(() => a.processes({ sessions: false }).length === 1);
  t.is(a.processes({ sessions: false })[0]?.command, 'sleep 60');
  t.true(a.processes().length > 1);
  a.killSessions();
  await session;
  await waitFor(() => a.processes().every(({ command }) => command === 'sleep 60'));
  t.is(a.processes().length, 1);

  const syns = await countSyns(b.machine, { ports: '22' });
  t.is(await syns(), 0);
  await connect(a.machine, 'b', 22);
  t.is(await syns(), 1);
});

labTest('a hung sshd accepts and says nothing', async (t) => {
  const lab = await createLab({ hosts: { a: {}, b: {} } });
  t.teardown(() => lab.close());
  lab.host('b').hangSshd();
  t.is(await connect(lab.host('a').machine, 'b', 22), 'connected');
  const { exitCode } = await lab.host('a').machine.runInside('ssh-keyscan', ['-T', '1', 'b'], { timeoutMs: 3000 });
  t.not(exitCode, 0);
});

async function waitFor(condition: () => boolean): Promise<void> {
  for (let tries = 0; !condition(); tries += 1) {
    if (tries > 200) throw new Error('it did not come about in four seconds');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
