import { isIP } from 'node:net';
import { dirname, isAbsolute, join } from 'node:path';
import type {
  Endpoint,
  FactValue,
  Host,
  Inventory,
  Member,
  ScenarioInstance,
  SshSettings,
  Waiver,
} from '../model/inventory.js';
import { wayBefore } from '../model/jump.js';
import type { PortSet } from '../model/port-set.js';
import type { Service } from '../model/service.js';
import { type ServiceEntry, toService } from '../protocol/service.js';
import { refuseShortened } from '../source/fact-value.js';
import type { SourcePath } from '../source/node.js';
import { type PortValue, toPortSet } from '../source/port-value.js';
import type { Problems } from '../source/problems.js';
import type { SourceDocument } from '../source/read.js';
import { anAddress, isAddress } from './address.js';
import { refuseCircles, refuseJumps, refuseMixedWays } from './jump.js';
import { type Names, namesOf } from './names.js';
import { expandPattern, PatternProblem } from './pattern.js';
import { buildProxy, refuseMixedProxies } from './proxy.js';
import type { EndpointEntry, HostEntry, InventoryFile } from './schema.js';

/** An inventory that still knows where everything in it was written. */
export interface LoadedInventory extends Inventory {
  readonly document: SourceDocument;
  /** Every name of the file's hosts and endpoints, and where it stands. */
  readonly names: ReadonlyMap<string, SourcePath>;
  /** The hosts without an `address`, which only this machine itself may be: their own name stands in for it. */
  readonly unaddressed: ReadonlySet<string>;
}

/** Makes an inventory of a file that fits the schema, and adds what is wrong with its names and addresses. */
export function buildInventory(file: InventoryFile, document: SourceDocument, problems: Problems): LoadedInventory {
  const names = namesOf(document, problems);
  const builder = new MemberBuilder(file, document, names, problems);
  const members = builder.members();
  refuseRoleNames(members, names, document, problems);
  refuseMixedProxies(members, names.all, document, problems);
  const known = problems.count;
  refuseJumps(file, names.all, document, problems);
  if (problems.count === known) refuseCircles(members, names.all, document, problems);
  if (problems.count === known) refuseMixedWays(file, members, names.all, document, problems);
  return {
    file: document.file,
    sha256: document.sha256,
    members,
    scenarios: instancesOf(file, document, problems),
    waivers: (file.waivers ?? []).map(
      ({ flow, from, to, reason, until }): Waiver => ({ flow, from, to, reason, until }),
    ),
    document,
    names: names.all,
    unaddressed: new Set(builder.unaddressed),
  };
}

type HostSettings = Pick<Host, 'transport' | 'command' | 'sudo' | 'ssh'>;

class MemberBuilder {
  readonly unaddressed: string[] = [];

  constructor(
    private readonly file: InventoryFile,
    private readonly document: SourceDocument,
    private readonly names: Names,
    private readonly problems: Problems,
  ) {}

  members(): ReadonlyMap<string, Member> {
    const members = new Map<string, Member>();
    // In the order of the file, which a plain object does not keep for names that look like numbers.
    for (const [name, [section, key]] of this.names.all) {
      if (members.has(name)) continue;
      const entries = section === 'hosts' ? this.file.hosts : this.file.endpoints;
      const entry = entries?.[key as string];
      if (entry === undefined) continue;
      for (const member of this.expand(section as 'hosts' | 'endpoints', key as string, entry))
        members.set(member.name, member);
    }
    if (this.names.all.size === 0 && this.problems.count === 0) {
      this.problems.add(this.document, ['hosts'], 'hosts is an empty mapping', 'expected at least one host');
    }
    return members;
  }

  private expand(section: 'hosts' | 'endpoints', key: string, entry: HostEntry | EndpointEntry): Member[] {
    const path = [section, key];
    const names = this.names.of(section, key) ?? [];
    const settings = section === 'hosts' ? this.hostSettings(entry as HostEntry) : undefined;
    const addresses = this.addresses(entry.address, settings, names, path);
    const networks = Object.entries(entry.addresses ?? {}).map(
      ([network, pattern]) =>
        [network, this.expandAddress(pattern, names.length, [...path, 'addresses', network])] as const,
    );
    const { host: loginPattern, ...ssh } = settings?.ssh ?? {};
    const logins =
      loginPattern === undefined ? [] : this.expandAddress(loginPattern, names.length, [...path, 'ssh', 'host']);
    const via =
      'via' in entry && entry.via !== undefined
        ? buildProxy(entry.via, this.document, [...path, 'via'], this.problems)
        : undefined;
    const commands = settings?.command && this.commands(settings.command, names, path);
    const shared = {
      roles: this.roles(entry.roles ?? [], [...path, 'roles']),
      cluster: entry.cluster,
      ports: portsOf(entry.ports),
      services: servicesOf(entry.services, this.document),
      facts: factsOf(entry.facts, this.document, [...path, 'facts'], this.problems),
    };
    return names.map((name, k) => {
      const party = {
        name,
        address: addresses[k] ?? name,
        addresses: new Map(networks.map(([n, all]) => [n, all[k] ?? ''])),
        ...shared,
      };
      if (settings === undefined) return { kind: 'endpoint', ...party, ...(via && { via }) } satisfies Endpoint;
      const target = logins[k];
      const own = target === undefined ? ssh : { host: target, ...ssh };
      const { transport, sudo } = settings;
      const command = commands?.[k];
      const how = { transport, sudo, ...(command === undefined ? {} : { command }) };
      // A jump host of the defaults is itself reached by what comes before it in that way, or directly.
      const { jump: written, ...direct } = own;
      const jump = wayBefore(written, name);
      const login = jump === undefined ? direct : { ...direct, jump };
      return { kind: 'host', ...party, ...how, ssh: login } satisfies Host;
    });
  }

  private hostSettings(entry: HostEntry): HostSettings {
    const { defaults } = this.file;
    const transport = entry.transport ?? defaults?.transport ?? 'ssh2';
    const { identityFile, knownHostsFile, ...rest } = { ...defaults?.ssh, ...entry.ssh };
    const ssh = {
      ...rest,
      ...(identityFile === undefined ? {} : { identityFile: listOf(identityFile) }),
      ...(knownHostsFile === undefined ? {} : { knownHostsFile: listOf(knownHostsFile) }),
    };
    return {
      ...(typeof transport === 'string' ? { transport } : { transport: 'command', command: transport.command }),
      sudo: entry.sudo ?? defaults?.sudo ?? false,
      ssh: ssh as SshSettings,
    };
  }

  /** Only this machine itself needs no address: it is where the probes come from. */
  private addresses(
    pattern: string | undefined,
    settings: HostSettings | undefined,
    names: readonly string[],
    path: SourcePath,
  ): readonly string[] {
    if (pattern !== undefined) return this.expandAddress(pattern, names.length, [...path, 'address']);
    if (settings?.transport !== 'local') {
      this.problems.add(
        this.document,
        path,
        `${path.join('.')} has no address`,
        `expected ${anAddress}, where others reach it`,
      );
    }
    this.unaddressed.push(...names);
    return [];
  }

  /** Of several names, each needs a command of its own: words that are patterns take turns as addresses do. */
  private commands(
    words: readonly string[],
    names: readonly string[],
    path: SourcePath,
  ): readonly (readonly string[])[] | undefined {
    if (names.length < 2) return names.map(() => words);
    const expanded = words.map((word) => expandPatternOf(word, names.length));
    if (expanded.every((own) => own === undefined)) {
      this.problems.add(
        this.document,
        [...path, 'transport', 'command'],
        `${names.length} names and one command: they would be one and the same host`,
        `expected a pattern of ${names.length} in it, as in the name`,
      );
    }
    return names.map((_, k) => words.map((word, index) => expanded[index]?.[k] ?? word));
  }

  private expandAddress(pattern: string, count: number, path: SourcePath): readonly string[] {
    const add = (what: string, then: string) => this.problems.add(this.document, path, what, then);
    if (isIP(pattern.replace(/^\[(.*)\]$/, '$1')) === 6 && pattern.startsWith('[')) {
      add(`${path.join('.')} is "${pattern}"`, 'an IPv6 address goes without brackets');
      return [];
    }
    try {
      const addresses = expandPattern(pattern);
      const bad = addresses.find((address) => !isAddress(address));
      if (bad !== undefined) add(`${path.join('.')} is "${bad}"`, `expected ${anAddress}`);
      else if (count > 0 && addresses.length !== count) {
        add(
          `${plural(count, 'name')} and ${plural(addresses.length, 'address', 'addresses')}: "${pattern}"`,
          'the k-th name takes the k-th address',
        );
      } else return addresses;
    } catch (error) {
      if (!(error instanceof PatternProblem)) throw error;
      add(`the pattern "${pattern}" cannot be expanded`, error.message);
    }
    return [];
  }

  private roles(roles: readonly string[], path: SourcePath): readonly string[] {
    for (const [index, role] of roles.entries()) {
      if (roles.indexOf(role) !== index) {
        this.problems.add(this.document, [...path, index], `duplicate role "${role}"`, 'once is enough');
      }
    }
    return [...new Set(roles)];
  }
}

/** What a word stands for if it is a pattern of so many; undefined where it is a plain word. */
function expandPatternOf(word: string, count: number): readonly string[] | undefined {
  try {
    const all = expandPattern(word);
    return all.length === count ? all : undefined;
  } catch (error) {
    if (error instanceof PatternProblem) return undefined;
    throw error;
  }
}

/** Filters and waivers take hosts, endpoints and roles alike, so that none may be named like another. */
function refuseRoleNames(
  members: ReadonlyMap<string, Member>,
  names: Names,
  document: SourceDocument,
  problems: Problems,
): void {
  const roles = new Map<string, string>();
  for (const member of members.values()) {
    for (const role of member.roles) if (!roles.has(role)) roles.set(role, member.name);
  }
  for (const [name, path] of names.all) {
    const holder = roles.get(name);
    if (holder === undefined) continue;
    problems.add(
      document,
      path,
      `the name "${name}" is a role too, held by "${holder}"`,
      'hosts, endpoints and roles need different names',
    );
  }
}

function instancesOf(file: InventoryFile, document: SourceDocument, problems: Problems): readonly ScenarioInstance[] {
  return Object.entries(file.scenarios ?? {}).map(([name, entry]) => {
    const path = ['scenarios', name];
    if (entry.use !== undefined && entry.file !== undefined) {
      problems.add(document, [...path, 'file'], `${path.join('.')} has both "use" and "file"`, 'keep one');
    }
    return {
      name,
      source: entry.file === undefined ? { bundled: entry.use ?? name } : { file: beside(document.file, entry.file) },
      ports: portsOf(entry.ports),
      services: servicesOf(entry.services, document),
      facts: factsOf(entry.facts, document, [...path, 'facts'], problems),
    };
  });
}

function beside(inventory: string, file: string): string {
  return isAbsolute(file) ? file : join(dirname(inventory), file);
}

function portsOf(ports: Readonly<Record<string, PortValue>> | undefined): ReadonlyMap<string, PortSet> {
  return new Map(Object.entries(ports ?? {}).map(([name, value]) => [name, toPortSet(value)]));
}

function servicesOf(
  services: Readonly<Record<string, ServiceEntry>> | undefined,
  document: SourceDocument,
): ReadonlyMap<string, Service> {
  const folder = dirname(document.file);
  return new Map(Object.entries(services ?? {}).map(([name, entry]) => [name, toService(entry, folder)]));
}

function factsOf(
  facts: Readonly<Record<string, FactValue>> | undefined,
  document: SourceDocument,
  path: SourcePath,
  problems: Problems,
): ReadonlyMap<string, FactValue> {
  for (const name of Object.keys(facts ?? {})) refuseShortened(document, [...path, name], problems);
  return new Map(Object.entries(facts ?? {}));
}

function listOf(value: string | readonly string[]): readonly string[] {
  return typeof value === 'string' ? [value] : value;
}

function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
