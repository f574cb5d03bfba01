import type { Member } from '../model/inventory.js';
import { unionPorts } from '../model/port-set.js';
import type { ReportCheck } from '../model/report.js';
import type { BoundScenario, Rule } from '../model/scenario.js';
import { resolvePorts } from '../plan/flow-ports.js';
import { PairCondition } from '../plan/pair-condition.js';
import { holdsAny, isHost } from '../plan/pairing.js';
import type { Listeners } from './listeners.js';
import { kindsForEndpoints, ruleChecks } from './registry.js';
import { type RuleHead, ruleRow, skippedRule, type Waiving } from './row.js';
import type { PortUse } from './violation.js';

/** What the members of a site are, and what is asked of them. */
export interface LintedSite {
  readonly members: readonly Member[];
  readonly extendedBrowserPorts: boolean;
  readonly waiving: Waiving;
}

/** The row of a rule that a scenario states. */
export function statedRule(
  bound: BoundScenario,
  rule: Rule,
  listeners: Listeners,
  { members, extendedBrowserPorts, waiving }: LintedSite,
): ReportCheck {
  const condition = new PairCondition(bound, rule.when);
  const holders = members.filter(
    (member) => holdsAny(member, rule.roles) && (isHost(member) || kindsForEndpoints.has(rule.rule)),
  );
  const allowed = holders.filter((member) => condition.allows(member, member));
  const head = headOf(bound, rule, condition);
  const documented = resolvePorts(
    bound,
    rule.ports.map((variable) => ({ variable })),
  );
  if (holders.length === 0) return skippedRule(head, documented, `no ${kindOfHolder(rule)} holds ${rolesText(rule)}`);
  if (allowed.length === 0)
    return skippedRule(head, documented, `its condition does not hold here: ${rule.when?.text}`);
  const uses = allowed.flatMap((member) => usesAt(member, bound, rule, listeners));
  if (uses.length === 0)
    return skippedRule(head, documented, `nothing listens on its ports where ${rolesText(rule)} is held`);
  const violations = ruleChecks[rule.rule]({
    bound,
    rule,
    uses,
    extendedBrowserPorts,
    listenersAt: (member) => listeners.at(member),
  });
  return ruleRow(head, unionPorts(...uses.map(({ ports }) => ports)), violations, waiving);
}

function headOf({ name }: BoundScenario, rule: Rule, { doubts }: PairCondition): RuleHead {
  const { cite, id, roles, severity, title, when } = rule;
  const doubt = `looked at although its condition (${when?.text}) is undecided: ${[...doubts].join('; ')}`;
  return { scenario: name, id, title, cite, roles, severity, notes: doubts.size === 0 ? [] : [doubt] };
}

/** The rule's port variables that listen on a member by the rule's roles. What the scenario places nowhere is taken at the rule's word. */
function usesAt(member: Member, bound: BoundScenario, rule: Rule, listeners: Listeners): readonly PortUse[] {
  return rule.ports.flatMap((variable): readonly PortUse[] => {
    if (!listeners.places(variable, rule.roles)) {
      const ports = resolvePorts(bound, [{ variable }], member);
      return [{ member, variable, ports, services: new Set(), choice: false }];
    }
    return listeners
      .at(member)
      .filter((listener) => listener.variable === variable && listener.roles.some((role) => rule.roles.includes(role)))
      .map(({ choice, ports, services }) => ({ member, variable, ports, services, choice }));
  });
}

function kindOfHolder({ rule }: Rule): string {
  return kindsForEndpoints.has(rule) ? 'host or endpoint' : 'host';
}

function rolesText({ roles }: Rule): string {
  return roles.length === 1 ? `the role ${roles[0]}` : `any of the roles ${roles.join(', ')}`;
}
