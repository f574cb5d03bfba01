import type { ControlProbe, Plan, PlannedFlow } from '../model/plan.js';
import { formatPorts, type PortSet } from '../model/port-set.js';
import type { ReportCheck } from '../model/report.js';
import { anyHost } from '../model/scenario.js';
import { proxiesOf } from './notice-rows.js';
import { count, probeCount, probesOfFlow } from './plan-counts.js';
import { ruleLines } from './plan-rules.js';
import { totals } from './plan-totals.js';
import { plain } from './table/text.js';
import { wrap } from './wrap.js';

export interface PlanStyle {
  /** Columns of the terminal, or 80 where the output is piped. */
  readonly width: number;
  /** Connects per second per vantage; 0 is unlimited. */
  readonly rate: number;
  /** Connects per second of the whole run; 0 is unlimited. */
  readonly totalRate: number;
}

// More would hide the totals; the plan of a large site says how many there are.
const listedControls = 20;

/**
 * What `portolan plan` prints: every documented flow, what would be probed for it, and why not; and the rules that are not
 * kept. In chunks, so that it streams.
 */
export function* planText(plan: Plan, brokenRules: readonly ReportCheck[], style: PlanStyle): Generator<string> {
  const { width } = style;
  let scenario: string | undefined;
  for (const planned of plan.flows) {
    if (planned.scenario !== scenario) {
      if (scenario !== undefined) yield '\n';
      scenario = planned.scenario;
      yield block(`${scenario}: ${planned.bound.scenario.title}`, width, '');
    }
    yield '\n';
    yield* flowText(planned, plan, width);
  }
  yield* controlText(plan.controls, width);
  yield* preflightText(plan, width);
  if (brokenRules.length > 0) yield '\n';
  for (const { indent, text } of ruleLines(brokenRules)) yield block(text, width, indent);
  yield '\n';
  for (const sentence of totals(plan, style)) yield block(sentence, width, '');
}

function* flowText(planned: PlannedFlow, plan: Plan, width: number): Generator<string> {
  const { checks, flow, ports, state } = planned;
  yield block(`${flow.id}: ${flow.title}`, width, '  ');
  const path = `${sourceText(planned, plan)} -> ${roleText(flow.to, planned.destinations, plan)}`;
  const detail = `${portText(ports)}, ${expectation(planned)}`;
  switch (state.kind) {
    case 'planned':
      yield block(path, width, '    ');
      for (const sentence of proxiesOf(planned, plan)) yield block(sentence, width, '    ');
      yield block(
        `${detail}: ${count(checks.length, 'check')}, ${probeCount(probesOfFlow(planned), [planned])}`,
        width,
        '    ',
      );
      break;
    case 'no-vantage':
      yield block(`${path}, ${detail}`, width, '    ');
      yield block(`unknown, ${state.reason} (${state.endpoints.join(', ')})`, width, '    ');
      break;
    case 'skipped':
      yield block(`${flow.from.join(', ')} -> ${flow.to.join(', ')}, ${detail}`, width, '    ');
      yield block(`skipped: ${state.reason}`, width, '    ');
      break;
  }
  if (planned.sourcesWithoutVantage.length > 0) {
    const endpoints = planned.sourcesWithoutVantage.join(', ');
    yield block(`unknown from ${endpoints}: no vantage, nobody can log in there`, width, '    ');
  }
  if (planned.destinationsWithoutAddress.length > 0) {
    const names = planned.destinationsWithoutAddress.join(', ');
    yield block(`unknown to ${names}: no address on the network "${flow.network}"`, width, '    ');
  }
  for (const note of planned.notes) yield block(`note: ${note}`, width, '    ');
}

function expectation({ flow }: PlannedFlow): string {
  const { match, expect, severity } = flow;
  return [
    `expected ${expect}`,
    ...(match.ports === 'any' ? ['on any one of them'] : []),
    ...(match.hosts === 'any' ? ['at any one of the hosts'] : []),
    ...(severity === 'advisory' ? ['(advisory)'] : []),
  ].join(' ');
}

function sourceText({ flow, sources, state }: PlannedFlow, plan: Plan): string {
  return roleText(flow.from, state.kind === 'no-vantage' ? state.endpoints : sources, plan);
}

function roleText(roles: readonly string[], names: readonly string[], plan: Plan): string {
  const hosts = names.filter((name) => plan.members.get(name)?.kind === 'host').length;
  const endpoints = names.length - hosts;
  const counts = [
    ...(hosts > 0 || endpoints === 0 ? [count(hosts, 'host')] : []),
    ...(endpoints > 0 ? [count(endpoints, 'endpoint')] : []),
  ];
  const title = roles.includes(anyHost) ? 'every other host' : roles.join(', ');
  return `${title} (${counts.join(', ')})`;
}

function portText(ports: PortSet): string {
  const isSingle = ports.length === 1 && ports[0]![0] === ports[0]![1];
  return `${isSingle ? 'port' : 'ports'} ${formatPorts(ports)}`;
}

function* controlText(controls: readonly ControlProbe[], width: number): Generator<string> {
  if (controls.length === 0) return;
  const sources = new Map<string, number>();
  for (const { target, port } of controls) {
    const key = `${target} port ${port}`;
    sources.set(key, (sources.get(key) ?? 0) + 1);
  }
  yield '\n';
  yield block(
    `${count(controls.length, 'control probe')}, because silence proves a denial only where the same address answers on another port:`,
    width,
    '',
  );
  for (const [target, from] of [...sources].slice(0, listedControls)) {
    yield block(`${target} from ${count(from, 'host')}`, width, '  ');
  }
  if (sources.size > listedControls) yield block(`and ${sources.size - listedControls} more addresses`, width, '  ');
}

function* preflightText({ preflight: { occupancy, rules } }: Plan, width: number): Generator<string> {
  if (occupancy.length + rules.length === 0) return;
  yield '\n';
  yield block('Enforced by portolan preflight, before an installation:', width, '');
  for (const { scenario, item, hosts, ports } of occupancy) {
    const condition = item.when === undefined ? '' : `, where ${item.when.text}`;
    const where = hosts.length === 0 ? `no host (${item.on.join(', ')}${condition})` : hosts.join(', ');
    const all = item.match.ports === 'any' ? 'any one free' : 'free';
    yield block(`${scenario}/${item.id}: ${portText(ports)} ${all} on ${where}`, width, '  ');
  }
  for (const { scenario, item } of rules)
    yield block(`${scenario}/${item.id}: ${item.title} (${item.rule})`, width, '  ');
}

function block(text: string, width: number, indent: string): string {
  return `${wrap(plain(text), width, indent, `${indent}  `).join('\n')}\n`;
}
