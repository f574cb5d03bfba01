import { formatPorts, type PortSet, parsePorts, subtractPorts, unionPorts } from '#src/model/port-set.js';
import type { Flow, Occupancy, PortReference, Rule, Scenario } from '#src/model/scenario.js';
import { factsOf } from '#src/scenario/condition.js';
import type { Demand, Demanded, Place } from './demand.js';

/** `DOCUMENT, SECTION, LOCATOR` as `DOCUMENT|SECTION|LOCATOR`; undefined where a citation has another shape. */
export function placeOf(cite: string): string | undefined {
  const match = /^([^,]+), ([^,]+), ((?:table \d+ )?row \d+|note \d+|text)$/.exec(cite);
  return match === null ? undefined : match.slice(1).join('|');
}

/** A flow, an occupancy item or a rule as the table of facts sees it. */
interface Item {
  readonly id: string;
  readonly scenario: string;
  readonly places: readonly (string | undefined)[];
  readonly cite: readonly string[];
  readonly facts: readonly string[];
  readonly kind: 'flow' | 'occupancy' | 'rule';
  readonly from: readonly string[];
  /** Also the roles of an occupancy item or a rule. */
  readonly roles: readonly string[];
  readonly ports: PortSet;
  /** What is expected, or the kind of the rule. */
  readonly what: string;
}

/** Everything on which scenarios and the table of facts disagree, a sentence each. */
export function disagreements(
  scenarios: readonly Scenario[],
  demands: readonly Demand[],
  places: readonly Place[],
): readonly string[] {
  const items = scenarios.flatMap(itemsOf);
  return [
    ...demands.flatMap((demand) => unmet(demand, items)),
    ...items.flatMap((item) => unfounded(item, demands, places)),
    ...places.flatMap((place) => uncited(place, items)),
    ...scenarios.flatMap(undeclared),
  ];
}

function itemsOf(scenario: Scenario): readonly Item[] {
  const common = (item: Flow | Occupancy | Rule) => ({
    id: item.id,
    scenario: scenario.name,
    cite: item.cite,
    places: item.cite.map(placeOf),
    facts: item.when === undefined ? [] : [...factsOf(item.when.condition)].map(({ fact }) => fact),
  });
  return [
    ...scenario.flows.map((flow) => ({
      ...common(flow),
      kind: 'flow' as const,
      from: flow.from,
      roles: flow.to,
      ports: portsOf(scenario, flow.port, flow.match.exclude),
      what: flow.expect,
    })),
    ...scenario.occupancy.map((item) => ({
      ...common(item),
      kind: 'occupancy' as const,
      from: [],
      roles: item.on,
      ports: portsOf(scenario, item.port, item.match.exclude),
      what: 'free',
    })),
    ...scenario.rules.map((rule) => ({
      ...common(rule),
      kind: 'rule' as const,
      from: [],
      roles: rule.roles,
      ports: portsOf(
        scenario,
        rule.ports.map((variable) => ({ variable })),
        [],
      ),
      what: rule.rule,
    })),
  ];
}

function portsOf(scenario: Scenario, ports: readonly PortReference[], exclude: readonly PortReference[]): PortSet {
  const resolve = (reference: PortReference) =>
    'ports' in reference ? reference.ports : scenario.ports.get(reference.variable)!.default;
  return subtractPorts(unionPorts(...ports.map(resolve)), unionPorts(...exclude.map(resolve)));
}

function unmet({ number, places, scenarios, demanded }: Demand, items: readonly Item[]): readonly string[] {
  return scenarios.flatMap((scenario) =>
    places.flatMap((place) => {
      const citing = items.filter((item) => item.scenario === scenario && item.places.includes(place));
      if (demanded.kind === 'condition') {
        const flows = citing.filter(({ kind }) => kind === 'flow');
        const without = flows.filter(({ facts }) => !facts.includes(demanded.fact));
        if (flows.length > 0 && without.length === 0) return [];
        const who = without.map(({ id }) => id).join(', ') || 'no flow cites it';
        return [`${number}: ${place} asks for the fact ${demanded.fact} in ${scenario}: ${who}`];
      }
      if (citing.some((item) => meets(item, demanded))) return [];
      return [`${number}: ${place} has no ${textOf(demanded)} in ${scenario}`];
    }),
  );
}

function meets(item: Item, demanded: Exclude<Demanded, { kind: 'condition' }>): boolean {
  const { from, roles, what } = endsOf(demanded);
  return (
    item.kind === demanded.kind &&
    item.what === what &&
    isSubset(from, item.from) &&
    isSubset(roles, item.roles) &&
    subtractPorts(parsePorts(demanded.ports)!, item.ports).length === 0
  );
}

/** What an item states and none of the places that it cites does. */
function unfounded(item: Item, demands: readonly Demand[], places: readonly Place[]): readonly string[] {
  const name = `${item.scenario}/${item.id}`;
  const known = places.filter(({ scenarios }) => scenarios.includes(item.scenario)).map(({ place }) => place);
  const nowhere = item.places.flatMap((place, index) =>
    place === undefined || !known.includes(place) ? [`${name} cites "${item.cite[index]}", which is not there`] : [],
  );
  const founding = demands
    .filter((demand) => demand.scenarios.includes(item.scenario))
    .filter((demand) => demand.places.some((place) => item.places.includes(place)))
    .flatMap(({ demanded }) => (demanded.kind === item.kind ? [demanded] : []));
  const ends = founding.map(endsOf);
  const ports = unionPorts(...founding.map((demanded) => parsePorts(demanded.ports)!));
  const wrong = [
    ...item.from.filter((role) => !ends.some(({ from }) => from.includes(role))).map((role) => `from ${role}`),
    ...item.roles.filter((role) => !ends.some(({ roles }) => roles.includes(role))).map((role) => `role ${role}`),
    ...subtractPorts(item.ports, ports).map((interval) => `port ${formatPorts([interval])}`),
    ...(ends.some(({ what }) => what === item.what) ? [] : [item.what]),
  ];
  return [...nowhere, ...wrong.map((what) => `${name} states ${what}, and no place that it cites does`)];
}

function uncited({ place, scenarios }: Place, items: readonly Item[]): readonly string[] {
  return scenarios
    .filter((scenario) => !items.some((item) => item.scenario === scenario && item.places.includes(place)))
    .map((scenario) => `${place} is cited by nothing in ${scenario}`);
}

/** Documents by another name than the scenario declares, and ports that a site could not override. */
function undeclared(scenario: Scenario): readonly string[] {
  const documents = [scenario.document, ...scenario.furtherDocuments].map(({ short, title }) => short ?? title);
  const cited = new Set(itemsOf(scenario).flatMap(({ places }) => places.map((place) => place?.split('|')[0])));
  const references = [...scenario.flows, ...scenario.occupancy].flatMap((item) =>
    [...item.port, ...item.match.exclude, ...('prefer' in item.match ? item.match.prefer : [])].map((port) => ({
      id: item.id,
      port,
    })),
  );
  return [
    ...[...cited]
      .filter((document) => document !== undefined && !documents.includes(document))
      .map((document) => `${scenario.name} cites the document "${document}" and does not declare it`),
    ...references
      .filter(({ port }) => 'ports' in port)
      .map(({ id }) => `${scenario.name}/${id} has a port that is no variable`),
  ];
}

function endsOf(demanded: Exclude<Demanded, { kind: 'condition' }>): {
  readonly from: readonly string[];
  readonly roles: readonly string[];
  readonly what: string;
} {
  switch (demanded.kind) {
    case 'flow':
      return { from: demanded.from, roles: demanded.to, what: demanded.expect };
    case 'occupancy':
      return { from: [], roles: demanded.on, what: 'free' };
    case 'rule':
      return { from: [], roles: demanded.roles, what: demanded.rule };
  }
}

function textOf(demanded: Exclude<Demanded, { kind: 'condition' }>): string {
  const { from, roles, what } = endsOf(demanded);
  const ends = from.length === 0 ? roles.join(', ') : `${from.join(', ')} -> ${roles.join(', ')}`;
  return `${demanded.kind} ${ends} ${demanded.ports} ${what}`;
}

function isSubset(part: readonly string[], whole: readonly string[]): boolean {
  return part.every((element) => whole.includes(element));
}
