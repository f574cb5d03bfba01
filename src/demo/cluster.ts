import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readPackaged } from '../packaged.js';
import { inventoryOf } from './inventory.js';
import { generateKeyPair } from './keys.js';
import { hostNames, type Layout } from './layout.js';
import type { Started } from './listeners.js';
import { type Fault, faults } from './planted.js';
import { startServices } from './services.js';
import { startSshServer } from './ssh-server.js';
import { createWorkspace } from './workspace.js';

type Environment = Readonly<Record<string, string | undefined>>;

const user = 'harbour';

/** The embedded site, running. */
export interface Cluster {
  readonly inventoryFile: string;
  /** A home without an ssh configuration, so that nothing but the inventory says how to log in. */
  readonly home: string;
  /** What is really broken: a machine may not let every fault happen. */
  readonly faults: readonly Fault[];
  /** Ends every listener and process and removes every file. Never rejects. */
  stop(): Promise<void>;
}

/** Starts the hosts of the harbour with their services and faults, and writes what is needed to log in to them. */
export async function startCluster(layout: Layout, environment: Environment): Promise<Cluster> {
  const { folder, ...workspace } = await createWorkspace();
  const started: Started[] = [workspace];
  const stop = async () => {
    await Promise.allSettled(started.map((each) => each.stop()));
  };
  try {
    const loginKey = generateKeyPair();
    const identityFile = join(folder, 'id_ed25519');
    writeFileSync(identityFile, loginKey.private, { mode: 0o600 });
    const knownHosts: string[] = [];
    const { HOME, PATH } = environment;
    for (const host of hostNames) {
      const hostKey = generateKeyPair();
      const [address, port] = [layout.address(host), layout.sshPort(host)];
      started.push(
        await startSshServer({
          address,
          port,
          hostKey: hostKey.private,
          user,
          authorizedKey: loginKey.public,
          environment: { HOME, PATH, USER: user },
        }),
      );
      knownHosts.push(`[${address}]:${port} ${hostKey.public}\n`);
    }
    const knownHostsFile = join(folder, 'known_hosts');
    writeFileSync(knownHostsFile, knownHosts.join(''));
    const impossible = await startServices(layout, started);
    writeFileSync(join(folder, 'harbour.yaml'), readPackaged('scenarios/demo/harbour.yaml'));
    const inventoryFile = join(folder, 'inventory.json');
    const inventory = inventoryOf(layout, { user, identityFile, knownHostsFile, scenarioFile: './harbour.yaml' });
    writeFileSync(inventoryFile, `${JSON.stringify(inventory, null, 2)}\n`);
    return { inventoryFile, home: folder, faults: faults.filter((fault) => !impossible.has(fault)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
