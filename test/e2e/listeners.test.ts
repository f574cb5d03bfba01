import type { Report } from '#src/model/report.js';
import { drop } from '../lab/filter.js';
import { writeInventory } from '../lab/inventory.js';
import { createLab } from '../lab/lab.js';
import { labTest } from '../lab/lab-test.js';
import { check, preflight, writeScenario } from './check.js';

const flows = {
  plain: { from: 'near-role', to: 'far-role', port: 7000, expect: 'open' },
  'payload-read': { from: 'near-role', to: 'far-role', port: 7001, expect: 'reachable' },
  'mapped-port': { from: 'near-role', to: 'far-role', port: 7002, expect: 'open' },
  'mapped-host': { from: 'near-role', to: 'far-role', port: 7003, expect: 'reachable' },
  'reached-filtered': { from: 'near-role', to: 'far-role', port: 7004, expect: 'filtered' },
  'kept-filtered': { from: 'near-role', to: 'far-role', port: 7005, expect: 'filtered' },
  'closed-by-nobody': { from: 'near-role', to: 'far-role', port: 7006, expect: 'closed' },
  'closed-by-firewall': { from: 'near-role', to: 'far-role', port: 7007, expect: 'closed' },
  'small-only': { from: 'near-role', to: 'narrow-role', port: 7000, expect: 'open' },
  named: { from: 'near-role', to: 'named-role', port: 7000, expect: 'open' },
  translated: { from: 'near-role', to: 'translated', port: 7000, expect: 'open' },
  'to-an-endpoint': { from: 'near-role', to: 'outside-role', port: 7000, expect: 'open' },
  'back-of-the-router': { from: 'far-role', to: 'near-role', port: 7000, expect: 'open' },
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
        near: ['near-role'],
        far: ['far-role'],
        third: ['third-role'],
        narrow: ['narrow-role'],
        named: ['named-role'],
        inner: ['translated'],
      },
      hosts: { named: { address: 'named.example' }, inner: { address: outer } },
      endpoints: { outside: { address: addressOf('third'), roles: ['outside-role'] } },
      scenarios: writeScenario(lab, {
        ...flows,
        elsewhere: { from: 'near-role', to: 'third-role', port: 7003, expect: 'open' },
        'from-third': { from: 'third-role', to: 'named-role', port: 7000, expect: 'open' },
      }),
    });
    const { code, report, stderr } = await preflight(lab, ['--rate', '0', '--timeout', '2s']);
    const told = {
      plain: 'pass: open, listener',
      'payload-read': 'warn: open (accepted, but our token never arrived), connected',
      'mapped-port': 'fail: mismatch (our listener on port 7000 answers instead), null',
      'mapped-host': 'fail: mismatch (the listener on third answers instead), null',
      'reached-filtered': 'fail: open, listener',
      'kept-filtered': 'pass: timeout (2 s), control',
      'closed-by-nobody': 'pass: refused (rst), control',
      'closed-by-firewall': 'pass: timeout (2 s), control',
      'small-only': 'warn: open (a large payload is lost), listener',
      named: 'pass: open, listener',
      translated: 'pass: open, listener',
      'to-an-endpoint': 'pass: refused (rst), inferred',
      'back-of-the-router': 'pass: open, listener',
      elsewhere: 'pass: open, listener',
      'from-third': 'fail: mismatch (the listener on narrow answers instead), null',
    };
    t.deepEqual(lines(report), told, stderr);
    t.is(code, 1);
    const notesOf = (flow: string) => report?.checks.find((check) => check.flow === flow)?.notes;
    t.deepEqual(notesOf('plain'), ['arrives there as 10.20.0.1: the source address is translated on the way']);
    t.deepEqual(notesOf('to-an-endpoint'), [
      'documented as open; nobody can log in to outside to listen there, so only the way is tried',
    ]);
    const notes = report?.vantages.flatMap(({ host, notes: own }) => own.map((note) => `${host}: ${note}`));
    t.deepEqual(notes, [
      `near: named.example is not the same everywhere: ${addressOf('narrow')} on third; ${addressOf('named')} on near`,
      `third: named.example is not the same everywhere: ${addressOf('narrow')} on third; ${addressOf('named')} on near`,
      `inner: ${outer}, as the inventory has it, is none of its own addresses: it is translated on the way (NAT), or wrong`,
    ]);

    const asked = await preflight(lab, ['--rate', '0', '--timeout', '1s', '--listen-closed', '--to', 'far']);
    const closed = lines(asked.report);
    t.is(closed['closed-by-nobody'], 'fail: open, listener');
    t.is(closed['closed-by-firewall'], 'pass: timeout (1 s), control');
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
  t.deepEqual(told(inferred), [
    'range to a pass inferred: refused 20000-20050',
    'range to b pass inferred: refused 20000-20019,20021-20050, open 20020',
    'service to a fail null: refused 7000',
    'service to b fail null: refused 7000',
  ]);
  t.deepEqual(told(proven), [
    'range to a pass listener: open 20000-20050',
    'range to b pass connected: open 20000-20019,20021-20050, open 20020',
    'service to a fail null: refused 7000',
    'service to b fail null: refused 7000',
  ]);
});
