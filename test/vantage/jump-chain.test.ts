import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import type { Host, SshSettings } from '#src/model/inventory.js';
import { freePort, type Sshd } from '../lab/sshd.js';
import {
  accepted,
  acceptedBy,
  context,
  folderFor,
  host,
  hostOf,
  login,
  never,
  output,
  refusal,
  ssh2For,
  sshdFor,
  sshdTest,
  vantageFor,
} from './fixtures.js';

const byName = (...hosts: Host[]) => new Map(hosts.map((one) => [one.name, one]));

/** Three sshds, of which the second and the third would see it if they were logged in to directly. */
async function threeFor(t: ExecutionContext) {
  const [outer, inner, target] = await Promise.all(
    ['127.0.0.1', '127.0.0.2', '127.0.0.3'].map((address) => sshdFor(t, { address })),
  );
  const of = (sshd: Sshd, name: string, more: SshSettings = {}) => hostOf(sshd, more, name);
  return { outer: outer!, inner: inner!, target: target!, of };
}

sshdTest('a jump host may itself have a jump host, and ten hosts share one connection to each', async (t) => {
  const { inner, of, outer, target } = await threeFor(t);
  const hosts = byName(of(outer, 'outer'), of(inner, 'inner', { jump: 'outer' }));
  const transport = ssh2For(t, context({ hosts }));
  const behind = Array.from({ length: 10 }, (_, index) => of(target, `n${index}`, { jump: 'inner' }));
  const vantages = await Promise.all(behind.map((one) => vantageFor(t, transport, one)));
  t.deepEqual(await Promise.all(vantages.map((vantage) => output(vantage, 'echo in'))), Array(10).fill('in\n'));
  t.deepEqual(await acceptedBy([outer, inner, target], [1, 1, 10]), [1, 1, 10]);
});

sshdTest('a chain as ProxyJump takes it is the same way, and shares its connections', async (t) => {
  const { inner, of, outer, target } = await threeFor(t);
  const hosts = byName(of(outer, 'outer'), of(inner, 'inner', { jump: 'outer' }));
  const transport = ssh2For(t, context({ hosts }));
  await vantageFor(t, transport, of(target, 'n1', { jump: 'inner' }));
  await vantageFor(t, transport, of(target, 'n2', { jump: 'outer,inner' }));
  await vantageFor(t, transport, of(target, 'n3', { jump: 'outer' }));
  await vantageFor(t, transport, of(target, 'n4', { jump: 'none' }));
  t.deepEqual(await acceptedBy([outer, inner, target], [1, 1, 4]), [1, 1, 4]);
});

sshdTest('a written chain stands over the jump of its later hosts, as in ssh', async (t) => {
  const { inner, of, outer, target } = await threeFor(t);
  const hosts = byName(of(outer, 'outer'), of(inner, 'inner', { jump: 'nowhere' }));
  const transport = ssh2For(t, context({ hosts }));
  t.is(await output(await vantageFor(t, transport, of(target, 'n1', { jump: 'outer,inner' })), 'echo in'), 'in\n');
});

/** A home whose ssh configuration knows the three by name. */
function homeFor(t: ExecutionContext, sshds: Readonly<Record<string, Sshd>>, jumps: Readonly<Record<string, string>>) {
  const home = folderFor(t);
  mkdirSync(join(home, '.ssh'));
  const blocks = Object.entries(sshds).map(([name, sshd]) =>
    [
      `Host ${name}`,
      `HostName ${sshd.address}`,
      `Port ${sshd.port}`,
      `User ${sshd.user}`,
      `IdentityFile ${sshd.identityFile}`,
      `UserKnownHostsFile ${sshd.knownHostsFile}`,
      ...(jumps[name] === undefined ? [] : [`ProxyJump ${jumps[name]}`]),
    ].join('\n  '),
  );
  writeFileSync(join(home, '.ssh', 'config'), `${blocks.join('\n')}\n`);
  return context({ environment: { HOME: home } });
}

sshdTest('chains of ~/.ssh/config are followed, over several blocks and within one', async (t) => {
  const { inner, outer, target } = await threeFor(t);
  const sshds = { outer, inner, target };
  for (const jumps of [{ inner: 'outer', target: 'inner' }, { target: 'outer,inner' }]) {
    const transport = ssh2For(t, homeFor(t, sshds, jumps as Record<string, string>));
    t.is(await output(await vantageFor(t, transport, host('n11', 'target')), 'echo in'), 'in\n');
  }
  t.deepEqual(await acceptedBy([outer, inner, target], [2, 2, 2]), [2, 2, 2]);
});

sshdTest('jump hosts of ~/.ssh/config that are behind each other are refused at the login', async (t) => {
  const { inner, outer, target } = await threeFor(t);
  const transport = ssh2For(
    t,
    homeFor(t, { outer, inner, target }, { target: 'inner', inner: 'outer', outer: 'inner' }),
  );
  t.is(
    await refusal(t, transport, host('n11', 'target')),
    `cannot log in to n11 (${target.user}@127.0.0.3:${target.port}): its jump hosts are a circle: inner is behind outer and ` +
      'outer is behind inner; mend "jump" in the inventory, or ProxyJump in ~/.ssh/config',
  );
});

sshdTest('a ProxyJump for every host holds for its own jump hosts only as far as it leads to them', async (t) => {
  const { inner, outer, target } = await threeFor(t);
  const all = { target: 'outer,inner', inner: 'outer,inner', outer: 'outer,inner' };
  const transport = ssh2For(t, homeFor(t, { outer, inner, target }, all));
  for (const name of ['target', 'inner', 'outer']) await vantageFor(t, transport, host(name, name));
  t.is(accepted(target), 1);
});

sshdTest('the sentence names the jump host that failed, and why', async (t) => {
  const { inner, of, outer, target } = await threeFor(t);
  const closed = await freePort('127.0.0.2');
  const { port, user } = target;
  const start = `cannot log in to n11 (${user}@127.0.0.3:${port}): `;
  const n11 = of(target, 'n11', { jump: 'inner' });
  const refused = async (...hosts: Host[]) => refusal(t, ssh2For(t, context({ hosts: byName(...hosts) })), n11);
  const stranger = { identityFile: ['/nonexistent/id'] };
  const tried = 'tried no key, because /nonexistent/id does not exist and no agent, because none is running';
  t.is(
    await refused(of(outer, 'outer', stranger), of(inner, 'inner', { jump: 'outer' })),
    `${start}jump host 1 of its 2 (outer, then inner) failed: cannot log in to outer (${user}@127.0.0.1:${outer.port}): it ` +
      `refused the login of ${user}: ${tried}; the server accepts publickey`,
  );
  t.is(
    await refused(of(outer, 'outer'), host('inner', '127.0.0.2', { ...login(inner), port: closed, jump: 'outer' })),
    `${start}jump host 2 of its 2 (outer, then inner) failed: cannot log in to inner (${user}@127.0.0.2:${closed}): the jump ` +
      `host outer could not reach 127.0.0.2:${closed}: Connection refused`,
  );
});

sshdTest('the loss of a jump host ends everything behind it, with the cause', async (t) => {
  const { inner, of, outer, target } = await threeFor(t);
  const hosts = byName(of(outer, 'outer'), of(inner, 'inner', { jump: 'outer' }));
  const transport = ssh2For(t, context({ hosts }));
  const vantage = await transport.connect(of(target, 'n11', { jump: 'inner' }), never);
  outer.signalSessions('SIGKILL');
  t.is(
    (await vantage.lost).message,
    `the connection to n11 (${target.user}@127.0.0.3:${target.port}) was lost: the connection to outer ` +
      `(${outer.user}@127.0.0.1:${outer.port}) was lost: the other side closed it`,
  );
  await vantage.close();
  const again = await transport.connect(of(target, 'n11', { jump: 'inner' }), never);
  inner.signalSessions('SIGKILL');
  t.regex(
    (await again.lost).message,
    /^the connection to n11 .* was lost: the connection to inner .* was lost: [^:]*$/,
  );
  await again.close();
  t.deepEqual(await acceptedBy([outer, inner, target], [2, 2, 2]), [2, 2, 2]);
});

sshdTest('a jump host that falls silent is named, and not the hosts behind it', async (t) => {
  const { inner, of, outer, target } = await threeFor(t);
  const hosts = byName(of(outer, 'outer'), of(inner, 'inner', { jump: 'outer' }));
  const transport = ssh2For(t, context({ hosts }));
  const vantage = await transport.connect(of(target, 'n11', { jump: 'inner' }), never);
  outer.signalSessions('SIGSTOP');
  t.is(
    (await vantage.lost).message,
    `the connection to n11 (${target.user}@127.0.0.3:${target.port}) was lost: the connection to outer ` +
      `(${outer.user}@127.0.0.1:${outer.port}) was lost: it answered nothing for 9 s: the network was cut, or the host hangs`,
  );
  await vantage.close();
});
