import test from 'ava';
import { listenersLast, startListeners } from '#src/commands/listening.js';
import { formatPorts } from '#src/model/port-set.js';
import type { Vantage } from '#src/model/vantage.js';
import type { WantedPorts } from '#src/plan/wanted-ports.js';
import { host, ports } from '../judge/build.js';
import { labTest } from '../lab/lab-test.js';
import { contestants, Node, run } from '../listen/node.js';
import { never } from '../vantage/fixtures.js';

const address = '127.0.0.1';
const [python3] = contestants as [(typeof contestants)[0]];
const nobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];
const above: WantedPorts = { target: address, ports: ports('7001-7003'), listen: true };
const below: WantedPorts = { target: address, ports: ports('81'), listen: true };

const start = (vantage: Vantage, wanted: readonly WantedPorts[], { sudo = false, signal = never } = {}) =>
  startListeners(vantage, { ...host('b', address), sudo }, wanted, [address], { run, limitSeconds: 3600 }, signal);

labTest('listeners are up until they are finished, and the record says what became of each port', async (t) => {
  const node = await Node.start(t, python3);
  const { close, finish, record } = await start(node.vantage(nobody), [above, below]);
  t.deepEqual(
    record.binds.map(({ errno, ports: some }) => `${formatPorts(some)} ${errno}`),
    ['7001-7003 undefined', '81 EACCES'],
  );
  t.like(record, { host: 'b', error: undefined, withoutRoot: undefined, accepts: [] });
  t.regex(record.answer, /^[0-9a-f]{16}$/);
  t.is((await node.sockets()).length, 3);
  t.deepEqual(await finish(), record);
  await close();
  t.deepEqual(await node.sockets(), []);
});

labTest('root is asked for by sudo only where it is allowed, wanted by a port, and not there already', async (t) => {
  const node = await Node.start(t, python3);
  node.install('sudo', '#!/bin/sh\necho "sudo: a password is required" >&2\nexit 1\n');
  const asked = async (prefix: readonly string[], wanted: readonly WantedPorts[], sudo: boolean) => {
    const { close, record } = await start(node.vantage(prefix), wanted, { sudo });
    await close();
    return record.withoutRoot;
  };
  t.deepEqual(
    [
      await asked(nobody, [above], true),
      await asked(nobody, [below], false),
      await asked([], [below], true),
      (await asked(nobody, [{ ...below, listen: false }, above], true))?.replace(/^.*it said/, 'it said'),
    ],
    [undefined, undefined, undefined, 'it said: sudo: a password is required)'],
  );
});

labTest('where sudo refuses, what needs no root is listened on all the same', async (t) => {
  const node = await Node.start(t, python3);
  node.install('sudo', '#!/bin/sh\nexit 1\n');
  const { close, finish, record } = await start(node.vantage(nobody), [above, below], { sudo: true });
  t.is((await node.sockets()).length, 3);
  t.truthy(record.withoutRoot);
  t.is((await finish()).error, undefined);
  await close();
});

labTest(
  'a node that runs nothing, and a run that was ended, are in the record; without ports nothing is started',
  async (t) => {
    const node = await Node.start(t, python3);
    const vantage = node.vantage(['false']);
    const { close, finish, record } = await start(vantage, [above]);
    t.regex(record.error ?? '', /^no listener runs on process: /);
    t.is(record.settings, undefined);
    t.deepEqual(await finish(), record);
    await close();
    const ended = await start(node.vantage(), [above], { signal: AbortSignal.abort() });
    t.is(ended.record.error, 'the run was interrupted');
    const idle = await start(vantage, []);
    t.like(idle.record, { items: [], error: undefined });
  },
);

test('listeners last an hour, and longer where the run is reckoned to', (t) => {
  t.deepEqual([0, 60, 1200, 4000.2].map(listenersLast), [3600, 3600, 3600, 12_001]);
});
