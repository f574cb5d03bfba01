import test from 'ava';
import type { Answer } from '#src/model/observation.js';
import { formatPorts, parsePorts } from '#src/model/port-set.js';
import { Collector } from '#src/observe/collector.js';
import { histogramOf } from '#src/observe/latency.js';

const ports = (text: string) => parsePorts(text)!;
const connected: Answer = { kind: 'connected' };
const refused: Answer = { kind: 'error', errno: 'ECONNREFUSED' };
const silence: Answer = { kind: 'silence', afterMs: 3500 };
const untried: Answer = { kind: 'untried', cause: 'connection-lost', detail: 'the connection was lost' };

function segmentsOf(collector: Collector, target: string) {
  const [address] = collector.observations().get(target)!.addresses;
  return address!.segments.map((segment) => `${segment.answer.kind} ${formatPorts(segment.ports)}`);
}

test('ports that gave the same answer at different times become one segment', (t) => {
  const collector = new Collector();
  collector.answers('10.0.0.1', '10.0.0.1', ports('20000,20002'), refused);
  collector.answers('10.0.0.1', '10.0.0.1', ports('20001,20003-20009'), refused);
  t.deepEqual(segmentsOf(collector, '10.0.0.1'), ['error 20000-20009']);
});

test('a re-probed port that answers is no longer silent', (t) => {
  const collector = new Collector();
  collector.answers('10.0.0.1', '10.0.0.1', ports('20000-20009'), silence);
  collector.answers('10.0.0.1', '10.0.0.1', ports('20004'), connected);
  t.deepEqual(segmentsOf(collector, '10.0.0.1'), ['silence 20000-20003,20005-20009', 'connected 20004']);
});

test('what was answered before the connection was lost stays answered', (t) => {
  const collector = new Collector();
  collector.answers('10.0.0.1', '10.0.0.1', ports('1-5'), refused);
  collector.answers('10.0.0.1', '10.0.0.1', ports('6'), silence);
  collector.answers('10.0.0.1', '10.0.0.1', ports('1-10'), untried);
  t.deepEqual(segmentsOf(collector, '10.0.0.1'), ['error 1-5', 'silence 6', 'untried 7-10']);
});

test('a port counts as open only where every address of the name is', (t) => {
  const collector = new Collector();
  collector.resolved('db.example', ['10.0.0.1', '10.0.0.2']);
  collector.answers('db.example', '10.0.0.1', ports('62889'), connected);
  t.deepEqual(collector.openPorts('db.example'), []);
  collector.answers('db.example', '10.0.0.2', ports('62889'), connected);
  t.deepEqual(collector.openPorts('db.example'), ports('62889'));
});

test('a name that resolves to nothing is kept with its reason', (t) => {
  const collector = new Collector();
  collector.nameFailure('db.example', 'Name or service not known');
  t.deepEqual(collector.observations().get('db.example'), {
    target: 'db.example',
    nameFailure: 'Name or service not known',
    addresses: [],
  });
});

test('a histogram has buckets of a sixteenth of an octave and keeps the extremes exactly', (t) => {
  const histogram = histogramOf([1000, 1001, 4000]);
  t.is(histogram.minUs, 1000);
  t.is(histogram.maxUs, 4000);
  t.deepEqual(
    [...histogram.buckets],
    [
      [159, 2],
      [191, 1],
    ],
  );
});

const token: Answer = { kind: 'token', answer: 'ours' };
const tokenless: Answer = { kind: 'tokenless', how: 'silent' };

test('a listener’s word holds against all else, and what came instead against a bare connection', (t) => {
  const orders: readonly (readonly Answer[])[] = [
    [connected, tokenless, token],
    [token, tokenless, connected],
  ];
  for (const answers of orders) {
    const collector = new Collector();
    for (const answer of answers) collector.answers('10.0.0.1', '10.0.0.1', ports('80'), answer);
    collector.answers('10.0.0.1', '10.0.0.1', ports('81'), connected);
    collector.answers('10.0.0.1', '10.0.0.1', ports('81'), tokenless);
    collector.answers('10.0.0.1', '10.0.0.1', ports('81'), silence);
    t.deepEqual(segmentsOf(collector, '10.0.0.1'), ['token 80', 'tokenless 81']);
  }
});

test('one port of each address where our own listener answered is known, none where another did', (t) => {
  const collector = new Collector();
  collector.answers('db.example', '10.0.0.1', ports('80-89'), tokenless);
  collector.answers('db.example', '10.0.0.1', ports('91-99'), token);
  collector.answers('db.example', '10.0.0.2', ports('90'), { ...token, port: 91 });
  collector.answers('db.example', '10.0.0.3', ports('90'), connected);
  t.deepEqual(collector.answeredPorts('db.example'), [{ address: '10.0.0.1', port: 91 }]);
  t.deepEqual(collector.answeredPorts('other.example'), []);
});

test('a port where a listener of ours answered is open', (t) => {
  const collector = new Collector();
  collector.answers('10.0.0.1', '10.0.0.1', ports('80'), token);
  collector.answers('10.0.0.1', '10.0.0.1', ports('81'), tokenless);
  t.deepEqual(collector.openPorts('10.0.0.1'), ports('80'));
});
