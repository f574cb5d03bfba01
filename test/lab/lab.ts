import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type HostSpec, type Interface, LabHost } from './host.js';
import { ipv6Network, ipv6Of } from './ipv6.js';
import { generateKey, type KeyPair } from './keys.js';
import { type Listeners, type ListenSpec, listen, serveNames } from './listeners.js';
import { Machine } from './machine.js';
import { buildManagement, type Management } from './management.js';

export interface LabSpec {
  /** IPv4 subnets by name, `{ east: '10.10.0' }`: the first 24 bits; the router is .1 and hosts count from .11. */
  readonly networks?: Readonly<Record<string, string>>;
  readonly hosts: Readonly<Record<string, HostSpec>>;
  /** Unique-local IPv6 addresses beside the IPv4 ones, `fd00:10:10:0::11` for 10.10.0.11; names then have both. */
  readonly ipv6?: boolean;
}

const usualNetworks = { east: '10.10.0', west: '10.20.0' };

const routerSetup = [
  'echo 1 > /proc/sys/net/ipv4/ip_forward',
  // Where br_netfilter is loaded, the router's forward chain would filter packets that never leave a network.
  'for each in /proc/sys/net/bridge/bridge-nf-call-*; do [ ! -e "$each" ] || echo 0 > "$each"; done',
];

const ipv6RouterSetup = ['echo 1 > /proc/sys/net/ipv6/conf/all/forwarding'];

/** Hosts on bridged networks that a router joins, and a management network by which the test process logs in. */
export class Lab {
  /** The lab's files: keys, inventories, reports. */
  readonly folder: string;
  readonly router: Machine;
  readonly clientKey: KeyPair;
  readonly #hosts: ReadonlyMap<string, LabHost>;
  readonly #management: Management;
  readonly #listeners: Listeners[] = [];
  #closed: Promise<void> | undefined;

  constructor(parts: {
    folder: string;
    router: Machine;
    clientKey: KeyPair;
    hosts: ReadonlyMap<string, LabHost>;
    management: Management;
  }) {
    this.folder = parts.folder;
    this.router = parts.router;
    this.clientKey = parts.clientKey;
    this.#hosts = parts.hosts;
    this.#management = parts.management;
  }

  get hosts(): readonly LabHost[] {
    return [...this.#hosts.values()];
  }

  host(name: string): LabHost {
    const host = this.#hosts.get(name);
    if (host === undefined) throw new Error(`the lab has no host ${name}`);
    return host;
  }

  /** Listens on a host until the lab is closed. */
  async listen(name: string, spec: ListenSpec, greeting?: string): Promise<Listeners> {
    const listeners = await listen(this.host(name).machine, spec, greeting);
    this.#listeners.push(listeners);
    return listeners;
  }

  /** Serves names below .example on a host until the lab is closed: each is `answer`, said after a delay. */
  async serveNames(host: string, answer: string, delayMs: number): Promise<void> {
    const { machine } = this.host(host);
    this.#listeners.push(await serveNames(machine, { address: this.host(host).address(), answer, delayMs }));
  }

  /** Cuts the network by which Portolan logs in where it begins, at the controller. */
  unplugController(): Promise<void> {
    return this.#management.unplug();
  }

  plugController(): Promise<void> {
    return this.#management.plug();
  }

  /** Ends everything; also after a failure, so pass it to `t.teardown` at once. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    const machines = [this.router, ...this.hosts.map(({ machine }) => machine)];
    await Promise.all([...this.#listeners.map((it) => it.close()), ...machines.map((machine) => machine.stop())]);
    await this.#management.remove();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Builds a lab. Six hosts take well under a second. */
export async function createLab({ networks = usualNetworks, hosts: specs, ipv6 = false }: LabSpec): Promise<Lab> {
  const folder = mkdtempSync(join(tmpdir(), 'portolan-lab-'));
  const [clientKey, management, router] = await Promise.all([
    generateKey(join(folder, 'id_ed25519')),
    buildManagement(ipv6),
    Machine.start('router', ipv6 ? [...routerSetup, ...ipv6RouterSetup] : routerSetup),
  ]);
  const plans = layOut(networks, specs, ipv6);
  const names = plans.flatMap(({ name, interfaces: [first] }) =>
    [first!.address, first!.address6].filter((address) => address !== undefined).map((address) => `${address} ${name}`),
  );
  const started = await Promise.allSettled(
    plans.map(({ name, spec, interfaces }, index) => {
      const hostFolder = join(folder, name);
      mkdirSync(hostFolder);
      const managementAddress = management.address(index);
      const managementAddress6 = ipv6 ? ipv6Of(managementAddress) : undefined;
      const authorizedKey = clientKey.publicKey;
      return LabHost.start(name, spec, {
        folder: hostFolder,
        interfaces,
        managementAddress,
        managementAddress6,
        names,
        authorizedKey,
      });
    }),
  );
  const hosts = new Map(started.flatMap((it) => (it.status === 'fulfilled' ? [[it.value.name, it.value]] : [])));
  const lab = new Lab({ folder, router, clientKey, hosts, management });
  try {
    for (const it of started) if (it.status === 'rejected') throw it.reason;
    await management.attach(lab.hosts.map(({ machine }) => machine));
    await wire(router, networks, lab.hosts, ipv6);
  } catch (error) {
    await lab.close();
    throw error;
  }
  return lab;
}

function layOut(networks: Readonly<Record<string, string>>, specs: Readonly<Record<string, HostSpec>>, ipv6: boolean) {
  const taken = new Map<string, number>();
  const [usual] = Object.keys(networks);
  return Object.entries(specs).map(([name, spec]) => {
    const own = spec.networks ?? [usual!];
    const interfaces = own.map((network, index): Interface => {
      const prefix = networks[network];
      if (prefix === undefined) throw new Error(`host ${name}: the lab has no network ${network}`);
      const last = (taken.get(network) ?? 10) + 1;
      taken.set(network, last);
      const others = index === 0 ? Object.keys(networks).filter((other) => !own.includes(other)) : [];
      const routes = others.map((other) => `route add ${networks[other]}.0/24 via ${prefix}.1`);
      const routes6 = others.map((other) => `route add ${ipv6Network(networks[other]!)} via ${ipv6Of(`${prefix}.1`)}`);
      const address = `${prefix}.${last}`;
      return {
        network,
        address,
        address6: ipv6 ? ipv6Of(address) : undefined,
        prefixLength: 24,
        routes: ipv6 ? [...routes, ...routes6] : routes,
      };
    });
    return { name, spec, interfaces };
  });
}

/** A bridge a network in the router, and a cable from each host to its networks, with routes to the others. */
async function wire(
  router: Machine,
  networks: Readonly<Record<string, string>>,
  hosts: readonly LabHost[],
  ipv6: boolean,
): Promise<void> {
  const bridges = Object.entries(networks).flatMap(([network, prefix]) => [
    `link add ${network} type bridge`,
    `addr add ${prefix}.1/24 dev ${network}`,
    ...(ipv6 ? [`addr add ${ipv6Of(`${prefix}.1`)}/64 dev ${network} nodad`] : []),
    `link set ${network} up`,
  ]);
  const cables = hosts.flatMap(({ machine, interfaces }, index) =>
    interfaces.flatMap(({ network }, port) => [
      `link add p${index}-${port} type veth peer name ${network} netns ${machine.pid}`,
      `link set p${index}-${port} master ${network} up`,
    ]),
  );
  await router.ip([...bridges, ...cables]);
  await Promise.all(
    hosts.map(({ machine, interfaces }) =>
      machine.ip(
        interfaces.flatMap(({ network, address, address6, prefixLength, routes }) => [
          `addr add ${address}/${prefixLength} dev ${network}`,
          `link set ${network} up`,
          ...(address6 === undefined ? [] : [`addr add ${address6}/64 dev ${network} nodad`]),
          ...routes,
        ]),
      ),
    ),
  );
}
