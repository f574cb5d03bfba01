import test from 'ava';
import { type NoticeParticulars, noticeText } from '#src/report/notice.js';
import { endpoint, flow, host, plan, scenario, site } from '../plan/builders.js';
import { matchesGolden } from './golden.js';

const particulars: NoticeParticulars = {
  operator: 'kim',
  controller: 'adm-1',
  version: '1.2.3',
  start: undefined,
  rate: 200,
  totalRate: 2000,
};
const noticeOf = (made: ReturnType<typeof plan>, more: Partial<NoticeParticulars> = {}) =>
  [...noticeText(made, { ...particulars, ...more })].join('');

function node(index: number, ssh = {}) {
  const address = `10.${Math.floor(index / 250)}.0.${1 + (index % 250)}`;
  return host(`exa-n${String(index).padStart(4, '0')}`, 'node', { address, ssh });
}

/** The field, on one line. */
function durationOf(made: ReturnType<typeof plan>, more: Partial<NoticeParticulars> = {}): string {
  const field = /^Duration {2}(.*?)^Amount/ms.exec(noticeOf(made, more))?.[1] ?? '';
  return field.replace(/\s+/g, ' ').trim();
}

const mesh = flow('subconnections', 'node -> node : 20000-21000', { expect: 'reachable' });

test('a notice says who, why, when, what, how fast, what it looks like and how to stop it', (t) => {
  const members = site(
    ...Array.from({ length: 5 }, (_, index) => node(index, { user: 'ops', jump: 'bastion' })),
    host('app', 'client', { address: '10.9.0.5', ssh: { user: 'ops', port: 2222 } }),
    endpoint('ldap', 'ldap-server', { address: 'ldap.example.com' }),
    endpoint('erp', 'erp', { address: 'fd00::5' }),
  );
  const flows = [
    mesh,
    flow('client', 'client -> node : 8563'),
    flow('sql', 'node -> erp : 3306', { service: 'mysql' }),
    flow('ldap', 'node -> ldap-server : 389'),
    flow('ldaps', 'node -> ldap-server : 636'),
    flow('deny', 'erp node -> client : 2911', { expect: 'closed' }),
    flow('unheld', 'node -> nobody : 1'),
  ];
  const made = plan(scenario(flows), members);
  matchesGolden(t, 'notice-says-what-a-security-team-asks', noticeOf(made, { start: 'Monday 2 March, 20:00 CET' }));
});

test('the notice of a thousand nodes is short', (t) => {
  const made = plan(scenario([mesh]), site(...Array.from({ length: 1000 }, (_, index) => node(index))));
  const notice = noticeOf(made);
  t.true(notice.split('\n').length < 60, notice);
  t.true(notice.includes('exa-n[0000:0999] -> exa-n[0000:0999]\n    ports 20000-21000, 999999000 connects'));
  t.true(notice.includes('exa-n[0000:0999]: 10.0.0.[1:250], 10.1.0.[1:250], 10.2.0.[1:250],'));
  t.is(durationOf(made), 'at least 5 d 18 h');
});

test('a notice says that limits are lifted, and that only a part is tested', (t) => {
  const hosts = site(...Array.from({ length: 3 }, (_, index) => node(index)));
  const all = noticeOf(plan(scenario([mesh]), hosts), { rate: 0 });
  t.true(all.includes('Duration  as long as the network takes: every limit is lifted'));
  t.true(all.includes('WITHOUT ANY LIMIT (--rate 0)'));
  const sampled = plan(scenario([mesh]), hosts, { sample: { ports: 3, seed: 1 } });
  const part = noticeOf(sampled);
  t.true(part.includes('a part of the documented flows only'));
  t.regex(part, /ports [\d,-]+, 18 connects/);
});

test('the duration is that of the limit that takes the longest', (t) => {
  const clients = Array.from({ length: 40 }, (_, index) => host(`c${index}`, 'client', { address: `10.1.0.${index}` }));
  const server = host('server', 'server', { address: '10.2.0.1' });
  const crowd = plan(scenario([flow('f', 'client -> server : 1000-1999')]), site(...clients, server));
  t.is(
    durationOf(crowd, { totalRate: 0 }),
    'at least 1 min 20 s: 10.2.0.1 gets no more than 500 per second, from all vantages together',
  );
  const ssh = plan(scenario([flow('f', 'client -> server : 22')]), site(...clients, server));
  t.is(durationOf(ssh), 'at least 1 min 4 s: the sshd at 10.2.0.1:22 gets 10 connections in 15 s, and 41 are planned');
  const one = plan(scenario([flow('f', 'client -> server : 1-10')]), site(clients[0]!, server));
  t.is(durationOf(one), 'under 1 s');
});
