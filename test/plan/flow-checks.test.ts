import test from 'ava';
import { formatPorts } from '#src/model/port-set.js';
import { endpoint, flow, host, plan, scenario, site } from './builders.js';

const members = site(
  host('a', 'node'),
  host('b', 'node', { ports: { sql: '3881' } }),
  host('c', 'node'),
  endpoint('e', 'node'),
);
const made = (phase: 'check' | 'preflight') =>
  plan(scenario([flow('mesh', 'node -> node : sql', { phase: 'both' })], { ports: { sql: '2881' } }), members, {
    phase,
  }).flows[0]!.checks;

test('each destination has one check, from whichever source has one to it, with its own ports', (t) => {
  t.deepEqual(
    made('check')
      .byDestination()
      .map(({ from, ports, to }) => `${from.name} ${to.name} ${formatPorts(ports)}`),
    ['a b 3881', 'a c 2881', 'a e 2881', 'b a 2881'],
  );
});

test('before the installation an endpoint is held to no more than being reachable', (t) => {
  const expectations = (phase: 'check' | 'preflight') =>
    made(phase)
      .ofSource('a')
      .map(({ expect, to }) => `${to.name} ${expect}`);
  t.deepEqual(expectations('preflight'), ['b open', 'c open', 'e reachable']);
  t.deepEqual(expectations('check'), ['b open', 'c open', 'e open']);
});
