import type { Member } from '../model/inventory.js';
import { overlapPorts, unionPorts } from '../model/port-set.js';
import type { ReportCheck } from '../model/report.js';
import { overlapRuleId } from '../model/scenario.js';
import { isHost } from '../plan/pairing.js';
import { type Clash, foldClashes, named } from './clash.js';
import { haveOneService, type Listener, type Listeners } from './listeners.js';
import { ruleRow, type Waiving } from './row.js';
import { namesOf, portText } from './words.js';

/** A scenario's name beside what it has listening where. */
export interface NamedListeners {
  readonly name: string;
  readonly listeners: Listeners;
}

interface Overlap extends Clash {
  /** The first place that each is documented at: a port is often in a dozen rows. */
  readonly cite: readonly string[];
}

/**
 * The rule that no scenario states: what two scenarios have listening on one host listens on different ports. Undefined
 * where they share no host.
 */
export function overlapRule(
  first: NamedListeners,
  second: NamedListeners,
  members: readonly Member[],
  waiving: Waiving,
): ReportCheck | undefined {
  const shared = members
    .filter(isHost)
    .map((member) => ({ member, ours: fixedAt(first, member), theirs: fixedAt(second, member) }))
    .filter(({ ours, theirs }) => ours.length > 0 && theirs.length > 0);
  if (shared.length === 0) return undefined;
  const overlaps = shared.flatMap(({ member, ours, theirs }) =>
    ours.flatMap((a) =>
      theirs
        .filter((b) => overlapPorts(a.ports, b.ports) && !mayBeOne(a, b))
        .map((b): Overlap => ({ member, a, b, cite: [...a.cite.slice(0, 1), ...b.cite.slice(0, 1)] })),
    ),
  );
  const violations = foldClashes(overlaps, ({ a, b }, hosts, ports) => {
    const both = `${named(a, ports)} of ${first.name} and ${named(b, ports)} of ${second.name}`;
    return `on ${namesOf(hosts)}, ${both} share ${portText(ports)}; move one of them`;
  });
  const head = {
    scenario: first.name,
    id: overlapRuleId(second.name),
    title: `What ${first.name} and ${second.name} have on one host is on different ports`,
    cite: [...new Set(overlaps.flatMap(({ cite }) => cite))],
    roles: [...new Set(shared.flatMap(({ ours, theirs }) => [...ours, ...theirs].flatMap(({ roles }) => roles)))],
    severity: 'advisory',
    notes: [],
  } as const;
  const ports = unionPorts(...shared.flatMap(({ ours, theirs }) => [...ours, ...theirs].map((each) => each.ports)));
  return ruleRow(head, ports, violations, waiving);
}

/** What picks a free port of a range gets out of everybody's way. */
function fixedAt({ listeners }: NamedListeners, member: Member): readonly Listener[] {
  return listeners.at(member).filter(({ choice }) => !choice);
}

/** One server in two documents: by the role, by the port's name, or by the service that answers. */
function mayBeOne(a: Listener, b: Listener): boolean {
  return (
    (a.variable !== undefined && a.variable === b.variable) ||
    a.roles.some((role) => b.roles.includes(role)) ||
    haveOneService(a, b)
  );
}
