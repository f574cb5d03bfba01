import type { ReportCheck } from '#src/model/report.js';
import { drop } from '../lab/filter.js';
import { writeInventory } from '../lab/inventory.js';
import { createLab } from '../lab/lab.js';
import { labTest } from '../lab/lab-test.js';
import { runPortolan } from '../lab/portolan.js';
import { startNginx } from '../lab/servers/nginx.js';
import { startTinyproxy } from '../lab/servers/tinyproxy.js';
import { check, notPassed, rows, writeScenario } from './check.js';

const from = 'client';
const flows = {
  web: { from, to: 'api', port: 8080, service: 'http', expect: 'open' },
  bare: { from, to: 'api', port: 20000, expect: 'open' },
  named: { from, to: 'inside', port: 20001, expect: 'open' },
  forbidden: { from, to: 'api', port: 20002, service: 'http', expect: 'open' },
  denied: { from, to: 'api', port: 20004, expect: 'closed' },
  dead: { from, to: 'api', port: 20003, service: 'http', expect: 'open' },
  plain: { from, to: 'other', port: 8080, expect: 'open' },
} as const;

const by = 'by proxy proxy.example:3128';

labTest(
  'what is behind an HTTP proxy is reached through it alone, and what the proxy says of the rest is told apart',
  async (t) => {
    const both = { networks: ['east', 'west'] };
    const lab = await createLab({ hosts: { app: {}, proxy: both, api: { networks: ['west'] } } });
    t.teardown(() => lab.close());
    const [app, proxy, api] = [lab.host('app'), lab.host('proxy'), lab.host('api')];
    await drop(lab.router, { chain: 'forward' });
    app.setNames([`${proxy.address('east')} proxy.example`]);
    const other = '10.20.0.99';
    await api.machine.ip([`addr add ${other}/32 dev west`]);
    const nginx = await startNginx({ address: '0.0.0.0', port: 8080, network: api.machine.networkOnly });
    t.teardown(() => nginx.stop());
    await lab.listen('api', { '0.0.0.0': '20000,20002,20004' });
    // Of the proxy alone: where its own resolver leads, and no other.
    await lab.listen('proxy', { '127.0.0.1': '20001' });
    const tinyproxy = await startTinyproxy({
      address: '0.0.0.0',
      port: 3128,
      connectPorts: [8080, 20000, 20001, 20003],
      network: proxy.machine.networkOnly,
    });
    t.teardown(() => tinyproxy.stop());
    const via = 'http://proxy.example:3128';
    writeInventory(lab, {
      roles: { app: ['client'] },
      endpoints: {
        'api-1': { address: api.address(), roles: ['api'], via },
        'inside-1': { address: 'localhost', roles: ['inside'], via },
        'other-1': { address: other, roles: ['other'] },
      },
      scenarios: writeScenario(lab, flows),
    });

    const { report, stderr } = await check(lab, ['--rate', '0']);
    const refused = 'HTTP 403 to CONNECT';
    const seen = {
      web: ['pass identified', `open 8080 ${by}: `],
      bare: ['pass connected', `open 20000 ${by}`],
      named: ['pass connected', `open 20001 ${by}`],
      forbidden: ['fail null', `mismatch 20002 ${by}: the proxy refuses: ${refused}`],
      denied: ['unknown null', `mismatch 20004 ${by}: the proxy refuses: ${refused}`],
      dead: ['fail null', `mismatch 20003 ${by}: the proxy cannot reach it: HTTP 500 to CONNECT`],
      plain: ['fail null', 'timeout 8080 '],
    };
    for (const [flow, [verdict, outcome]] of Object.entries(seen)) {
      const row = report?.checks.find((each) => each.flow === flow);
      t.deepEqual([`${row?.status} ${row?.proof}`, row && startOf(row, outcome!.length)], [verdict, outcome], stderr);
      t.is(row?.via, flow === 'plain' ? undefined : 'proxy.example:3128');
    }
    const [web] = report?.checks.find(({ flow }) => flow === 'web')?.outcomes ?? [];
    t.true((web?.phasesMs?.resolve ?? -1) >= 0 && (web?.phasesMs?.connect ?? -1) > 0, JSON.stringify(web));
    t.deepEqual(report?.checks.find(({ flow }) => flow === 'denied')?.notes, [
      'without a connection by the proxy nothing shows whether the network denies anything',
    ]);
    t.like(
      report?.findings.filter(({ cause }) => cause === 'proxy-refuses'),
      { length: 1, 0: { owner: 'network' } },
    );
    t.notRegex(nginx.log(), new RegExp(`^${app.address()}`, 'm'), 'nothing came to the service directly');

    const story = (await runPortolan(lab, ['explain', 'lab/bare'])).stdout;
    t.regex(story, new RegExp(`^SAID AT ${api.address()}, port 20000 +a connection by the proxy$`, 'm'), story);
    t.regex(story, /^ .*connected to the proxy proxy\.example:3128 in [\d.]+ ms$/m);
    t.regex(story, /^ +0000 .*CONNECT 10\.20/m);
    t.regex(story, new RegExp(`^ +by proxy +proxy\\.example:3128 at ${proxy.address('east')}$`, 'm'));

    await tinyproxy.stop();
    const { plain: _, ...through } = flows;
    const without = await check(lab, ['--rate', '0', ...Object.keys(through).flatMap((flow) => ['--flow', flow])]);
    t.deepEqual(
      rows(without.report),
      Object.entries(through)
        .map(([flow, { port, to }]) => `${flow} app>${to}-1 ${flow === 'denied' ? 'unknown' : 'fail'}: refused ${port}`)
        .sort(),
      notPassed(without.report),
    );
    for (const { outcomes } of without.report?.checks ?? []) t.is(outcomes[0]?.reason, `${by}: rst or icmp 3/3`);
    const [finding] = without.report?.findings.filter(({ cause }) => cause === 'proxy-not-reached') ?? [];
    t.regex(finding?.summary ?? '', /^app cannot connect to the proxy proxy\.example:3128, /);
    t.is(finding?.checks.length, Object.keys(through).length);
  },
  { alsoNeeded: ['nginx', 'tinyproxy'] },
);

/** `open 8080 by proxy …`: what was seen, up to as many characters as are expected. */
function startOf({ outcomes }: ReportCheck, length: number): string {
  return outcomes.map(({ outcome, ports, reason }) => `${outcome} ${ports} ${reason}`.slice(0, length)).join(' ');
}
