import test from 'ava';
import { judge } from '#src/judge/judge.js';
import type { Answer } from '#src/model/observation.js';
import type { Expectation } from '#src/model/scenario.js';
import { connected, endpoint, flow, host, icmp, observations, plan, ports, rst, segment, silence } from './build.js';

const a = host('a', '10.0.0.1');
const via = { host: 'proxy.example', port: 3128, authority: 'proxy.example:3128' };
const api = { ...endpoint('api', 'api.example'), via };
const by = 'by proxy proxy.example:3128';
const options = { waivers: [], today: '2026-11-21' };

const proxied = (answer: Answer, service?: string, address: string | undefined = '10.0.0.9') => ({
  address: 'api.example',
  sourceAddress: undefined,
  segments: [],
  spoken: [{ port: 8563, service, answer, phases: {}, via: { authority: via.authority, address } }],
  latencies: [],
});

function judged(answer: Answer, expect: Expectation, service?: string) {
  const flows = [flow({ pairs: [[a, api]], expect, ...(service === undefined ? {} : { service }) })];
  const [row] = judge(plan(flows), observations({ a: { 'api.example': [proxied(answer, service)] } }), options);
  const [outcome] = row!.outcomes;
  return [row!.status, row!.proof, outcome!.outcome, outcome!.reason] as const;
}

const forbids: Answer = {
  kind: 'dialogue',
  service: 'tcp',
  outcome: 'mismatch',
  detail: 'the proxy refuses: HTTP 403',
  problem: 'proxy',
};

test('a connection that the proxy makes proves as much as a direct one', (t) => {
  t.deepEqual(judged(connected, 'open'), ['pass', 'connected', 'open', by]);
  t.deepEqual(judged(connected, 'closed'), ['fail', 'connected', 'open', by]);
  const greeted: Answer = { kind: 'dialogue', service: 'mysql', outcome: 'open', detail: 'greeted' };
  t.deepEqual(judged(greeted, 'open', 'mysql'), ['pass', 'identified', 'open', `${by}: greeted`]);
});

test('a proxy that is not reached is named, with what came of the dial', (t) => {
  t.deepEqual(judged(rst, 'open'), ['fail', null, 'refused', `${by}: rst or icmp 3/3`]);
  t.deepEqual(judged(silence, 'open'), ['fail', null, 'timeout', `${by}: 3.5 s`]);
  t.deepEqual(judged(icmp(3, 13, '10.0.0.9'), 'open'), ['fail', null, 'rejected', `${by}: icmp 3/13 from 10.0.0.9`]);
});

test('a proxy’s refusal is a mismatch with its words, whoever was to be spoken to', (t) => {
  const seen = ['mismatch', `${by}: the proxy refuses: HTTP 403`] as const;
  t.deepEqual(judged(forbids, 'open'), ['fail', null, ...seen]);
  t.deepEqual(judged({ ...forbids, service: 'mysql' }, 'open', 'mysql'), ['fail', null, ...seen]);
});

test('without a tunnel no denial is proven, and a path is disproven only where the proxy itself is not reached', (t) => {
  for (const expect of ['closed', 'filtered'] as const)
    for (const answer of [rst, silence, icmp(3, 13, '10.0.0.9'), forbids])
      t.deepEqual(judged(answer, expect).slice(0, 2), ['unknown', null]);
  t.deepEqual(judged(forbids, 'reachable').slice(0, 2), ['unknown', null]);
  t.deepEqual(judged(rst, 'reachable').slice(0, 2), ['fail', null]);
});

test('a proxy whose name does not resolve is a failure of that name', (t) => {
  const [row] = judge(
    plan([flow({ pairs: [[a, api]] })]),
    observations({ a: { 'api.example': 'getent knows no address of proxy.example (exit code 2)' } }),
    options,
  );
  t.like(row, { status: 'fail', via: 'proxy.example:3128' });
  t.like(row!.outcomes[0], {
    outcome: 'name-failure',
    reason: `${by}: getent knows no address of proxy.example (exit code 2)`,
    problem: 'proxy',
  });
});

test('what a proxy brings is no control for the direct way to the same address', (t) => {
  const b = host('b', '10.0.0.5');
  const closed = flow({ id: 'closed', pairs: [[a, b]], expect: 'filtered', ports: '7000' });
  const observed = (throughProxy: boolean) => ({
    ...proxied(connected),
    address: '10.0.0.5',
    segments: [segment('7000', silence), ...(throughProxy ? [] : [{ ports: ports('22'), answer: connected }])],
    ...(throughProxy ? {} : { spoken: [] }),
  });
  const statusOf = (throughProxy: boolean) =>
    [...judge(plan([closed]), observations({ a: { '10.0.0.5': [observed(throughProxy)] } }), options)][0]!.status;
  t.deepEqual([statusOf(true), statusOf(false)], ['unknown', 'pass']);
});
