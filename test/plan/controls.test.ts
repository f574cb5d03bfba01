import test from 'ava';
import { planWork } from '#src/plan/work.js';
import { endpoint, flow, host, plan, scenario, site } from './builders.js';

const denial = flow('deny', '* -> agent : 2911', { expect: 'closed' });

test('a denial that nothing else towards its address accompanies gets a control on the destination’s SSH port', (t) => {
  const made = plan(
    scenario([denial]),
    site(host('a', ''), host('b', 'agent'), host('c', 'agent', { ssh: { port: 2222 } })),
  );
  t.deepEqual(made.controls, [
    { from: 'a', target: 'b.example', port: 22 },
    { from: 'a', target: 'c.example', port: 2222 },
    { from: 'b', target: 'c.example', port: 2222 },
    { from: 'c', target: 'b.example', port: 22 },
  ]);
  t.is(made.probes, 4);
});

test('another planned port of the same address from the same source is control enough', (t) => {
  const flows = [denial, flow('web', 'app -> agent : 8090')];
  const made = plan(scenario(flows), site(host('a', 'app'), host('b', 'agent'), host('c', '')));
  t.deepEqual(made.controls, [{ from: 'c', target: 'b.example', port: 22 }]);
});

test('a planned port that a transparent proxy may answer does not take the place of the SSH port', (t) => {
  const flows = [denial, flow('web', 'app -> agent : 80, 443, 3128, 8080')];
  t.deepEqual(plan(scenario(flows), site(host('a', 'app'), host('b', 'agent'))).controls, [
    { from: 'a', target: 'b.example', port: 22 },
  ]);
});

test('a port that is itself denied is no control', (t) => {
  const flows = [denial, flow('same', 'app -> agent : 2911', { expect: 'reachable' })];
  t.deepEqual(plan(scenario(flows), site(host('a', 'app'), host('b', 'agent'))).controls, [
    { from: 'a', target: 'b.example', port: 22 },
  ]);
  const all = flow('all', '* -> agent : 1-1024', { expect: 'filtered' });
  t.deepEqual(plan(scenario([all]), site(host('a', ''), host('b', 'agent'))).controls, []);
});

test('no control on a guarded port, at an endpoint, or over loopback', (t) => {
  const guarded = site(host('a', ''), host('b', 'agent', { ssh: { port: 3306 } }));
  t.deepEqual(plan(scenario([denial]), guarded).controls, []);
  t.deepEqual(plan(scenario([denial]), site(host('a', ''), endpoint('b', 'agent'))).controls, []);
  const loopback = flow('deny', 'agent -> agent : 2911', { expect: 'closed', self: 'only', network: 'loopback' });
  t.deepEqual(plan(scenario([loopback]), site(host('b', 'agent'))).controls, []);
});

test('on a further network the control goes to the address that is denied', (t) => {
  const onBackup = flow('deny', 'app -> agent : 2911', { expect: 'closed', network: 'backup' });
  const members = site(host('a', 'app'), host('b', 'agent', { addresses: { backup: '10.9.0.2' } }));
  t.deepEqual(plan(scenario([onBackup]), members).controls, [{ from: 'a', target: '10.9.0.2', port: 22 }]);
});

test('controls are part of a host’s work', (t) => {
  const a = host('a', '');
  const work = planWork(plan(scenario([denial]), site(a, host('b', 'agent'))), a);
  const usual = { target: 'b.example', allowOwnAddress: false, unlessOpen: [] };
  t.deepEqual(work.sweep, [{ ...usual, ports: [[2911, 2911]] }]);
  t.deepEqual(work.ssh, [{ ...usual, ports: [[22, 22]], sshd: 'b.example:22' }]);
});
