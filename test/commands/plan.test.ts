import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { CommandIo } from '#src/commands/io.js';
import { runPlan } from '#src/commands/plan.js';

const inventory = (until: string) => `
scenarios: { oceanbase-ocp: {} }
hosts:
  meta: { address: 10.0.0.1, roles: [metadb], ports: { sql: 3881 } }
  ob-[1:2]: { address: "10.0.1.[1:2]", roles: [observer], ports: { rpc: 3882 } }
waivers: [{ flow: fixed-ports, reason: NET-1, until: "${until}" }]
`;

function planned(t: ExecutionContext, until: string, flow: readonly string[] = []): string {
  const folder = mkdtempSync(join(tmpdir(), 'portolan-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'inventory.yaml');
  writeFileSync(file, inventory(until));
  let text = '';
  const io = {
    stdout: (chunk: string) => {
      text += chunk;
    },
    width: 200,
    now: () => new Date(2027, 0, 1, 12),
  } as Partial<CommandIo> as CommandIo;
  runPlan([], { inventory: file, from: [], to: [], flow, rate: '200', totalRate: '2000' }, io);
  return text;
}

const brokenRules = (text: string) => /\nRules that are not kept:\n(.*?)\n\n/s.exec(text)?.[1]?.split('\n');

test('portolan plan shows the rules that are not kept as warnings, waivers weighed by the day', (t) => {
  const lines = [
    "  oceanbase-ocp/fixed-metadb-ports: The ports of OCP's own databases cannot be changed (warn)",
    '    on meta, sql is 3881; the document has it at 2881, and says that it cannot be changed',
  ];
  t.deepEqual(brokenRules(planned(t, '2027-01-01'))?.slice(0, 2), lines);
  const title = 'Only the web service and the two of Backup-Agent can be moved to other ports';
  t.true(planned(t, '2027-01-01').includes(`oceanbase-ocp/fixed-ports: ${title} (waived)\n`));
  t.true(planned(t, '2026-12-31').includes(`oceanbase-ocp/fixed-ports: ${title} (warn)\n`));
});

test('a filter on flows leaves the rules out', (t) => {
  t.is(brokenRules(planned(t, '2027-01-01', ['rpc'])), undefined);
});
