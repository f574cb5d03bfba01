import type { PortSet } from './port-set.js';
import type { HttpProxy } from './proxy.js';
import type { Service } from './service.js';

export type FactValue = string | number | boolean;
type Facts = ReadonlyMap<string, FactValue>;

/** Where a secret is to be had; never the secret itself. */
export type SecretSource = { readonly env: string } | 'prompt';

export const hostKeyCheckings = ['yes', 'accept-new', 'no'] as const;
export type HostKeyChecking = (typeof hostKeyCheckings)[number];

/** How to log in to a host. What is undefined is left to `~/.ssh/config` and OpenSSH's own defaults. */
export interface SshSettings {
  readonly host?: string;
  readonly port?: number;
  readonly user?: string;
  readonly identityFile?: readonly string[];
  readonly knownHostsFile?: readonly string[];
  readonly strictHostKeyChecking?: HostKeyChecking;
  /** Hosts of the inventory, or `[user@]host[:port]`, separated by commas, as ssh's own ProxyJump takes them; or `none`. */
  readonly jump?: string;
  readonly password?: SecretSource;
  readonly passphrase?: SecretSource;
}

/** What hosts and endpoints share: something with an address that holds roles. */
interface Party {
  readonly name: string;
  /** Where others reach it: a literal address, or a name that each source resolves for itself. */
  readonly address: string;
  /** Addresses on further networks, by network. */
  readonly addresses: ReadonlyMap<string, string>;
  readonly roles: readonly string[];
  readonly cluster: string | undefined;
  readonly ports: ReadonlyMap<string, PortSet>;
  /** Who answers at a port variable here, where that differs. */
  readonly services: ReadonlyMap<string, Service>;
  readonly facts: Facts;
}

export interface Host extends Party {
  readonly kind: 'host';
  readonly transport: TransportName;
  /** What starts a shell on the host that reads its stdin, where the transport is `command`: a program and its arguments. */
  readonly command?: readonly string[];
  readonly ssh: SshSettings;
  readonly sudo: boolean;
}

export interface Endpoint extends Party {
  readonly kind: 'endpoint';
  /** Everything towards it goes through this proxy, and nothing directly: the proxy resolves its address. */
  readonly via?: HttpProxy;
}

export type Member = Host | Endpoint;

export const transportNames = ['ssh2', 'openssh', 'local', 'command'] as const;
export type TransportName = (typeof transportNames)[number];

/** One scenario as the site uses it: `name` is the instance's, which reports and filters use. */
export interface ScenarioInstance {
  readonly name: string;
  /** A bundled scenario's name, or a file; relative files are resolved against the inventory's folder. */
  readonly source: { readonly bundled: string } | { readonly file: string };
  readonly ports: ReadonlyMap<string, PortSet>;
  /** Who answers at a port variable here, where that differs. */
  readonly services: ReadonlyMap<string, Service>;
  readonly facts: Facts;
}

export interface Waiver {
  /** `FLOW` or `SCENARIO/FLOW`. */
  readonly flow: string;
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly reason: string;
  /** The last day on which it holds, `2027-05-31`; undefined holds for ever. */
  readonly until: string | undefined;
}

export interface Inventory {
  readonly file: string;
  readonly sha256: string;
  /** Hosts and endpoints in the file's order, patterns expanded. */
  readonly members: ReadonlyMap<string, Member>;
  readonly scenarios: readonly ScenarioInstance[];
  readonly waivers: readonly Waiver[];
}
