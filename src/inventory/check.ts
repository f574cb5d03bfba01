import type { Member } from '../model/inventory.js';
import { suggestName } from '../model/nearest.js';
import { freePortsId, loopbackNetwork, overlapRuleId, type Scenario } from '../model/scenario.js';
import type { SourcePath } from '../source/node.js';
import type { Problems } from '../source/problems.js';
import type { LoadedInventory } from './build.js';

/** A scenario under the name that the site gives it. */
export interface NamedScenario {
  readonly name: string;
  readonly scenario: Scenario;
}

/**
 * Checks what an inventory says of scenarios: roles, ports, facts, waivers. `used` are the scenarios of this run;
 * `further` reads the others that the inventory may speak of, and is called only where something is not in `used`.
 */
export function checkAgainstScenarios(
  inventory: LoadedInventory,
  used: readonly NamedScenario[],
  further: () => readonly NamedScenario[],
  problems: Problems,
): void {
  const check = new SiteCheck(inventory, used, further, problems);
  check.members();
  check.roleNames();
  check.waivers();
}

type Vocabulary = (scenario: Scenario) => Iterable<string>;
const rolesOf: Vocabulary = (scenario) => scenario.roles.keys();
const portsOf: Vocabulary = (scenario) => scenario.ports.keys();
const factsOf: Vocabulary = (scenario) => scenario.facts.keys();

class SiteCheck {
  private all: readonly NamedScenario[] | undefined;
  private readonly ofUsed = new Map<Vocabulary, ReadonlySet<string>>();
  private readonly whole = new Map<Vocabulary, ReadonlySet<string>>();
  private readonly suggestions = new Map<string, string>();

  constructor(
    private readonly inventory: LoadedInventory,
    private readonly used: readonly NamedScenario[],
    private readonly further: () => readonly NamedScenario[],
    private readonly problems: Problems,
  ) {}

  members(): void {
    const checked = new Set<SourcePath>();
    for (const member of this.inventory.members.values()) {
      const path = this.inventory.names.get(member.name);
      // All names of one pattern are one entry of the file.
      if (path === undefined || checked.has(path)) continue;
      checked.add(path);
      for (const [index, role] of member.roles.entries()) this.expect('role', role, rolesOf, [...path, 'roles', index]);
      for (const port of member.ports.keys()) this.expect('port', port, portsOf, [...path, 'ports', port]);
      for (const port of member.services.keys()) this.expect('port', port, portsOf, [...path, 'services', port]);
      for (const [fact, value] of member.facts) {
        this.expect('fact', fact, factsOf, [...path, 'facts', fact]);
        this.expectKind(member, fact, value, [...path, 'facts', fact]);
      }
      this.expectAddress(member, path);
    }
  }

  /** Hosts, endpoints and roles share one namespace, those of the scenarios included. */
  roleNames(): void {
    const held = new Set([...this.inventory.members.values()].flatMap((member) => member.roles));
    for (const [name, path] of this.inventory.names) {
      const scenario = this.used.find((candidate) => candidate.scenario.roles.has(name));
      if (scenario === undefined || held.has(name)) continue;
      const what = `the name "${name}" is a role of the scenario "${scenario.name}" too`;
      this.add(path, what, 'hosts, endpoints and roles need different names');
    }
  }

  waivers(): void {
    for (const [index, waiver] of this.inventory.waivers.entries()) {
      this.waivedFlow(waiver.flow, ['waivers', index, 'flow']);
      for (const end of ['from', 'to'] as const) {
        const name = waiver[end];
        if (name === undefined || this.inventory.names.has(name) || this.knows(name, rolesOf)) continue;
        const names = [...this.inventory.names.keys(), ...this.vocabulary(rolesOf)];
        this.add(['waivers', index, end], `unknown host, endpoint or role "${name}"`, suggestName(name, names));
      }
    }
  }

  private waivedFlow(text: string, path: SourcePath): void {
    const slash = text.indexOf('/');
    const id = text.slice(slash + 1);
    const matches = ({ name }: NamedScenario) => slash === -1 || name === text.slice(0, slash);
    const has = (candidate: NamedScenario) =>
      matches(candidate) && (idsOf(candidate.scenario).includes(id) || isFreeRow(id, candidate.scenario));
    if (this.used.some(has) || this.everything().some(has) || this.isOverlap(id, matches)) return;
    const scenarios = this.everything().filter(matches);
    if (scenarios.length === 0) {
      const names = this.everything().map(({ name }) => name);
      this.add(path, `unknown scenario "${text.slice(0, slash)}"`, suggestName(text.slice(0, slash), names));
      return;
    }
    const ids = scenarios.flatMap(({ name, scenario }) =>
      idsOf(scenario).map((flow) => (slash === -1 ? flow : `${name}/${flow}`)),
    );
    this.add(path, `unknown flow "${text}"`, suggestName(text, ids));
  }

  /** A rule of two scenarios on one host, which no scenario states. */
  private isOverlap(id: string, matches: (candidate: NamedScenario) => boolean): boolean {
    const other = this.everything().find(({ name }) => overlapRuleId(name) === id);
    return other !== undefined && this.everything().some((each) => matches(each) && each.name < other.name);
  }

  private expect(kind: string, name: string, vocabulary: Vocabulary, path: SourcePath): void {
    if (this.knows(name, vocabulary)) return;
    const key = `${kind} ${name}`;
    const suggestion = this.suggestions.get(key) ?? suggestName(name, this.vocabulary(vocabulary));
    this.suggestions.set(key, suggestion);
    this.add(path, `unknown ${kind} "${name}"`, suggestion);
  }

  private expectKind(member: Member, fact: string, value: unknown, path: SourcePath): void {
    const declared = this.used.find(({ scenario }) => typeof scenario.facts.get(fact)?.default === 'boolean');
    if (declared === undefined || typeof value === 'boolean') return;
    this.add(path, `the fact "${fact}" of "${member.name}" is ${JSON.stringify(value)}`, 'expected true or false');
  }

  /** Without an address a host can connect, but not be connected to. */
  private expectAddress(member: Member, path: SourcePath): void {
    if (!this.inventory.unaddressed.has(member.name)) return;
    for (const { name, scenario } of this.used) {
      const flow = scenario.flows.find(
        ({ to, self, network, when }) =>
          // A conditional flow may not be planned at all; where it is, the source says that it cannot resolve the name.
          when === undefined &&
          self !== 'only' &&
          network !== loopbackNetwork &&
          to.some((role) => member.roles.includes(role)),
      );
      if (flow === undefined) continue;
      this.add(path, `"${member.name}" has no address`, `the flow "${name}/${flow.id}" connects to it`);
      return;
    }
  }

  private knows(name: string, vocabulary: Vocabulary): boolean {
    const ofUsed = this.ofUsed.get(vocabulary) ?? namesIn(this.used, vocabulary);
    this.ofUsed.set(vocabulary, ofUsed);
    return ofUsed.has(name) || this.vocabulary(vocabulary).has(name);
  }

  private vocabulary(vocabulary: Vocabulary): ReadonlySet<string> {
    const whole = this.whole.get(vocabulary) ?? namesIn(this.everything(), vocabulary);
    this.whole.set(vocabulary, whole);
    return whole;
  }

  private everything(): readonly NamedScenario[] {
    this.all ??= [...this.used, ...this.further()];
    return this.all;
  }

  private add(path: SourcePath, what: string, then: string): void {
    this.problems.add(this.inventory.document, path, what, then);
  }
}

function idsOf(scenario: Scenario): string[] {
  return [...scenario.flows, ...scenario.occupancy, ...scenario.rules].map(({ id }) => id);
}

/** A row of preflight's own, for what a flow leads to. */
function isFreeRow(id: string, { flows }: Scenario): boolean {
  return flows.some((flow) => freePortsId(flow.id) === id);
}

function namesIn(scenarios: readonly NamedScenario[], vocabulary: Vocabulary): ReadonlySet<string> {
  return new Set(scenarios.flatMap(({ scenario }) => [...vocabulary(scenario)]));
}
