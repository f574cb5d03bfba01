import test from 'ava';
import type { Expectation } from '#src/model/scenario.js';
import { flow, host, plan, scenario, site } from './builders.js';

const members = site(host('a', 'app'), host('b', 'node'));

function planOf(first: Expectation, second: Expectation, ports: readonly [string, string] = ['80', '80']) {
  return plan(
    [
      scenario([flow('f', `app -> node : ${ports[0]}`, { expect: first })]),
      scenario([flow('g', `app -> node : ${ports[1]}`, { expect: second })], { name: 'ours' }),
    ],
    members,
  );
}

for (const [first, second] of [
  ['open', 'closed'],
  ['open', 'filtered'],
  ['reachable', 'filtered'],
  ['closed', 'open'],
  ['filtered', 'reachable'],
] as const) {
  test(`${first} and ${second} of one source, target and port are refused, naming both flows`, (t) => {
    const error = t.throws(() => planOf(first, second), { name: 'ExpectedError' });
    t.is(
      error?.message,
      `flows demo/f and ours/g expect the opposite of a -> b (b.example) port 80: ${first} and ${second}; ` +
        'change one of them, exclude the port from it, or give it a "when" that leaves these hosts out',
    );
  });
}

for (const [first, second] of [
  ['open', 'reachable'],
  ['reachable', 'closed'],
  ['closed', 'filtered'],
] as const) {
  test(`${first} and ${second} are compatible`, (t) => {
    t.notThrows(() => planOf(first, second));
  });
}

test('only the ports that both cover are named', (t) => {
  const error = t.throws(() => planOf('open', 'closed', ['20000-20100', '20050-20060,20090-20200']));
  t.true(error?.message.includes(' port 20050-20060,20090-20100: open and closed; '));
  t.notThrows(() => planOf('open', 'closed', ['20000-20100', '20101-20200']));
});

test('two flows that disagree about many pairs are named once, with their number', (t) => {
  const flows = [flow('f', 'node -> node : 80'), flow('g', 'node -> node : 80', { expect: 'closed' })];
  const three = site(host('a', 'node'), host('b', 'node'), host('c', 'node'));
  const error = t.throws(() => plan(scenario(flows), three));
  t.true(error?.message.includes('a -> b (b.example) port 80: open and closed (and so for 5 more pairs); '));
  t.is(error?.message.split('\n').length, 1);
});

test('where one of several ports or hosts will do, none in particular is expected to answer', (t) => {
  const denial = flow('g', 'app -> node : 62888', { expect: 'closed' });
  t.notThrows(() => plan(scenario([flow('f', 'app -> node : 62881-62899', { any: 'ports' }), denial]), members));
  t.notThrows(() => plan(scenario([flow('f', 'app -> node : 62888', { any: 'hosts' }), denial]), members));
});

test('what leads to different targets is not opposed', (t) => {
  const flows = [
    flow('f', 'app -> node : 80', { network: 'backup' }),
    flow('g', 'app -> node : 80', { expect: 'closed' }),
  ];
  const twoNetworks = site(host('a', 'app'), host('b', 'node', { addresses: { backup: '10.9.0.1' } }));
  t.notThrows(() => plan(scenario(flows), twoNetworks));
});
