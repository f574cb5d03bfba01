import type { Report } from '#src/model/report.js';
import { drop } from '../lab/filter.js';
import { writeInventory } from '../lab/inventory.js';
import { createLab } from '../lab/lab.js';
import { labTest } from '../lab/lab-test.js';
import { check, preflight, writeScenario } from './check.js';

const flows = {
  plain: { from: 'near', to: 'far', port: 7000, expect: 'open' },
  'payload-read': { from: 'near', to: 'far', port: 7001, expect: 'reachable' },
  'mapped-port': { from: 'near', to: 'far', port: 7002, expect: 'open' },
  'mapped-host': { from: 'near', to: 'far', port: 7003, expect: 'reachable' },
  'reached-filtered': { from: 'near', to: 'far', port: 7004, expect: 'filtered' },
  'kept-filtered': { from: 'near', to: 'far', port: 7005, expect: 'filtered' },
  'closed-by-nobody': { from: 'near', to: 'far', port: 7006, expect: 'closed' },
  'closed-by-firewall': { from: 'near', to: 'far', port: 7007, expect: 'closed' },
  'small-only': { from: 'near', to: 'narrow', port: 7000, expect: 'open' },
  named: { from: 'near', to: 'named', port: 7000, expect: 'open' },
  translated: { from: 'near', to: 'translated', port: 7000, expect: 'open' },
  'to-an-endpoint': { from: 'near', to: 'outside', port: 7000, expect: 'open' },
  'back-of-the-router': { from: 'far', to: 'near', port: 7000, expect: 'open' },
} as const;

function lines(report: Report | undefined): Record<string, string> {
  const paths = (report?.checks ?? []).filter(({ kind }) => kind === 'path');
  return Object.fromEntries(
    paths.map(({ flow, outcomes, proof, status }) => [
      flow,
      `${status}: ${outcomes.map(({ outcome, reason }) => (reason === null ? outcome : `${outcome} (${reason})`))}, ${proof}`,
    ]),
  );
}

labTest(
  'what lies on the way to temporary listeners is told: filters that read, maps that lead elsewhere, translations',
  async (t) => {
    const west = { networks: ['west'] };
    const lab = await createLab({
      hosts: { near: {}, far: west, third: west, narrow: west, named: west, inner: west },
    });
    t.teardown(() => lab.close());
    const addressOf = (name: string) => lab.host(name).address();
    const outer = '10.20.0.200';
    await lab.router.run(
      'nft',
      ['-f', '-'],
      `
    table ip nat {
      chain prerouting {
        type nat hook prerouting priority -100;
        ip daddr ${addressOf('far')} tcp dport 7002 dnat to ${addressOf('far')}:7000
        ip daddr ${addressOf('far')} tcp dport 7003 dnat to ${addressOf('third')}:7003
        ip daddr ${outer} dnat to ${addressOf('inner')}
      }
      chain postrouting {
        type nat hook postrouting priority 100;
        oifname west masquerade
      }
    }
    table ip filter {
      chain forward {
        type filter hook forward priority 0;
        tcp dport 7001 ip length > 80 drop
        ip daddr ${addressOf('narrow')} ip length > 1000 drop
      }
    }`,
    );
    await drop(lab.router, { chain: 'forward', ports: '7005,7007' });
    lab.host('near').setNames([`${addressOf('named')} named.example`]);
    lab.host('third').setNames([`${addressOf('narrow')} named.example`]);
    writeInventory(lab, {
      roles: {
        near: ['near'],
        far: ['far'],
        third: ['third'],
        narrow: ['narrow'],
        named: ['named'],
        inner: ['translated'],
      },
      hosts: { named: { address: 'named.example' }, inner: { address: outer } },
      endpoints: { outside: { address: addressOf('third'), roles: ['outside'] } },
      scenarios: writeScenario(lab, {
        ...flows,
        elsewhere: { from: 'near', to: 'third', port: 7003, expect: 'open' },
        'from-third': { from: 'third', to: 'named', port: 7000, expect: 'open' },
      }),
    });
    const { code, report, stderr, stdout } = await preflight(lab, ['--rate', '0', '--timeout', '2s']);
    t.log(stdout);
    t.deepEqual(lines(report), {}, stderr);
    t.is(code, 1);
  },
);

labTest('after the installation, check --listen proves the idle ports of reachable flows, and no others', async (t) => {
  const lab = await createLab({ hosts: { a: {}, b: {} } });
  t.teardown(() => lab.close());
  writeInventory(lab, {
    roles: { a: ['node'], b: ['node'] },
    scenarios: writeScenario(lab, {
      range: { from: 'node', to: 'node', port: '20000-20050', expect: 'reachable' },
      service: { from: 'node', to: 'node', port: 7000, expect: 'open' },
    }),
  });
  await lab.listen('b', { '0.0.0.0': '20020' });
  const inferred = await check(lab, ['--rate', '0']);
  const proven = await check(lab, ['--rate', '0', '--listen']);
  const told = ({ report }: { readonly report: Report | undefined }) =>
    (report?.checks ?? [])
      .map(
        ({ flow, outcomes, proof, status, to }) =>
          `${flow} to ${to} ${status} ${proof}: ${outcomes.map(({ outcome, ports }) => `${outcome} ${ports}`).join(', ')}`,
      )
      .sort();
  t.deepEqual(told(inferred), []);
  t.deepEqual(told(proven), []);
});
