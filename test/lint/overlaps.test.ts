import test from 'ava';
import { endpoint, flow, host, scenario, site } from '../plan/builders.js';
import { lint, said } from './lint.js';

const bank = scenario(
  [flow('web', 'user -> teller : web'), flow('loads', 'user -> teller : loads', { expect: 'reachable' })],
  {
    name: 'bank',
    ports: { web: '8080 http', loads: '20000-20009' },
  },
);
const shop = scenario([flow('front', 'user -> till : front'), flow('agent', 'user -> till : 9100')], {
  name: 'shop',
  ports: { front: '8080' },
});
const both = (ports: Record<string, string> = {}, name = 'h1') => host(name, 'teller till', { ports });

test('two scenarios on one host want two ports, whatever the order of the scenarios', (t) => {
  const sentences = [
    'overlaps-shop warn 8080: on h[1:3], web of bank and front of shop share port 8080; move one of them',
    'overlaps-shop warn 20000-20001: on h4, loads (20000-20009) of bank and front of shop share ports 20000-20001; move one of them',
    'overlaps-shop warn 9100: on h5, web of bank and flow agent of shop share port 9100; move one of them',
  ];
  const members = site(
    ...['h1', 'h2', 'h3'].map((name) => both({}, name)),
    both({ front: '20000-20001' }, 'h4'),
    both({ web: '9100' }, 'h5'),
  );
  for (const scenarios of [
    [bank, shop],
    [shop, bank],
  ])
    t.deepEqual(said(lint(scenarios, members)), sentences);
  const [row] = lint([shop, bank], members);
  t.like(row, {
    id: 'bank/overlaps-shop',
    kind: 'rule',
    scenario: 'bank',
    severity: 'advisory',
    toRole: 'teller, till',
  });
});

test('different ports pass; scenarios that share no host are not compared', (t) => {
  t.deepEqual(said(lint([bank, shop], site(both({ front: '8081' })))), [
    'overlaps-shop pass 8080-8081,9100,20000-20009',
  ]);
  t.deepEqual(lint([bank, shop], site(host('a', 'teller'), host('b', 'till'), endpoint('e', 'teller till'))), []);
});

test('one server in two documents is no clash: by its role, its port’s name or its service', (t) => {
  const by = (path: string, ports: Record<string, string>) => scenario([flow('f', path)], { name: 'also', ports });
  const passes = 'overlaps-bank pass 8080,20000-20009';
  t.deepEqual(said(lint([bank, by('user -> teller : site', { site: '8080' })], site(both()))), [passes]);
  t.deepEqual(said(lint([bank, by('user -> till : web', { web: '8080' })], site(both()))), [passes]);
  t.deepEqual(said(lint([bank, by('user -> till : site', { site: '8080 http' })], site(both()))), [passes]);
  t.deepEqual(said(lint([bank, by('user -> till : site', { site: '8080 mysql' })], site(both()))), [
    'overlaps-bank warn 8080: on h1, site of also and web of bank share port 8080; move one of them',
  ]);
});

test('what picks a free port of a range, or has to be closed, overlaps nothing', (t) => {
  const picking = [
    flow('agent', 'user -> till : 8000-8100', { any: 'ports' }),
    flow('shut', 'user -> till : 8080', { expect: 'closed' }),
  ];
  const other = scenario([...picking, flow('web', 'user -> till : 1')], { name: 'other' });
  t.deepEqual(said(lint([bank, other], site(both()))), ['overlaps-other pass 1,8080,20000-20009']);
});
