import type { DialogueTraits } from '#src/model/dialogue.js';
import type { Endpoint, FactValue, Host, Member, SshSettings } from '#src/model/inventory.js';
import { formatPorts, type PortSet, parsePorts } from '#src/model/port-set.js';
import type {
  BoundScenario,
  Condition,
  Flow,
  FlowMatch,
  Occupancy,
  PortReference,
  Rule,
  Scenario,
} from '#src/model/scenario.js';
import type { ServiceName } from '#src/model/service.js';
import { makePlan } from '#src/plan/make-plan.js';
import { noFilters, type PlanOptions } from '#src/plan/options.js';
import { serviceNamed } from '../service.js';

// Members and scenarios in as few words as a test needs; what is left out has the loaders' defaults.

interface MemberOptions {
  readonly address?: string;
  readonly addresses?: Record<string, string>;
  readonly cluster?: string;
  readonly ports?: Record<string, string>;
  readonly services?: Record<string, ServiceName>;
  readonly facts?: Record<string, FactValue>;
  readonly ssh?: SshSettings;
}

function partyOf(name: string, roles: string, options: MemberOptions) {
  return {
    name,
    address: options.address ?? `${name}.example`,
    addresses: new Map(Object.entries(options.addresses ?? {})),
    roles: roles.split(' ').filter((role) => role !== ''),
    cluster: options.cluster,
    ports: portValues(options.ports ?? {}),
    services: new Map(Object.entries(options.services ?? {}).map(([port, name]) => [port, serviceNamed(name)])),
    facts: new Map(Object.entries(options.facts ?? {})),
  };
}

export function host(name: string, roles: string, options: MemberOptions = {}): Host {
  return { kind: 'host', ...partyOf(name, roles, options), transport: 'ssh2', ssh: options.ssh ?? {}, sudo: false };
}

export function endpoint(name: string, roles: string, options: MemberOptions = {}): Endpoint {
  return { kind: 'endpoint', ...partyOf(name, roles, options) };
}

export function site(...members: Member[]): ReadonlyMap<string, Member> {
  return new Map(members.map((member) => [member.name, member]));
}

export function ports(text: string): PortSet {
  return parsePorts(text)!;
}

function portValues(values: Record<string, string>): Map<string, PortSet> {
  return new Map(Object.entries(values).map(([name, text]) => [name, ports(text)]));
}

/** `database, 80, 20000-21000`: names are variables. */
export function references(text: string): PortReference[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => {
      const set = parsePorts(part);
      return set === undefined ? { variable: part } : { ports: set };
    });
}

interface FlowOptions extends Partial<Omit<Flow, 'id' | 'from' | 'to' | 'port' | 'match' | 'when' | 'service'>> {
  readonly service?: ServiceName;
  readonly any?: 'ports' | 'hosts';
  readonly exclude?: string;
  readonly prefer?: string;
  readonly when?: Condition;
}

/** `flow('client', 'a b -> c : 80')`. */
export function flow(id: string, path: string, options: FlowOptions = {}): Flow {
  const [, from, to, port] = /^(.*) -> (.*?) : (.*)$/.exec(path)!;
  const { any, exclude, prefer, service, when, ...rest } = options;
  const match: FlowMatch = {
    ports: any === 'ports' ? 'any' : 'all',
    hosts: any === 'hosts' ? 'any' : 'all',
    exclude: references(exclude ?? ''),
    prefer: references(prefer ?? ''),
  };
  return {
    id,
    title: `The ${id} flow`,
    from: from!.split(' '),
    to: to!.split(' '),
    port: references(port!),
    expect: 'open',
    cite: ['row 1'],
    match,
    self: false,
    when: when === undefined ? undefined : { text: conditionText(when), condition: when },
    severity: 'error',
    phase: 'check',
    withinCluster: false,
    network: undefined,
    service: serviceNamed(service),
    remark: undefined,
    ...rest,
  };
}

export function conditionText(condition: Condition): string {
  switch (condition.kind) {
    case 'fact':
      return `${condition.side}.${condition.fact}`;
    case 'compare':
      return `${condition.side}.${condition.fact} ${condition.operator} ${condition.value}`;
    case 'not':
      return `not ${conditionText(condition.operand)}`;
    default:
      return condition.operands.map(conditionText).join(` ${condition.kind} `);
  }
}

interface ScenarioOptions {
  readonly name?: string;
  /** `database: '8563 exasol'`: the default, and the service it carries. */
  readonly ports?: Record<string, string>;
  /** The site's values. */
  readonly sitePorts?: Record<string, string>;
  readonly siteServices?: Record<string, ServiceName>;
  readonly facts?: Record<string, FactValue | undefined>;
  readonly siteFacts?: Record<string, FactValue>;
  readonly occupancy?: readonly Occupancy[];
  readonly rules?: readonly Rule[];
}

export function scenario(flows: readonly Flow[], options: ScenarioOptions = {}): BoundScenario {
  const name = options.name ?? 'demo';
  const declared = Object.entries(options.ports ?? {}).map(([variable, text]) => {
    const [value, service] = text.split(' ');
    return { name: variable, title: undefined, default: ports(value!), service: serviceNamed(service) };
  });
  const definition: Scenario = {
    name,
    title: name,
    document: { title: `${name} ports`, url: undefined },
    furtherDocuments: [],
    roles: new Map(flows.flatMap(({ from, to }) => [...from, ...to]).map((role) => [role, { title: role }])),
    ports: new Map(declared.map((port) => [port.name, port])),
    facts: new Map(Object.entries(options.facts ?? {}).map(([fact, value]) => [fact, { title: fact, default: value }])),
    flows,
    occupancy: options.occupancy ?? [],
    rules: options.rules ?? [],
    file: `${name}.yaml`,
    sha256: '',
  };
  const defaults = Object.entries(options.facts ?? {}).filter((entry) => entry[1] !== undefined) as [
    string,
    FactValue,
  ][];
  return {
    name,
    scenario: definition,
    ports: new Map([
      ...declared.map((port): [string, PortSet] => [port.name, port.default]),
      ...portValues(options.sitePorts ?? {}),
    ]),
    services: new Map(Object.entries(options.siteServices ?? {}).map(([port, name]) => [port, serviceNamed(name)])),
    facts: new Map([...defaults, ...Object.entries(options.siteFacts ?? {})]),
  };
}

/** The MySQL family as its dialogue describes itself. */
export const mysqlTraits: DialogueTraits = {
  service: 'mysql',
  bareConnects: () => 'punished',
  guardedPorts: parsePorts('3306-3307')!,
  speaks: () => true,
};

/** What says nothing, and so is proven by its connection alone. */
export const tcpTraits: DialogueTraits = {
  service: 'tcp',
  bareConnects: () => 'harmless',
  guardedPorts: [],
  speaks: () => false,
};

/** A service that does not mind a bare connect. */
export const redisTraits: DialogueTraits = {
  service: 'redis',
  bareConnects: () => 'harmless',
  guardedPorts: [],
  speaks: () => true,
};

/** A service that complains of one. */
export const oracleTraits: DialogueTraits = { ...redisTraits, service: 'oracle', bareConnects: () => 'logged' };

export function plan(
  scenarios: BoundScenario | readonly BoundScenario[],
  members: ReadonlyMap<string, Member>,
  options: Partial<PlanOptions> = {},
) {
  const list: readonly BoundScenario[] = 'scenario' in scenarios ? [scenarios] : scenarios;
  return makePlan(list, members, {
    phase: 'check',
    filters: noFilters,
    sample: undefined,
    dialogues: [mysqlTraits, tcpTraits],
    ...options,
  });
}

/** Every check of a plan as `flow: from -> to (target) ports`. */
export function lines(made: ReturnType<typeof plan>): string[] {
  return made.flows.flatMap(({ flow: { id }, checks }) =>
    [...checks].map(
      ({ from, to, target, ports }) => `${id}: ${from.name} -> ${to.name} (${target}) ${formatPorts(ports)}`,
    ),
  );
}
