import { probeToken } from '#src/model/listening.js';
import { formatPorts } from '#src/model/port-set.js';
import { labTest } from '../lab/lab-test.js';
import { until } from '../until.js';
import { never } from '../vantage/fixtures.js';
import { answer, type Contestant, Node, question, run } from './node.js';

/** What listeners do, whatever runs them. */
export function listenerContract(contestant: Contestant): void {
  const { title, alsoNeeded } = contestant;
  const contractTest = (what: string, implementation: Parameters<typeof labTest>[1]) =>
    labTest(`${title}: ${what}`, implementation, { alsoNeeded });

  contractTest(
    'the question of this run is answered by the listener’s word and its port, and nothing else is',
    async (t) => {
      const node = await Node.start(t, contestant);
      const session = await node.open();
      const items = [
        { id: 1, address: '127.0.0.1', ports: [[7001, 7002]], listen: true },
        { id: 2, address: undefined, ports: [[7003, 7003]], listen: true },
        { id: 3, address: '127.0.0.1', ports: [[7004, 7004]], listen: false },
      ] as const;
      const { binds, holders } = await session.prepare(items, never);
      t.deepEqual(
        [...binds].sort((a, b) => a.item - b.item),
        [
          { item: 1, ports: [[7001, 7002]], errno: undefined },
          { item: 2, ports: [[7003, 7003]], errno: undefined },
          { item: 3, ports: [[7004, 7004]], errno: undefined },
        ],
      );
      t.deepEqual(holders, [], 'our own listeners hold nothing');
      const padded = `${probeToken(run, 7)} ${'x'.repeat(9000)}\n`;
      const unanswered = (says: readonly string[], port = 7002) => question(port, { says, unanswered: true });
      const answers = await node.ask([
        question(7001),
        question(7003, { from: '127.0.0.5', to: '127.0.0.9' }),
        question(7003, { to: '::1' }),
        question(7002, { says: ['portolan-pre', `flight ${run} 12\n`] }),
        question(7001, { says: [padded] }),
        question(7004),
        unanswered([`${probeToken('0123456789abcdee', 7)}\n`]),
        unanswered([`${probeToken(run, 7)} y\n`]),
        unanswered([`${probeToken(run, 7)}`]),
        unanswered(['GET / HTTP/1.1\r\n\r\n']),
        unanswered(['x'.repeat(70_000), '\n']),
        unanswered([], 7003),
      ]);
      const wholePadded = `${answer} 7001 `.padEnd(padded.length - 1, 'x');
      t.deepEqual(answers, [
        `${answer} 7001\n`,
        `${answer} 7003\n`,
        `${answer} 7003\n`,
        `${answer} 7002\n`,
        `${wholePadded}\n`,
        null,
        ...Array<string>(6).fill(''),
      ]);
      const { accepts, error } = await session.finish();
      t.is(error, undefined);
      t.deepEqual(
        accepts
          .map(({ address, peer, source, ports }) => `${peer} > ${address} ${source} ${formatPorts(ports)}`)
          .sort(),
        [
          '127.0.0.1 > 127.0.0.1 12 7002',
          '127.0.0.1 > 127.0.0.1 7 7001',
          '127.0.0.1 > 127.0.0.1 undefined 7002-7003',
          '127.0.0.5 > 127.0.0.9 7 7003',
          '::1 > ::1 7 7003',
        ],
      );
      t.deepEqual(await node.sockets(), [], 'nothing listens, and nothing is in TIME_WAIT');
      await session.close();
    },
  );

  contractTest('who holds a port is told, each kind apart', async (t) => {
    const node = await Node.start(t, contestant);
    const listen = (family: string, address: string, port: number) =>
      `s${port} = socket.socket(socket.${family}); s${port}.setsockopt(1, 2, 1)\n` +
      `if socket.${family} == socket.AF_INET6: s${port}.setsockopt(41, 26, 1)\n` +
      `s${port}.bind(("${address}", ${port})); s${port}.listen()\n`;
    const pid = await node.occupy(
      `import socket, sys\n${listen('AF_INET', '0.0.0.0', 7001)}${listen('AF_INET', '127.0.0.3', 7003)}` +
        `${listen('AF_INET6', '::', 7004)}${listen('AF_INET', '127.0.0.1', 7007)}${listen('AF_INET', '127.0.0.1', 7008)}` +
        'c = socket.socket(); c.bind(("127.0.0.1", 7002)); c.connect(("127.0.0.1", 7001)); a = s7001.accept()\n' +
        // A busy service, of whose connections a few will do.
        'm = [(socket.create_connection(("127.0.0.1", 7008)), s7008.accept()) for _ in range(20)]\n' +
        // The service ends a connection first, and leaves its port in TIME_WAIT.
        'd = socket.create_connection(("127.0.0.1", 7007)); e = s7007.accept()[0]; e.close(); d.close(); s7007.close()',
    );
    const foreign = await node.occupy(
      `import ctypes, socket, sys\n${listen('AF_INET', '127.0.0.1', 7006)}` +
        'assert ctypes.CDLL(None).unshare(0x40000000) == 0',
    );
    const session = await node.open();
    const { binds, holders } = await session.prepare(
      [
        {
          id: 1,
          address: '127.0.0.1',
          ports: [
            [7001, 7003],
            [7006, 7008],
          ],
          listen: true,
        },
        { id: 2, address: undefined, ports: [[7004, 7005]], listen: false },
        { id: 3, address: '127.0.0.1', ports: [[7004, 7004]], listen: false },
        { id: 4, address: '192.0.2.1', ports: [[7001, 7001]], listen: true },
        { id: 5, address: 'db.example', ports: [[7001, 7001]], listen: true },
      ],
      never,
    );
    t.deepEqual(binds.map(({ item, ports, errno }) => `${item} ${errno} ${formatPorts(ports)}`).sort(), [
      '1 EADDRINUSE 7001-7002,7006,7008',
      '1 undefined 7003,7007',
      '2 EADDRINUSE 7004',
      '2 undefined 7005',
      '3 undefined 7004',
      '4 EADDRNOTAVAIL 7001',
      '5 EINVAL 7001',
    ]);
    t.is(holders.filter(({ port, kind }) => port === 7008 && kind === 'client').length, 8);
    t.is(holders.filter(({ port, kind }) => port === 7008 && kind === 'listener').length, 1);
    t.deepEqual(
      holders
        .filter(({ port }) => port !== 7008)
        .map(({ kind, address, port, peer, otherNamespace, ...it }) =>
          [kind, address, port, peer ?? '-', it.pid === foreign ? 'foreign' : it.pid === pid, otherNamespace].join(' '),
        )
        .sort(),
      [
        'client 127.0.0.1 7001 127.0.0.1:7002 true false',
        'client 127.0.0.1 7002 127.0.0.1:7001 true false',
        'listener 0.0.0.0 7001 - true false',
        'listener 127.0.0.1 7006 - foreign true',
        'listener 127.0.0.3 7003 - true false',
        'listener :: 7004 - true false',
      ],
    );
    const [{ uid, user, process, command }] = holders as [(typeof holders)[0]];
    t.like({ uid, user }, { uid: 0, user: 'root' });
    t.regex(process!, /^python3/);
    t.regex(command!, /^python3 -c import .{180}/);
    t.is(command!.length, 200);
    await session.close();
  });

  contractTest('a user of no privileges is told apart, and what it may not see is left out', async (t) => {
    const node = await Node.start(t, contestant, ['echo 8000,9000-9002 >/proc/sys/net/ipv4/ip_local_reserved_ports']);
    await node.occupy('import socket, sys; s = socket.socket(); s.bind(("127.0.0.1", 7001)); s.listen()');
    const nobody = node.vantage(['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups']);
    const session = await node.open(nobody);
    const { clockSkew, ...settings } = session.settings;
    t.deepEqual(settings, {
      uid: 65534,
      user: 'nobody',
      unprivilegedPortStart: 1024,
      ephemeralPorts: [[32768, 60999]],
      reservedPorts: [
        [8000, 8000],
        [9000, 9002],
      ],
    });
    t.true(Math.abs(clockSkew.ms) <= clockSkew.uncertaintyMs + 1, JSON.stringify(clockSkew));
    const { binds, holders } = await session.prepare(
      [
        {
          id: 1,
          address: '127.0.0.1',
          ports: [
            [1022, 1025],
            [7001, 7001],
          ],
          listen: true,
        },
      ],
      never,
    );
    t.deepEqual(binds.map(({ ports, errno }) => `${errno} ${formatPorts(ports)}`).sort(), [
      'EACCES 1022-1023',
      'EADDRINUSE 7001',
      'undefined 1024-1025',
    ]);
    t.like(holders, [{ port: 7001, uid: 0, user: 'root', pid: undefined, process: undefined, command: undefined }]);
    t.is(holders.length, 1);
    await session.close();
  });

  contractTest('a thousand and one listeners are one process, and every one of them answers', async (t) => {
    const node = await Node.start(t, contestant);
    const session = await node.open();
    const items = [{ id: 1, address: undefined, ports: [[20_000, 21_000]], listen: true }] as const;
    const { binds } = await session.prepare(items, never);
    t.deepEqual(binds, [{ item: 1, ports: [[20_000, 21_000]], errno: undefined }]);
    const ports = Array.from({ length: 1001 }, (_, index) => 20_000 + index);
    t.is((await node.sockets()).length, 2 * 1001);
    const answers = await node.ask(ports.slice(0, 500).map((port) => question(port)));
    t.deepEqual(
      answers,
      ports.slice(0, 500).map((port) => `${answer} ${port}\n`),
    );
    const { accepts } = await session.finish();
    t.deepEqual(accepts, [{ address: '127.0.0.1', peer: '127.0.0.1', source: 7, ports: [[20_000, 20_499]] }]);
    t.deepEqual(await node.sockets(), []);
    await session.close();
  });

  contractTest('where descriptors run out the rest is told, and connections wait for each other', async (t) => {
    const node = await Node.start(t, contestant);
    const session = await node.open(node.vantage(['prlimit', '--nofile=64:64']));
    const items = [{ id: 1, address: '127.0.0.1', ports: [[7001, 7100]], listen: true }] as const;
    const { binds } = await session.prepare(items, never);
    t.deepEqual(binds.map(({ ports, errno }) => `${errno} ${formatPorts(ports)}`).sort(), [
      'EMFILE 7037-7100',
      'undefined 7001-7036',
    ]);
    // Twelve are accepted at a time.
    const answers = await node.ask(Array.from({ length: 60 }, (_, index) => question(7001 + (index % 36))));
    t.deepEqual(
      answers,
      Array.from({ length: 60 }, (_, index) => `${answer} ${7001 + (index % 36)}\n`),
    );
    await session.close();
  });

  contractTest('a killed program leaves nothing, and is said to have been', async (t) => {
    const node = await Node.start(t, contestant);
    const vantage = node.vantage();
    const session = await node.open(vantage);
    await session.prepare([{ id: 1, address: '127.0.0.1', ports: [[7001, 7010]], listen: true }], never);
    // One connection that is over, one that was answered and is still open, one that says nothing.
    await node.ask([question(7001)]);
    await node.occupy(
      'import socket, sys\nc, d = [socket.create_connection(("127.0.0.1", 7002)) for _ in range(2)]\n' +
        `c.sendall(b"${probeToken(run, 7)}\\n"); assert c.recv(100)`,
    );
    const programs = node.programs();
    t.is(programs.length, 1);
    process.kill(programs[0]!, 'SIGKILL');
    await until(async () => (await node.sockets()).length === 0, 2000, 'no socket is left, in whatever state');
    const { accepts, error } = await session.finish();
    t.deepEqual(accepts, []);
    t.regex(error!, /^the listener program on process ended with exit code 137/);
    await session.close();
  });

  contractTest('a program whose controller or shell was killed leaves nothing', async (t) => {
    const node = await Node.start(t, contestant);
    const vantage = node.vantage();
    const session = await node.open(vantage);
    await session.prepare([{ id: 1, address: '127.0.0.1', ports: [[7001, 7010]], listen: true }], never);
    await node.ask([question(7001)]);
    process.kill(vantage.pids[0]!, 'SIGKILL');
    vantage.processes[0]!.stdin.destroy();
    await until(() => node.programs().length === 0, 2000, 'the program has ended');
    t.deepEqual(await node.sockets(), []);
    await session.close();
  });
}
