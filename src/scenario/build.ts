import { dirname } from 'node:path';
import { suggestName } from '../model/nearest.js';
import { parsePorts, singlePort } from '../model/port-set.js';
import {
  anyHost,
  type DocumentReference,
  type Flow,
  loopbackNetwork,
  type Occupancy,
  type PortReference,
  type Rule,
  type Scenario,
  type When,
} from '../model/scenario.js';
import { referencesIn, type Service } from '../model/service.js';
import { type ServiceEntry, toService } from '../protocol/service.js';
import type { SourcePath } from '../source/node.js';
import { toPortSet } from '../source/port-value.js';
import type { Problems } from '../source/problems.js';
import type { SourceDocument } from '../source/read.js';
import { ConditionProblem, factsOf, parseCondition } from './condition.js';
import type { ScenarioFile } from './schema.js';

type List<T> = T | readonly T[];
type FlowEntry = ScenarioFile['flows'][number];
type OccupancyEntry = NonNullable<ScenarioFile['occupancy']>[number];
type RuleEntry = NonNullable<ScenarioFile['rules']>[number];

/** Makes a scenario of a file that fits the schema, and adds what is wrong with its references. */
export function buildScenario(file: ScenarioFile, document: SourceDocument, problems: Problems): Scenario {
  return new ScenarioBuilder(file, document, problems).build();
}

class ScenarioBuilder {
  private readonly ids = new Map<string, number>();

  constructor(
    private readonly file: ScenarioFile,
    private readonly document: SourceDocument,
    private readonly problems: Problems,
  ) {}

  build(): Scenario {
    const { file, document } = this;
    return {
      name: file.scenario,
      title: file.title,
      document: documentReference(file.document),
      furtherDocuments: (file.documents ?? []).map(documentReference),
      roles: mapValues(file.roles, ({ title }, name) => ({ title: title ?? name })),
      ports: mapValues(file.ports, (port, name) => ({
        name,
        title: port.title,
        default: toPortSet(port.default),
        service: this.service(port.service, ['ports', name, 'service']),
      })),
      facts: mapValues(file.facts ?? {}, (fact) => ({ title: fact.title, default: fact.default })),
      flows: file.flows.map((flow, index) => this.flow(flow, ['flows', index])),
      occupancy: (file.occupancy ?? []).map((entry, index) => this.occupancy(entry, ['occupancy', index])),
      rules: (file.rules ?? []).map((entry, index) => this.rule(entry, ['rules', index])),
      file: document.file,
      sha256: document.sha256,
    };
  }

  private flow(entry: FlowEntry, path: SourcePath): Flow {
    this.claimId(entry.id, path);
    const flow: Flow = {
      id: entry.id,
      title: entry.title ?? entry.id,
      from: this.roles(entry.from, [...path, 'from'], true),
      to: this.roles(entry.to, [...path, 'to'], false),
      port: this.ports(entry.port, [...path, 'port']),
      expect: entry.expect,
      cite: listOf(entry.cite),
      match: {
        ports: entry.match?.ports ?? 'all',
        hosts: entry.match?.hosts ?? 'all',
        exclude: this.ports(entry.match?.exclude ?? [], [...path, 'match', 'exclude']),
        prefer: this.ports(entry.match?.prefer ?? [], [...path, 'match', 'prefer']),
      },
      self: entry.self ?? false,
      when: this.when(entry.when, [...path, 'when']),
      severity: entry.severity ?? 'error',
      phase: entry.phase ?? 'both',
      withinCluster: entry.within === 'cluster',
      network: entry.network,
      service: this.service(entry.service, [...path, 'service']),
      remark: entry.remark,
    };
    this.refuseContradictions(flow, path);
    return flow;
  }

  private service(entry: ServiceEntry | undefined, path: SourcePath): Service | undefined {
    if (entry === undefined) return undefined;
    const service = toService(entry, dirname(this.document.file));
    for (const reference of referencesIn(service.settings)) {
      // Whoever wrote the scenario may be somebody else than whose secrets these are.
      if ('env' in reference)
        this.add(
          path,
          `the service ${service.name} asks for the environment variable ${reference.env}`,
          'a scenario sends no secrets: name it in the inventory, under "services"',
        );
    }
    return service;
  }

  private refuseContradictions(flow: Flow, path: SourcePath): void {
    const denial = flow.expect === 'closed' || flow.expect === 'filtered';
    if (flow.network === loopbackNetwork && flow.self === false) {
      this.add([...path, 'network'], `flow "${flow.id}" is on the loopback network`, 'add "self: only"');
    }
    if (flow.match.prefer.length > 0 && flow.match.ports !== 'any') {
      this.add(
        [...path, 'match', 'prefer'],
        `flow "${flow.id}" prefers a port and needs all of them`,
        'add "ports: any"',
      );
    }
    if (flow.match.hosts === 'any' && denial) {
      const what = `flow "${flow.id}" is ${flow.expect} and matches any host`;
      this.add([...path, 'match', 'hosts'], what, '"hosts: any" needs "expect: open" or "expect: reachable"');
    }
  }

  private occupancy(entry: OccupancyEntry, path: SourcePath): Occupancy {
    this.claimId(entry.id, path);
    return {
      id: entry.id,
      title: entry.title ?? entry.id,
      on: this.roles(entry.on, [...path, 'on'], false),
      port: this.ports(entry.port, [...path, 'port']),
      match: {
        ports: entry.match?.ports ?? 'all',
        exclude: this.ports(entry.match?.exclude ?? [], [...path, 'match', 'exclude']),
      },
      when: this.when(entry.when, [...path, 'when']),
      severity: entry.severity ?? 'error',
      cite: listOf(entry.cite),
      remark: entry.remark,
    };
  }

  private rule(entry: RuleEntry, path: SourcePath): Rule {
    this.claimId(entry.id, path);
    for (const [index, name] of (entry.ports ?? []).entries()) this.portName(name, [...path, 'ports', index]);
    return {
      id: entry.id,
      title: entry.title ?? entry.id,
      rule: entry.rule,
      ports: entry.ports ?? [],
      roles: this.roles(entry.roles ?? [], [...path, 'roles'], false),
      when: this.when(entry.when, [...path, 'when']),
      severity: entry.severity ?? 'error',
      cite: listOf(entry.cite),
      remark: entry.remark,
    };
  }

  /** Flows, occupancy and rules share one namespace: reports and waivers name them alike. */
  private claimId(id: string, path: SourcePath): void {
    const line = this.document.lineOf([...path, 'id']);
    const first = this.ids.get(id);
    if (first !== undefined) this.add([...path, 'id'], `duplicate id "${id}"`, `it is in line ${first} already`);
    else this.ids.set(id, line);
  }

  private roles(value: List<string>, path: SourcePath, source: boolean): readonly string[] {
    const roles = listOf(value);
    for (const [index, role] of roles.entries()) {
      const at = typeof value === 'string' ? path : [...path, index];
      if (role === anyHost && source) {
        if (roles.length > 1) this.add(at, '"*" beside other roles', '"*" is every other host already');
      } else if (role === anyHost) {
        this.add(at, '"*" as a destination', '"*" is only for "from"; name the roles');
      } else if (!Object.hasOwn(this.file.roles, role)) {
        this.add(at, `unknown role "${role}"`, suggestName(role, Object.keys(this.file.roles)));
      }
    }
    return roles;
  }

  private ports(value: List<string | number>, path: SourcePath): readonly PortReference[] {
    const single = typeof value === 'string' || typeof value === 'number';
    return listOf(value).map((reference, index): PortReference => {
      const at = single ? path : [...path, index];
      if (typeof reference === 'number') return { ports: singlePort(reference) };
      if (/^[A-Za-z]/.test(reference)) {
        this.portName(reference, at);
        return { variable: reference };
      }
      const ports = parsePorts(reference);
      if (ports === undefined) {
        this.add(
          at,
          `"${reference}" is no port`,
          'expected the name of a port, a port from 1 to 65535, or a range such as "20000-21000"',
        );
      }
      return { ports: ports ?? [] };
    });
  }

  private portName(name: string, path: SourcePath): void {
    if (Object.hasOwn(this.file.ports, name)) return;
    this.add(path, `unknown port "${name}"`, suggestName(name, Object.keys(this.file.ports)));
  }

  private when(text: string | undefined, path: SourcePath): When | undefined {
    if (text === undefined) return undefined;
    try {
      const condition = parseCondition(text);
      for (const part of factsOf(condition)) this.fact(part, path);
      return { text, condition };
    } catch (error) {
      if (!(error instanceof ConditionProblem)) throw error;
      this.add(path, `"${text}" is no condition`, error.message);
      return undefined;
    }
  }

  private fact(part: { fact: string; value?: unknown }, path: SourcePath): void {
    const facts = this.file.facts ?? {};
    if (!Object.hasOwn(facts, part.fact)) {
      this.add(path, `unknown fact "${part.fact}"`, suggestName(part.fact, Object.keys(facts)));
    } else if (
      typeof facts[part.fact]!.default === 'boolean' &&
      !['boolean', 'undefined'].includes(typeof part.value)
    ) {
      this.add(path, `the fact "${part.fact}" is compared with ${JSON.stringify(part.value)}`, 'it is true or false');
    }
  }

  private add(path: SourcePath, what: string, then: string): void {
    this.problems.add(this.document, path, what, then);
  }
}

function documentReference({ title, short, url }: ScenarioFile['document']): DocumentReference {
  return { title, url, ...(short !== undefined && { short }) };
}

function listOf<T extends string | number>(value: List<T>): readonly T[] {
  return typeof value === 'object' ? value : [value];
}

function mapValues<T, U>(record: Readonly<Record<string, T>>, change: (value: T, key: string) => U): Map<string, U> {
  return new Map(Object.entries(record).map(([key, value]) => [key, change(value, key)]));
}
