import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { DialFailure, type Vantage } from '#src/model/vantage.js';
import { maximumAbandoned, maximumUnanswered } from '#src/vantage/dial-lines.js';
import { answerOfOpenFailure } from '#src/vantage/open-failure.js';
import { labTest } from '../lab/lab-test.js';
import { freePort } from '../lab/sshd.js';
import { accepted, context, hostOf, never, output, ssh2For, sshdFor, sshdTest, vantageFor } from './fixtures.js';

async function answerOf(t: Parameters<typeof vantageFor>[0], vantage: Vantage, address: string, port: number) {
  const error = await t.throwsAsync(vantage.dial(address, port, never), { instanceOf: DialFailure });
  return error?.answer;
}

sshdTest('where sshd forbids to forward, a relay on the node connects', async (t) => {
  for (const config of ['AllowTcpForwarding no', 'DisableForwarding yes', 'PermitOpen 127.0.0.1:1']) {
    const sshd = await sshdFor(t, { config: [config] });
    const vantage = await vantageFor(t, ssh2For(t, context()), hostOf(sshd));
    t.is(vantage.relay, undefined, 'nothing runs before it is needed');
    let sent = 0;
    const stream = await vantage.dial('127.0.0.1', sshd.port, never, () => {
      sent += 1;
    });
    t.regex(`${await once(stream, 'data')}`, /^SSH-2\.0/);
    stream.destroy();
    t.is(sent, 2, 'the target is silent since the second way was tried');
    t.regex(vantage.relay ?? '', /python/);
    t.deepEqual(await answerOf(t, vantage, '127.0.0.1', await freePort()), { kind: 'error', errno: 'ECONNREFUSED' });
    t.is(await vantage.forwards(), config === 'PermitOpen 127.0.0.1:1', config);
    t.is(await output(vantage, 'echo in'), 'in\n');
  }
});

labTest('a network without a route is untried: sshd hides the cause of what failed at once', async (t) => {
  const sshd = await sshdFor(t);
  const vantage = await vantageFor(t, ssh2For(t, context()), hostOf(sshd));
  t.like(await answerOf(t, vantage, '198.51.100.1', 9), { kind: 'untried', cause: 'engine-failed' });
});

sshdTest('a connection lost during a dial is untried', async (t) => {
  const sshd = await sshdFor(t);
  const vantage = await vantageFor(t, ssh2For(t, context()), hostOf(sshd));
  await vantage.close();
  t.like(await answerOf(t, vantage, '127.0.0.1', sshd.port), { kind: 'untried', cause: 'connection-lost' });
});

labTest('an abort rejects at once, and opens that were given up lead to a fresh connection', async (t) => {
  const silent = '127.66.66.66';
  execFileSync('nft', ['-f', '-'], {
    input: `table ip vantage { chain input { type filter hook input priority 0; ip daddr ${silent} tcp dport 1-65535 drop; }; }`,
  });
  t.teardown(() => execFileSync('nft', ['delete', 'table', 'ip', 'vantage']));
  const sshd = await sshdFor(t);
  const vantage = await vantageFor(t, ssh2For(t, context()), hostOf(sshd));
  const giveUp = async (port: number, milliseconds: number) => {
    const abort = new AbortController();
    const dialled = vantage.dial(silent, port, abort.signal);
    setTimeout(() => abort.abort(new Error('given up')), milliseconds);
    return dialled.then(
      () => 'connected',
      (error: Error) => (error instanceof DialFailure ? error.answer.kind : error.message),
    );
  };
  const started = Date.now();
  t.is(await giveUp(1, 50), 'given up');
  t.true(Date.now() - started < 1000);

  // One more than may be unanswered: the last is never sent, and must not be called silence.
  const crowd = Array.from({ length: maximumUnanswered }, (_, index) => giveUp(index + 1, 2500));
  t.is(await giveUp(maximumUnanswered + 1, 500), 'untried');
  const answers = await Promise.all(crowd);
  t.is(answers.filter((answer) => answer === 'given up').length, maximumUnanswered);

  t.is(accepted(sshd), 1);
  const rest = maximumAbandoned - maximumUnanswered - 1;
  await Promise.all(Array.from({ length: rest }, (_, index) => giveUp(index + 1, 1500)));
  const stream = await vantage.dial('127.0.0.1', sshd.port, never);
  stream.destroy();
  t.is(accepted(sshd), 2);
  t.is(await output(vantage, 'echo in'), 'in\n');
});

labTest('a connection that comes after it was given up is closed at once', async (t) => {
  const sshd = await sshdFor(t);
  const vantage = await vantageFor(t, ssh2For(t, context()), hostOf(sshd));
  const { createServer } = await import('node:net');
  const open = new Set<unknown>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket)).on('error', () => {});
    socket.resume();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.close();
  });
  const { port } = server.address() as { port: number };
  const abort = new AbortController();
  const dialled = vantage.dial('127.0.0.1', port, abort.signal);
  await sleep(0);
  abort.abort(new Error('given up'));
  await dialled.catch(() => {});
  // Once sshd has answered something later, the late connection has come, and is to go.
  await output(vantage, 'echo in');
  const patience = Date.now() + 5000;
  while (open.size > 0 && Date.now() < patience) await sleep(20);
  t.is(open.size, 0);
});

test('a refused open is judged by its description', (t) => {
  const answer = (description: string, reason = 2) => answerOfOpenFailure({ description, reason }, 7);
  t.deepEqual(answer('Connection refused'), { kind: 'error', errno: 'ECONNREFUSED' });
  t.deepEqual(answer('No route to host'), { kind: 'error', errno: 'EHOSTUNREACH' });
  t.deepEqual(answer('Host is unreachable'), { kind: 'error', errno: 'EHOSTUNREACH' });
  t.deepEqual(answer('Network is unreachable'), { kind: 'error', errno: 'ENETUNREACH' });
  t.deepEqual(answer('Connection timed out'), { kind: 'silence', afterMs: 7 });
  t.deepEqual(answer('Operation timed out'), { kind: 'silence', afterMs: 7 });
  t.like(answer('open failed', 1), { kind: 'untried', cause: 'forwarding-forbidden' });
  t.like(answer('administratively prohibited'), { kind: 'untried', cause: 'forwarding-forbidden' });
  for (const description of ['open failed', 'connect failed', '']) {
    t.deepEqual(answer(description), {
      kind: 'untried',
      cause: 'engine-failed',
      detail: `sshd did not connect and hides why: "${description}"`,
    });
  }
});
