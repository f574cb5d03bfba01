import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Lab } from './lab.js';

export interface InventorySettings {
  /** Roles by host; hosts that are not named are left out. */
  readonly roles: Readonly<Record<string, readonly string[]>>;
  /** Further keys of single hosts, laid over what the lab writes: `address`, `ssh`, `ports`… */
  readonly hosts?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly endpoints?: Readonly<Record<string, unknown>>;
  readonly scenarios?: Readonly<Record<string, unknown>>;
  readonly waivers?: readonly unknown[];
  /** Hosts whose keys are not written to known_hosts. */
  readonly unknownKeys?: readonly string[];
  /** `ops` or `root`. */
  readonly user?: string;
  readonly file?: string;
}

/** Writes known_hosts and an inventory of the lab's hosts, and gives the inventory's path. */
export function writeInventory(lab: Lab, settings: InventorySettings): string {
  const knownHosts = lab.hosts
    .filter(({ name }) => !settings.unknownKeys?.includes(name))
    .flatMap(({ managementAddress, managementAddress6, hostKey }) =>
      [managementAddress, managementAddress6]
        .filter((address) => address !== undefined)
        .map((address) => `${address} ${hostKey.publicKey}\n`),
    );
  writeFileSync(join(lab.folder, 'known_hosts'), knownHosts.join(''));
  const hosts = Object.entries(settings.roles).map(([name, roles]) => {
    const host = lab.host(name);
    const { ssh, ...over } = settings.hosts?.[name] ?? {};
    const login = { host: host.managementAddress, ...(ssh as object | undefined) };
    return [name, { address: host.address(), roles, ssh: login, ...over }];
  });
  const inventory = {
    version: 1,
    defaults: {
      ssh: {
        user: settings.user ?? 'ops',
        identityFile: lab.clientKey.file,
        knownHostsFile: join(lab.folder, 'known_hosts'),
      },
    },
    hosts: Object.fromEntries(hosts),
    ...(settings.endpoints === undefined ? {} : { endpoints: settings.endpoints }),
    ...(settings.scenarios === undefined ? {} : { scenarios: settings.scenarios }),
    ...(settings.waivers === undefined ? {} : { waivers: settings.waivers }),
  };
  const file = join(lab.folder, settings.file ?? 'inventory.json');
  writeFileSync(file, `${JSON.stringify(inventory, null, 2)}\n`);
  return file;
}
