import test from 'ava';
import fc from 'fast-check';
import type { ListenerRecord } from '#src/model/listening.js';
import { countPorts, formatPorts, type PortSet, portSet, unionPorts } from '#src/model/port-set.js';
import { portsAt } from '#src/model/ports-at.js';
import { client, listener, record, settings } from './listener-record.js';

const home = '10.0.0.2';

/** `listening | taken | barred: why`, as text. */
function said(of: ListenerRecord, address = home): string[] {
  const { barred, listening, taken } = portsAt(of, address);
  return [formatPorts(listening), formatPorts(taken), ...barred.map((it) => `${formatPorts(it.ports)}: ${it.reason}`)];
}

test('ports that could be bound are listened on, at their own address alone', (t) => {
  const of = record('b', { tried: [{ address: home, binds: { '20000-20010': 'ok' } }] });
  t.deepEqual(said(of), ['20000-20010', '']);
  t.deepEqual(said(of, '10.0.0.3'), ['', '']);
  t.deepEqual(portsAt(undefined, home), { listening: [], taken: [], barred: [] });
});

test('an address is the same however it is written, and one that is translated is covered by every address', (t) => {
  const mapped = record('b', { tried: [{ address: 'FD00:0::2', binds: { '80': 'ok' } }] });
  t.deepEqual(said(mapped, 'fd00::0002'), ['80', '']);
  const everywhere = record('b', { tried: [{ binds: { '80': 'ok' } }] });
  t.deepEqual(said(everywhere, 'db.example'), ['80', '']);
});

test('what was only tried is not listened on', (t) => {
  const of = record('b', { tried: [{ address: home, listen: false, binds: { '80': 'ok', '81': 'EADDRINUSE' } }] });
  t.deepEqual(said(of), ['', '']);
});

test('a range is parted into ours, what somebody listens on, and what neither can', (t) => {
  const of = record('b', {
    tried: [{ address: home, binds: { '20000-20009': 'ok', '20010-20019': 'EADDRINUSE' } }],
    holders: [
      listener(20_012, '0.0.0.0'),
      listener(20_013, home),
      client(20_015, home, '10.0.0.7:443'),
      client(20_016, home, '10.0.0.8:443'),
    ],
  });
  t.deepEqual(said(of), [
    '20000-20009',
    '20012-20013',
    '20015: it is the local end of a connection to 10.0.0.7:443 of curl (pid 9, user ops)',
    '20016: it is the local end of a connection to 10.0.0.8:443 of curl (pid 9, user ops)',
    '20010-20011,20014,20017-20019: a socket that does not listen has it',
  ]);
});

test('a listener of another address is not in the way of one address, but of every address', (t) => {
  const holders = [listener(81, '127.0.0.1')];
  t.deepEqual(said(record('b', { holders, tried: [{ address: home, binds: { '81': 'EACCES' } }] })).slice(1, 2), ['']);
  t.deepEqual(said(record('b', { holders, tried: [{ binds: { '81': 'EADDRINUSE' } }] })), ['', '81']);
});

const denied = (more: Parameters<typeof record>[1], port = '81', errno = 'EACCES') =>
  said(record('b', { tried: [{ address: home, binds: { [port]: errno } }], ...more }))[2];

test('what keeps us from listening is said, with what to do', (t) => {
  t.is(denied({}), '81: a port below 1024 wants root to listen on it: log in as root, or allow "sudo": true');
  t.is(
    denied({ settings: { ...settings, unprivilegedPortStart: 100 } }),
    '81: a port below 100 wants root to listen on it: log in as root, or allow "sudo": true',
  );
  t.is(
    denied({ withoutRoot: 'no listener runs on b: sudo -n sh -s ended with exit code 1' }),
    '81: a port below 1024 wants root to listen on it: sudo -n sh -s ended with exit code 1',
  );
  t.is(denied({ settings: { ...settings, uid: 0 } }), '81: the node forbids to listen there (EACCES)');
  t.is(denied({}, '8563', 'EPERM'), '8563: the node forbids to listen there (EPERM)');
  t.is(denied({}, '8563', 'EMFILE'), '8563: the node has too few descriptors for so many listeners');
  t.is(denied({}, '8563', 'EADDRNOTAVAIL'), '8563: the address is none of the node’s own');
  t.is(denied({}, '8563', 'EIO'), '8563: binding gave EIO');
});

test('the three parts are disjoint, and together all that was to be listened on', (t) => {
  const port = fc.integer({ min: 1, max: 60 });
  const errnos = fc.constantFrom('ok', 'EADDRINUSE', 'EACCES', 'EMFILE');
  const addresses = fc.constantFrom(home, '0.0.0.0', '::', '127.0.0.1', '10.0.0.3');
  const holders = fc.array(
    fc
      .tuple(port, addresses, fc.boolean())
      .map(([at, address, listens]) => (listens ? listener(at, address) : client(at, address, '10.9.9.9:1'))),
  );
  const results = fc.array(errnos, { minLength: 60, maxLength: 60 });
  fc.assert(
    fc.property(results, holders, fc.boolean(), (each, held, everywhere) => {
      const binds = Object.fromEntries(each.map((errno, index) => [`${index + 1}`, errno]));
      const tried = [{ ...(everywhere ? {} : { address: home }), binds }];
      const { barred, listening, taken } = portsAt(record('b', { tried, holders: held }), home);
      const parts: readonly PortSet[] = [listening, taken, ...barred.map(({ ports }) => ports)];
      t.deepEqual(unionPorts(...parts), portSet([[1, 60]]));
      t.is(
        parts.reduce((sum, part) => sum + countPorts(part), 0),
        60,
      );
    }),
  );
});
