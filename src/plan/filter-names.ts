import { ExpectedError } from '../model/errors.js';
import type { Member } from '../model/inventory.js';
import { suggestName } from '../model/nearest.js';
import type { Plan, PlannedFlow, PreflightItems } from '../model/plan.js';
import { anyHost, type BoundScenario } from '../model/scenario.js';
import { matchesFlow, matchesMember } from '../model/selector.js';
import { isFiltered, type PlanFilters } from './options.js';

/** Throws an {@link ExpectedError} for a filter that names nothing there is, with the nearest name. */
export function refuseUnknownFilters(
  { from, to, flow }: PlanFilters,
  scenarios: readonly BoundScenario[],
  members: readonly Member[],
  phase: Plan['phase'],
): void {
  const unknown = [
    ...flow.map((selector) => unknownFlow(selector, scenarios, phase)),
    ...from.map((selector) => unknownMember('--from', selector, scenarios, members)),
    ...to.map((selector) => unknownMember('--to', selector, scenarios, members)),
  ].filter((sentence) => sentence !== undefined);
  if (unknown.length > 0) throw new ExpectedError(unknown.join('\n'));
}

/** Throws an {@link ExpectedError} for a filter that names something, but nothing that any remaining flow touches. */
export function refuseIdleFilters(
  filters: PlanFilters,
  flows: readonly PlannedFlow[],
  { occupancy, rules }: PreflightItems,
  members: ReadonlyMap<string, Member>,
): void {
  if (!isFiltered(filters)) return;
  const { from, to, flow } = filters;
  const touches = (selector: string, names: readonly string[], roles: readonly string[]) =>
    roles.includes(selector) || names.some((name) => matchesMember(selector, members.get(name)!));
  const others = from.length + to.length + flow.length > 1 ? ' that the other filters leave' : '';
  const idle = [
    ...flow
      .filter((selector) => !flows.some((each) => matchesFlow(selector, each.scenario, each.flow.id)))
      .filter((selector) => ![...occupancy, ...rules].some((row) => matchesFlow(selector, row.scenario, row.item.id)))
      .map((selector) => `--flow ${selector} matches nothing: the flow has no pair of hosts${others}`),
    ...from
      .filter((selector) => !flows.some((each) => touches(selector, sourcesOf(each), each.flow.from)))
      .map((selector) => `--from ${selector} matches nothing: no flow${others} of the chosen scenarios starts there`),
    ...to
      .filter((selector) => !flows.some((each) => touches(selector, each.destinations, each.flow.to)))
      .filter((selector) => !occupancy.some(({ hosts, item }) => touches(selector, hosts, item.on)))
      .map((selector) => `--to ${selector} matches nothing: no flow${others} of the chosen scenarios ends there`),
  ];
  if (idle.length > 0) throw new ExpectedError(idle.join('\n'));
}

function sourcesOf({ sources, sourcesWithoutVantage, state }: PlannedFlow): readonly string[] {
  return [...sources, ...sourcesWithoutVantage, ...(state.kind === 'no-vantage' ? state.endpoints : [])];
}

/** Before an installation the rows of free ports and of rules can be chosen too. */
function unknownFlow(selector: string, scenarios: readonly BoundScenario[], phase: Plan['phase']): string | undefined {
  const flows = scenarios.flatMap(({ name, scenario }) => {
    const { flows: stated, occupancy, rules } = scenario;
    const rows = phase === 'preflight' ? [...stated, ...occupancy, ...rules] : stated;
    return rows.map(({ id }) => ({ name, id }));
  });
  if (flows.some(({ name, id }) => matchesFlow(selector, name, id))) return undefined;
  const candidates = flows.map(({ name, id }) => (selector.includes('/') ? `${name}/${id}` : id));
  return `unknown flow "${selector}" at --flow; ${suggestName(selector, new Set(candidates))}`;
}

function unknownMember(
  option: '--from' | '--to',
  selector: string,
  scenarios: readonly BoundScenario[],
  members: readonly Member[],
): string | undefined {
  if (members.some((member) => matchesMember(selector, member))) return undefined;
  const roles = new Set(
    scenarios.flatMap(({ scenario }) => [
      ...scenario.roles.keys(),
      ...scenario.flows.flatMap((flow) => [...flow.from, ...flow.to]),
    ]),
  );
  roles.delete(anyHost);
  if (roles.has(selector)) return `${option} ${selector} matches nothing: no host or endpoint holds this role`;
  const held = members.flatMap((member) => [member.name, ...member.roles]);
  const kinds = option === '--from' ? 'host or role' : 'host, role or endpoint';
  return `unknown ${kinds} "${selector}" at ${option}; ${suggestName(selector, new Set([...held, ...roles]))}`;
}
