import type { Host, Member } from '../model/inventory.js';
import type { BoundScenario } from '../model/scenario.js';

// A plan is of what can be probed, from hosts, in one phase. A firewall has to let through more than that.

/** Members as a plan has to see them so that endpoints, which nobody can log in to, are sources too. */
export function everySource(members: ReadonlyMap<string, Member>): ReadonlyMap<string, Member> {
  return new Map([...members].map(([name, member]) => [name, asHost(member)]));
}

/**
 * Scenarios whose flows are all planned, those that matter before the installation only among them. Of ports of which one
 * will do every one, the excluded too: any may be the one that the product takes, and who answers is no firewall's business.
 */
export function everyPhase(scenarios: readonly BoundScenario[]): readonly BoundScenario[] {
  return scenarios.map((bound) => {
    const flows = bound.scenario.flows.map((flow) => {
      if (flow.expect !== 'open' && flow.expect !== 'reachable') return flow;
      const match = flow.match.ports === 'any' ? { ...flow.match, exclude: [] } : flow.match;
      return { ...flow, match, phase: 'both' as const };
    });
    return { ...bound, scenario: { ...bound.scenario, flows } };
  });
}

function asHost(member: Member): Host {
  return member.kind === 'host' ? member : { ...member, kind: 'host', transport: 'ssh2', ssh: {}, sudo: false };
}
