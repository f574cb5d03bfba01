import { formatPorts, unionPorts } from '../model/port-set.js';
import {
  anyHost,
  type Flow,
  loopbackNetwork,
  type Occupancy,
  type PortReference,
  type Rule,
  type Scenario,
} from '../model/scenario.js';

/** A row of one of a scenario's tables, and what belongs to it. */
export interface ScenarioEntry {
  readonly row: readonly string[];
  readonly details: readonly string[];
  readonly cite: readonly string[];
  readonly remark: string | undefined;
}

export function flowEntry(flow: Flow, scenario: Scenario): ScenarioEntry {
  const { id, title, from, to, port, match, expect, severity, cite, remark } = flow;
  return {
    row: [
      roleText(from, scenario),
      roleText(to, scenario),
      portText(port, match.ports, scenario),
      severity === 'advisory' ? `${expect}, advisory` : expect,
    ],
    details: [`${id}: ${title} [${portNames(port)}]`, ...whenText(flow), ...flowTerms(flow, scenario)],
    cite,
    remark,
  };
}

export function occupancyEntry(item: Occupancy, scenario: Scenario): ScenarioEntry {
  const { id, title, on, port, match, cite, remark } = item;
  return {
    row: [roleText(on, scenario), portText(port, match.ports, scenario)],
    details: [
      `${id}: ${title} [${portNames(port)}]`,
      ...whenText(item),
      ...sentence([...exceptText(match.exclude, scenario), ...advisoryText(item)]),
    ],
    cite,
    remark,
  };
}

export function ruleEntry(item: Rule, scenario: Scenario): ScenarioEntry {
  const { id, title, rule, ports, roles, cite, remark } = item;
  const values = ports.map((name) => `${name}=${formatPorts(scenario.ports.get(name)!.default)}`);
  return {
    row: [rule, roleText(roles, scenario)],
    details: [
      `${id}: ${title}`,
      ...(values.length === 0 ? [] : [values.join(', ')]),
      ...whenText(item),
      ...sentence(advisoryText(item)),
    ],
    cite,
    remark,
  };
}

function flowTerms(flow: Flow, scenario: Scenario): readonly string[] {
  const { match, self, network, withinCluster, phase } = flow;
  return sentence([
    ...exceptText(match.exclude, scenario),
    ...(match.prefer.length > 0 ? [`${defaultPorts(match.prefer, scenario)} first`] : []),
    ...(match.hosts === 'any' ? ['one of the hosts must do, the others be reachable'] : []),
    ...(withinCluster ? ['within one cluster'] : []),
    ...(self === true ? ['also from a host to itself'] : []),
    ...(self === 'only' ? ['from a host to itself'] : []),
    ...networkText(network),
    ...(phase === 'check' ? ['only after the installation'] : []),
    ...(phase === 'preflight' ? ['only before the installation'] : []),
  ]);
}

function networkText(network: string | undefined): readonly string[] {
  if (network === undefined) return [];
  return [network === loopbackNetwork ? 'over 127.0.0.1' : `on the network "${network}"`];
}

function whenText({ when }: Pick<Flow, 'when'>): readonly string[] {
  return when === undefined ? [] : [`when ${when.text}`];
}

function advisoryText({ severity }: Pick<Rule, 'severity'>): readonly string[] {
  return severity === 'advisory' ? ['advisory'] : [];
}

function exceptText(exclude: readonly PortReference[], scenario: Scenario): readonly string[] {
  return exclude.length === 0 ? [] : [`except ${defaultPorts(exclude, scenario)}`];
}

function sentence(clauses: readonly string[]): readonly string[] {
  return clauses.length === 0 ? [] : [clauses.join('; ')];
}

function roleText(roles: readonly string[], scenario: Scenario): string {
  return roles.map((role) => (role === anyHost ? 'Every other host' : scenario.roles.get(role)!.title)).join(', ');
}

function portText(references: readonly PortReference[], match: 'all' | 'any', scenario: Scenario): string {
  return `${match === 'any' ? 'one of ' : ''}${defaultPorts(references, scenario)}/tcp`;
}

function defaultPorts(references: readonly PortReference[], scenario: Scenario): string {
  return formatPorts(
    unionPorts(
      ...references.map((reference) =>
        'ports' in reference ? reference.ports : scenario.ports.get(reference.variable)!.default,
      ),
    ),
  );
}

function portNames(references: readonly PortReference[]): string {
  return references
    .map((reference) => ('ports' in reference ? formatPorts(reference.ports) : reference.variable))
    .join(', ');
}
