import { isIP } from 'node:net';
import type { DialogueTraits } from '#src/model/dialogue.js';
import type { Endpoint, Host, Member } from '#src/model/inventory.js';
import {
  type AddressObservation,
  type Answer,
  type NodeFacts,
  noFacts,
  type Observations,
  type Segment,
  type Spoken,
  type TargetObservation,
  type VantageRecord,
} from '#src/model/observation.js';
import type { Check, ControlProbe, FlowChecks, FlowState, Plan, PlannedFlow } from '#src/model/plan.js';
import { countPorts, eachPort, formatPorts, noPorts, type PortSet, parsePorts } from '#src/model/port-set.js';
import type { BoundScenario, Expectation, Flow } from '#src/model/scenario.js';
import type { ServiceName } from '#src/model/service.js';
import { serviceNamed } from '../service.js';

// Plans and observations written by hand: what the judge, the diagnosis and the reporters are given.

/** Dialogues that the plans of these tests know of. */
const talking: readonly DialogueTraits[] = ['http', 'mysql'].map((service) => ({
  service,
  bareConnects: () => 'harmless',
  guardedPorts: noPorts,
  speaks: () => true,
}));

export function ports(text: string): PortSet {
  const parsed = parsePorts(text);
  if (parsed === undefined) throw new Error(`not a set of ports: ${text}`);
  return parsed;
}

/** What hosts and endpoints have in common. */
function party(name: string, address: string, roles: readonly string[]) {
  const nothing = { addresses: new Map(), ports: new Map(), services: new Map(), facts: new Map() };
  return { name, address, roles, cluster: undefined, ...nothing };
}

export function host(name: string, address: string, roles: readonly string[] = ['node']): Host {
  return { ...party(name, address, roles), kind: 'host', transport: 'ssh2', ssh: {}, sudo: false };
}

export function endpoint(name: string, address: string, roles: readonly string[] = ['outside']): Endpoint {
  return { ...party(name, address, roles), kind: 'endpoint' };
}

interface FlowSettings {
  id?: string;
  scenario?: string;
  title?: string;
  from?: string[];
  to?: string[];
  expect?: Expectation;
  any?: 'ports' | 'hosts';
  self?: Flow['self'];
  severity?: Flow['severity'];
  service?: ServiceName;
  /** Of a flow to ports of several services: `{ '3306': 'mysql' }`. */
  services?: Readonly<Record<string, ServiceName>>;
  ports?: string;
  prefer?: string;
  pairs?: readonly (readonly [Host, Member] | readonly [Host, Member, string])[];
  state?: FlowState;
  sourcesWithoutVantage?: string[];
  destinationsWithoutAddress?: string[];
  notes?: string[];
}

export function flow(settings: FlowSettings): PlannedFlow {
  const { scenario = 'site', service, prefer } = settings;
  const covered = ports(settings.ports ?? '8563');
  const named = settings.services ?? (service === undefined ? {} : { [formatPorts(covered)]: service });
  const services = Object.entries(named).map(([text, each]) => ({
    service: serviceNamed(each),
    ports: ports(text),
  }));
  const bound: BoundScenario = {
    name: scenario,
    scenario: {
      name: scenario,
      title: scenario,
      document: { title: 'A document', url: undefined },
      furtherDocuments: [],
      roles: new Map(),
      ports: new Map(),
      facts: new Map(),
      flows: [],
      occupancy: [],
      rules: [],
      file: 'site.yaml',
      sha256: '',
    },
    ports: new Map(),
    services: new Map(),
    facts: new Map(),
  };
  const documented: Flow = {
    id: settings.id ?? 'flow',
    title: settings.title ?? 'A documented flow',
    from: settings.from ?? ['node'],
    to: settings.to ?? ['node'],
    port: [{ ports: covered }],
    expect: settings.expect ?? 'open',
    cite: ['row 1'],
    match: {
      ports: settings.any === 'ports' ? 'any' : 'all',
      hosts: settings.any === 'hosts' ? 'any' : 'all',
      exclude: [],
      prefer: [],
    },
    self: settings.self ?? false,
    when: undefined,
    severity: settings.severity ?? 'error',
    phase: 'both',
    withinCluster: false,
    network: undefined,
    service: serviceNamed(service),
    remark: undefined,
  };
  const checks: Check[] = [];

  const planned: PlannedFlow = {
    scenario,
    bound,
    flow: documented,
    state: settings.state ?? { kind: 'planned' },
    sources: [...new Set((settings.pairs ?? []).map(([from]) => from.name))],
    destinations: [...new Set((settings.pairs ?? []).map(([, to]) => to.name))],
    sourcesWithoutVantage: settings.sourcesWithoutVantage ?? [],
    destinationsWithoutAddress: settings.destinationsWithoutAddress ?? [],
    ports: covered,
    checks: listed(checks),
    notes: settings.notes ?? [],
  };
  for (const [from, to, target] of settings.pairs ?? [])
    checks.push({
      flow: planned,
      from,
      to,
      target: target ?? to.address,
      expect: documented.expect,
      ports: covered,
      prefer: prefer === undefined ? noPorts : ports(prefer),
      service: serviceNamed(service),
      services,
      group: settings.any === 'hosts' ? `${scenario}/${documented.id}/${from.name}` : undefined,
    });
  return planned;
}

/** Checks written by hand, as a plan's. */
function listed(checks: readonly Check[]): FlowChecks {
  return {
    get length() {
      return checks.length;
    },
    ofSource: (name) => checks.filter(({ from }) => from.name === name),
    byDestination: () => [...new Map(checks.map((check) => [check.to.name, check])).values()],
    portSets() {
      const sets = new Map<PortSet, number>();
      for (const { ports } of checks) sets.set(ports, (sets.get(ports) ?? 0) + 1);
      return sets;
    },
    [Symbol.iterator]: () => checks[Symbol.iterator](),
  };
}

export function plan(
  flows: readonly PlannedFlow[],
  controls: readonly ControlProbe[] = [],
  phase: Plan['phase'] = 'check',
): Plan {
  const members = new Map<string, Member>();
  let probes = 0;
  for (const { checks } of flows)
    for (const check of checks) {
      members.set(check.from.name, check.from);
      members.set(check.to.name, check.to);
      probes += countPorts(check.ports);
    }
  const scenarios = [...new Set(flows.map(({ bound }) => bound))];
  const preflight = { occupancy: [], rules: [] };
  return {
    phase,
    scenarios,
    flows,
    controls,
    preflight,
    members,
    probes,
    probesBySource: new Map(),
    probesByTarget: new Map(),
    probesBySshd: new Map(),
    complete: true,
    guardedPorts: noPorts,
    dialogues: talking,
  };
}

export const connected: Answer = { kind: 'connected' };
export const rst: Answer = { kind: 'error', errno: 'ECONNREFUSED' };
export const silence: Answer = { kind: 'silence', afterMs: 3500 };

export function icmp(type: number, code: number, sender: string, version: 4 | 6 = 4): Answer {
  return { kind: 'error', errno: 'EHOSTUNREACH', icmp: { version, type, code, sender } };
}

export function errno(name: string): Answer {
  return { kind: 'error', errno: name };
}

export function segment(text: string, answer: Answer): Segment {
  return { ports: ports(text), answer };
}

type Answers = Readonly<Record<string, Answer>>;

export function addressSeen(
  address: string,
  answers: Answers,
  latencies: AddressObservation['latencies'] = [],
): AddressObservation {
  const segments: Segment[] = [];
  const spoken: Spoken[] = [];
  for (const [text, answer] of Object.entries(answers)) {
    if (answer.kind !== 'dialogue') segments.push(segment(text, answer));
    else for (const port of eachPort(ports(text))) spoken.push({ port, service: answer.service, answer, phases: {} });
  }
  return { address, sourceAddress: undefined, segments, spoken, latencies };
}

export function vantage(name: string, settings: Partial<VantageRecord> = {}): VantageRecord {
  return {
    host: name,
    status: 'ready',
    transport: 'ssh2',
    address: undefined,
    engine: 'python',
    interpreter: '/usr/bin/python3 3.11',
    blindSpots: [],
    notes: [],
    error: undefined,
    facts: noFacts,
    ...settings,
  };
}

/** A node's own word: its addresses, and `ADDRESS:PORT` of its listeners. */
export function facts(
  addresses: readonly string[],
  listeners?: readonly string[],
  routes?: NodeFacts['routes'],
): NodeFacts {
  const table = listeners?.map((text) => {
    const colon = text.lastIndexOf(':');
    return { address: text.slice(0, colon), port: Number(text.slice(colon + 1)) };
  });
  return { addresses, listeners: table, routes };
}

type SeenByTarget = Readonly<Record<string, Answers | readonly AddressObservation[] | string>>;

/**
 * What each source saw of each target: answers by ports for a literal, addresses for a name, or a text: why the name
 * did not resolve.
 */
export function observations(
  seen: Readonly<Record<string, SeenByTarget>>,
  vantages: readonly VantageRecord[] = [],
  interrupted = false,
): Observations {
  const targets = new Map<string, Map<string, TargetObservation>>();
  const records = new Map(vantages.map((record) => [record.host, record]));
  for (const [source, byTarget] of Object.entries(seen)) {
    if (!records.has(source)) records.set(source, vantage(source));
    targets.set(source, new Map(Object.entries(byTarget).map(([target, what]) => [target, observed(target, what)])));
  }
  return { vantages: records, targets, interrupted };
}

function observed(target: string, what: SeenByTarget[string]): TargetObservation {
  if (typeof what === 'string') return { target, nameFailure: what, addresses: [] };
  if (Array.isArray(what)) return { target, nameFailure: undefined, addresses: what as readonly AddressObservation[] };
  if (isIP(target) === 0) throw new Error(`${target} is a name: say which addresses it has`);
  return { target, nameFailure: undefined, addresses: [addressSeen(target, what as Answers)] };
}

type Said = Answer & { readonly kind: 'dialogue' };

/** What a service's dialogue brought. */
export const says = (service: string, outcome: Said['outcome'], detail: string): Said => ({
  kind: 'dialogue',
  service,
  outcome,
  detail,
});
