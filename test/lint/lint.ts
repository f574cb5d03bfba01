import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { loadSite } from '#src/commands/site.js';
import { type LintOptions, lintSite } from '#src/lint/lint-site.js';
import type { Member } from '#src/model/inventory.js';
import type { ReportCheck } from '#src/model/report.js';
import type { BoundScenario, Rule, RuleKind } from '#src/model/scenario.js';

/** `rule('fixed-ports', 'sql, rpc', 'node')`; its id is its kind's. */
export function rule(kind: RuleKind, ports: string, roles: string, options: Partial<Rule> = {}): Rule {
  return {
    id: kind,
    title: `The rule ${kind}`,
    rule: kind,
    ports: ports.split(', '),
    roles: roles.split(', '),
    when: undefined,
    severity: 'error',
    cite: ['note 1'],
    remark: undefined,
    ...options,
  };
}

export function lint(
  scenarios: BoundScenario | readonly BoundScenario[],
  members: ReadonlyMap<string, Member>,
  options: Partial<LintOptions> = {},
): readonly ReportCheck[] {
  const list: readonly BoundScenario[] = 'scenario' in scenarios ? [scenarios] : scenarios;
  return lintSite(list, members, {
    extendedBrowserPorts: false,
    flow: [],
    waivers: [],
    today: '2027-01-01',
    ...options,
  });
}

/** Every outcome as `RULE status ports: reason`, and of a skipped rule its reason. */
export function said(rows: readonly ReportCheck[]): string[] {
  return rows.flatMap(({ flow, status, outcomes, notes }) =>
    status === 'skipped'
      ? [`${flow} skipped: ${notes.join('; ')}`]
      : outcomes.map(({ ports, reason }) => `${flow} ${status} ${ports}${reason === null ? '' : `: ${reason}`}`),
  );
}

/** What a file that somebody wrote comes to, with the bundled scenarios. */
export function lintFile(t: ExecutionContext, text: string, options: Partial<LintOptions> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'portolan-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'inventory.yaml');
  writeFileSync(file, text);
  const { inventory, scenarios } = loadSite(file, []);
  return lint(scenarios, inventory.members, { waivers: inventory.waivers, ...options });
}
