import type { Host, TransportName } from '../model/inventory.js';
import type { Transport, TransportContext, TransportFactory, Vantage } from '../model/vantage.js';
import { createCommandTransport } from './command.js';
import { createLocalTransport } from './local.js';
import { createOpensshTransport } from './openssh.js';
import { createSsh2Transport } from './ssh2.js';

/** Every transport; a new one is a file and a line here. */
const transportFactories: Readonly<Record<TransportName, TransportFactory>> = {
  ssh2: createSsh2Transport,
  openssh: createOpensshTransport,
  local: createLocalTransport,
  command: createCommandTransport,
};

/** The transports of one run, each made when a host first wants it. */
export interface Transports {
  /** Logs in by the host's own transport. Rejects with a `VantageFailure`; when aborted, with the signal's reason. */
  connect(host: Host, signal: AbortSignal): Promise<Vantage>;
  /** Closes what the vantages shared. Never rejects. */
  close(): Promise<void>;
}

export function createTransports(context: TransportContext): Transports {
  const made = new Map<TransportName, Transport>();
  const get = (name: TransportName) => {
    const transport = made.get(name) ?? transportFactories[name](context);
    made.set(name, transport);
    return transport;
  };
  return {
    async connect(host, signal) {
      return get(host.transport).connect(host, signal);
    },
    async close() {
      await Promise.all([...made.values()].map((transport) => transport.close()));
    },
  };
}
