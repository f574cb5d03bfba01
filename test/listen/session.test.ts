import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { listenerPrograms } from '#src/listen/programs.js';
import { openListeners } from '#src/listen/session.js';
import { startListeners } from '#src/listen/start.js';
import { decodeListenerMessage } from '#src/listen/wire.js';
import { ListenerFailure } from '#src/model/listening.js';
import { VantageFailure } from '#src/model/vantage.js';
import { bootstrapScript } from '#src/remote-program/bootstrap.js';
import { openChannel } from '#src/remote-program/channel.js';
import { python2Prefix } from '../lab/interpreters.js';
import { createLab } from '../lab/lab.js';
import { labTest } from '../lab/lab-test.js';
import { listeningSockets } from '../lab/sockets.js';
import { logIn } from '../sweep/lab-vantage.js';
import { ProcessVantage } from '../sweep/process-vantage.js';
import { until } from '../until.js';
import { never } from '../vantage/fixtures.js';
import { answer, contestants, Node, programsOf, question, run } from './node.js';

const terms = { run, answer, sudo: false, limitSeconds: 3600 };
const [python3] = contestants as [(typeof contestants)[0]];

labTest('a program that hears nothing for six seconds, or has lasted as long as it may, ends', async (t) => {
  const here = contestants.filter(({ alsoNeeded }) => alsoNeeded.length === 0 || python2Prefix() !== undefined);
  await Promise.all(
    here.flatMap((contestant) => [
      (async () => {
        const node = await Node.start(t, contestant);
        const { channel, nonce } = await openChannel(node.vantage(), decodeListenerMessage);
        const began = performance.now();
        channel.send(bootstrapScript(nonce, programsOf(contestant)));
        channel.send(`s ${run} ${answer} 3600\ni 1 - 7001-7010 l\ng\n`);
        const how = await channel.ended;
        t.regex(how, /^ended with exit code 142/, contestant.title);
        t.true(performance.now() - began > 5900, contestant.title);
        t.deepEqual(await node.sockets(), [], contestant.title);
      })(),
      (async () => {
        const node = await Node.start(t, contestant);
        const { link } = await startListeners(node.vantage(), 'sh -s', programsOf(contestant), never);
        await link.ask(`s ${run} ${answer} 1\n`, 'settings');
        await link.ask('i 1 - 7001-7010 l\ng\n', 'prepared');
        await t.throwsAsync(link.ask('', 'finished'), {
          instanceOf: ListenerFailure,
          message:
            'the listener program on process ended with exit code 0 (it said: the time that temporary listeners may last is over)',
        });
        t.deepEqual(await node.sockets(), [], contestant.title);
      })(),
    ]),
  );
});

labTest('sudo starts the shell where it is wanted, and is quoted where it refuses', async (t) => {
  const node = await Node.start(t, python3);
  node.install('sudo', '#!/bin/sh\necho "sudo: a password is required" >&2\nexit 1\n');
  await t.throwsAsync(node.open(node.vantage(), true), {
    instanceOf: ListenerFailure,
    message:
      'no listener runs on process: sudo -n sh -s ended with exit code 1 (it said: sudo: a password is required)',
  });
  node.install('sudo', '#!/bin/sh\n[ "$1" = -n ] && shift && exec "$@"\n');
  const nobody = node.vantage(['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups']);
  const session = await node.open(nobody, true);
  t.is(session.settings.user, 'nobody');
  await session.close();
});

labTest('accepted connections are told when a program has stopped listening, and once', async (t) => {
  const node = await Node.start(t, python3);
  const session = await node.open();
  await session.prepare([{ id: 1, address: undefined, ports: [[7001, 7001]], listen: true }], never);
  await node.ask([question(7001)]);
  const { accepts } = await session.finish();
  t.is(accepts.length, 1);
  t.deepEqual(await node.ask([question(7001)]), [null]);
  await session.close();
  t.deepEqual(await session.finish(), {
    accepts: [],
    error: 'the listener program on process was told to end',
  });
  t.deepEqual(node.programs(), []);
});

labTest('the listeners end with the session of the sshd that they were started by', async (t) => {
  const lab = await createLab({ hosts: { db1: {} } });
  t.teardown(() => lab.close());
  const { machine } = lab.host('db1');
  const session = await openListeners(await logIn(t, lab, lab.host('db1')), terms, never);
  const items = [{ id: 1, address: '10.10.0.11', ports: [[7001, 7010]], listen: true }] as const;
  t.deepEqual((await session.prepare(items, never)).binds, [{ item: 1, ports: [[7001, 7010]], errno: undefined }]);
  t.is((await listeningSockets(machine)).filter((it) => it.startsWith('10.10.0.11:')).length, 10);
  for (const { pid, command } of machine.processes()) if (/^sshd: ops/.test(command)) process.kill(pid, 'SIGKILL');
  const gone = async () => !(await listeningSockets(machine)).some((it) => it.startsWith('10.10.0.11:'));
  await until(gone, 5000, 'nothing listens any more');
  t.regex((await session.finish()).error!, /db1/);
  t.deepEqual(
    machine.processes().filter(({ command }) => command.includes('ip_local_port_range')),
    [],
  );
});

test('a node that runs nothing is said to, with what it said instead', async (t) => {
  const vantage = new ProcessVantage(['sh', '-c', 'echo forced', 'sh']);
  await t.throwsAsync(openListeners(vantage, terms, never), {
    instanceOf: ListenerFailure,
    message: 'no listener runs on process: sh -s ended with exit code 0 (it said: forced)',
  });
  const broken = { name: 'perl', files: ['src/remote/listen.py'], variable: 'perl_program' };
  await t.throwsAsync(openListeners(new ProcessVantage(), terms, never, [broken]), {
    instanceOf: ListenerFailure,
    message: 'no listener runs on process: it has none of perl that works',
  });
});

test('a lost connection is said to be lost', async (t) => {
  const vantage = new ProcessVantage();
  const session = await openListeners(vantage, terms, never);
  vantage.lose(new VantageFailure('the connection to db1 was lost: read ECONNRESET'));
  t.deepEqual(await session.finish(), {
    accepts: [],
    error: 'the connection to db1 was lost: read ECONNRESET',
  });
  await t.throwsAsync(session.prepare([], never), {
    instanceOf: ListenerFailure,
    message: 'the connection to db1 was lost: read ECONNRESET',
  });
  await session.close();
});

test('an abort ends the waiting, with its own reason', async (t) => {
  const reason = new Error('Ctrl-C');
  await t.throwsAsync(openListeners(new ProcessVantage(), terms, AbortSignal.abort(reason)), { is: reason });
  const aborting = new AbortController();
  const mute = new ProcessVantage(['sh', '-c', 'exec sleep 60', 'sh']);
  const opening = openListeners(mute, terms, aborting.signal, listenerPrograms);
  await sleep(50);
  aborting.abort(reason);
  await t.throwsAsync(opening, { is: reason });
});
