import test from 'ava';
import { nodeNotes } from '#src/judge/node-notes.js';
import type { Member } from '#src/model/inventory.js';
import type { Observations } from '#src/model/observation.js';
import { failedRecord, proving, record, settings } from '../model/listener-record.js';
import { addressSeen, connected, endpoint, facts, host, observations, vantage } from './build.js';

const members = new Map<string, Member>([
  ['a', host('a', '10.0.0.1')],
  ['b', { ...host('b', '10.0.0.2'), addresses: new Map([['backup', '10.9.0.2']]) }],
  ['e', endpoint('e', '10.0.0.9')],
]);
const notes = (seen: Observations) => Object.fromEntries(nodeNotes(members, seen));

const skewed = (ms: number, uncertaintyMs = 5) =>
  notes(proving(observations({}), [record('a', { settings: { ...settings, clockSkew: { ms, uncertaintyMs } } })]));

test('a clock that is off by more than a second, beyond doubt, is a note', (t) => {
  t.deepEqual(skewed(93_412), { a: ['the clock is 93.4 s ahead of the controller’s'] });
  t.deepEqual(skewed(-1500), { a: ['the clock is 1.5 s behind the controller’s'] });
  t.deepEqual(skewed(900), {});
  t.deepEqual(skewed(1500, 600), {});
});

test('why listeners are missing, lost or without root is a note', (t) => {
  const seen = proving(observations({}), [
    failedRecord('a', 'no listener runs on a: no python'),
    record('b', { withoutRoot: 'no listener runs on b: sudo said no', error: 'the connection to b was lost' }),
  ]);
  t.deepEqual(notes(seen), {
    a: ['temporary listeners: no python'],
    b: ['temporary listeners run without root: sudo said no', 'temporary listeners: the connection to b was lost'],
  });
});

test('an address of the inventory that its node does not own is a note; one that cannot be told is none', (t) => {
  const seen = observations({}, [
    vantage('a', { facts: facts(['10.0.0.1']) }),
    vantage('b', { facts: facts(['192.168.0.2', '10.9.0.2']) }),
  ]);
  t.deepEqual(notes(seen), {
    b: ['10.0.0.2, as the inventory has it, is none of its own addresses: it is translated on the way (NAT), or wrong'],
  });
  t.deepEqual(notes(observations({}, [vantage('b')])), {});
});

test('a name that not every node resolves alike is a note to each of them, in whatever order its addresses come', (t) => {
  const at = (...addresses: string[]) => addresses.map((each) => addressSeen(each, { '80': connected }));
  const differing = observations({
    a: { 'db.example': at('10.0.0.5', '10.0.0.6'), 'same.example': at('10.0.0.7', '10.0.0.8') },
    b: { 'db.example': at('10.0.0.6'), 'same.example': at('10.0.0.8', '10.0.0.7') },
    c: { 'db.example': 'EAI_AGAIN' },
  });
  const note = 'db.example is not the same everywhere: 10.0.0.5, 10.0.0.6 on a; 10.0.0.6 on b';
  t.deepEqual(notes(differing), { a: [note], b: [note] });
});
