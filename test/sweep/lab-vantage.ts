import { join } from 'node:path';
import type { Host } from '#src/model/inventory.js';
import type { Vantage } from '#src/model/vantage.js';
import { unlimitedPreAuth } from '#src/vantage/pre-auth-budget.js';
import { createTransports } from '#src/vantage/registry.js';
import type { LabHost } from '../lab/host.js';
import { writeInventory } from '../lab/inventory.js';
import type { Lab } from '../lab/lab.js';

/** What a test, or a benchmark, lends to whom it asks for something. */
export interface Borrower {
  log(sentence: string): void;
  teardown(action: () => Promise<void>): void;
}

/** Logs in to a host of the lab as a run does, over ssh2. */
export async function logIn(t: Borrower, lab: Lab, host: LabHost): Promise<Vantage> {
  writeInventory(lab, { roles: {} });
  const transports = createTransports({
    hosts: new Map(),
    environment: { HOME: lab.folder, PATH: process.env.PATH },
    ask: async () => undefined,
    warn: (sentence) => t.log(sentence),
    preAuth: unlimitedPreAuth,
  });
  const ssh = {
    host: host.managementAddress,
    user: 'ops',
    identityFile: [lab.clientKey.file],
    knownHostsFile: [join(lab.folder, 'known_hosts')],
  };
  const entry: Host = {
    kind: 'host',
    name: host.name,
    address: host.address(),
    addresses: new Map(),
    services: new Map(),
    roles: [],
    cluster: undefined,
    ports: new Map(),
    facts: new Map(),
    transport: 'ssh2',
    ssh,
    sudo: false,
  };
  const vantage = await transports.connect(entry, new AbortController().signal);
  t.teardown(async () => {
    await vantage.close();
    await transports.close();
  });
  return vantage;
}
