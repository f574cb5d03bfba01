import test from 'ava';
import type { Host } from '#src/model/inventory.js';
import type { ListenerRecord } from '#src/model/listening.js';
import { formatPorts } from '#src/model/port-set.js';
import { planProvingWork } from '#src/plan/proving-work.js';
import { failedRecord, listener, record } from '../model/listener-record.js';
import { endpoint, flow, host, plan, redisTraits, scenario, site } from './builders.js';

const address = '10.0.0.2';
const a = host('a', 'client', { address: '10.0.0.1' });
const members = site(a, host('b', 'server', { address }), endpoint('e', 'outside', { address: '10.0.0.3' }));
const flows = [
  flow('range', 'client -> server : 7000-7009', { phase: 'both', expect: 'reachable' }),
  flow('cache', 'client -> server : cache', { phase: 'both' }),
  flow('outside', 'client -> outside : 9000', { phase: 'both' }),
];

/** `asked PORTS`, `swept PORTS` and `spoken SERVICE PORTS` by target. */
function work(b: ListenerRecord | undefined, phase: 'preflight' | 'check' = 'preflight'): string[] {
  const made = plan(scenario(flows, { ports: { cache: '6379 redis' } }), members, { phase, dialogues: [redisTraits] });
  const records = new Map(b === undefined ? [] : [['b', b]]);
  const { dialogues, sweep, token } = planProvingWork(made, members.get('a') as Host, records, 'say this');
  if (token !== 'say this') throw new Error('the token is lost');
  return [
    ...sweep.map(({ ask, ports, target }) => `${ask ? 'asked' : 'swept'} ${target} ${formatPorts(ports)}`),
    ...dialogues.map(({ ports, service, target }) => `spoken ${target} ${service?.name} ${formatPorts(ports)}`),
  ].sort();
}

const tried = (binds: Record<string, string>) => [{ address, binds }];

test('where our listeners wait they are asked, and nobody is spoken to before the installation', (t) => {
  t.deepEqual(work(record('b', { tried: tried({ '6379,7000-7009': 'ok' }) })), [
    'asked 10.0.0.2 6379',
    'asked 10.0.0.2 7000-7009',
    'swept 10.0.0.3 9000',
  ]);
});

test('the documented service that runs already is spoken to as after the installation', (t) => {
  const holders = [listener(6379, '0.0.0.0', { process: 'redis-server' })];
  t.deepEqual(work(record('b', { holders, tried: tried({ '7000-7009': 'ok', '6379': 'EADDRINUSE' }) })), [
    'asked 10.0.0.2 7000-7009',
    'spoken 10.0.0.2 redis 6379',
    'swept 10.0.0.2 6379',
    'swept 10.0.0.3 9000',
  ]);
});

test('a stranger is never touched before the installation, and is asked who it is after it', (t) => {
  const holders = [listener(6379, '0.0.0.0'), listener(7003, address)];
  const taken = tried({ '7000-7002,7004-7009': 'ok', '6379,7003': 'EADDRINUSE' });
  t.deepEqual(work(record('b', { holders, tried: taken })), [
    'asked 10.0.0.2 7000-7002,7004-7009',
    'swept 10.0.0.3 9000',
  ]);
  t.true(work(record('b', { holders, tried: taken }), 'check').includes('swept 10.0.0.2 7003'));
});

test('where nobody can listen only the way there is tried', (t) => {
  const bare = ['swept 10.0.0.2 6379', 'swept 10.0.0.2 7000-7009', 'swept 10.0.0.3 9000'];
  t.deepEqual(work(failedRecord('b', 'no listener runs on b')), bare);
  t.deepEqual(work(undefined), bare);
});
