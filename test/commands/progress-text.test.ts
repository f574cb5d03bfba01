import test from 'ava';
import { progressText } from '#src/commands/progress-text.js';

const progress = { hosts: 30, loggedIn: 28, failed: 1, finished: 12, probes: 870_870, answered: 34_112, slowed: 0 };

test('progress says how far logins, hosts and probes are', (t) => {
  t.is(progressText(progress, 12_300), 'logging in 29/30 hosts, 1 failed · 34,112/870,870 probes · 12 s');
  t.is(
    progressText({ ...progress, loggedIn: 29 }, 12_300),
    '12/30 hosts done, 1 failed · 34,112/870,870 probes · 12 s',
  );
});

test('progress says what holds a run up', (t) => {
  const line = progressText({ ...progress, slowed: 2 }, 12_300, { sshd: '10.0.0.1:22', forMs: 7600 });
  t.true(line.endsWith('12 s · 2 vantages slowed down · waiting 8 s for the sshd at 10.0.0.1:22'), line);
});
