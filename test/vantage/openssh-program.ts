import type { Host } from '#src/model/inventory.js';
import { createOpensshTransport } from '#src/vantage/openssh.js';
import { unlimitedPreAuth } from '#src/vantage/pre-auth-budget.js';

// A run of its own, to be killed: node openssh-program.js HOST, an inventory's host in JSON without its maps.
// Says "running" once a command runs there, and waits for its end.
const host: Host = { ...JSON.parse(process.argv[2]!), addresses: new Map(), ports: new Map(), facts: new Map() };

const transport = createOpensshTransport({
  hosts: new Map(),
  environment: process.env,
  ask: async () => undefined,
  warn() {},
  preAuth: unlimitedPreAuth,
});
const vantage = await transport.connect(host, new AbortController().signal);
const running = await vantage.exec('sleep 3600');
process.stdout.write('running\n');
await running.exited;
