import { documentedPorts, type Layout, type PortName } from './layout.js';
import { type Started, startGateway, startQuiet, startWeb } from './listeners.js';
import { type Fault, faults, type Service, services } from './planted.js';
import { startSilence } from './silence.js';

/** Starts every service, broken as planned, adding each to `started`. Returns the faults that could not be had here. */
export async function startServices(layout: Layout, started: Started[]): Promise<ReadonlySet<Fault>> {
  const impossible = new Set<Fault>();
  const listening = new Set<string>();
  for (const service of services) {
    const fault = faults.find(({ host, port }) => host === service.host && port === service.port);
    const [first, last] = documentedPorts[service.port];
    for (let documented = first; documented <= last; documented++) {
      const port = layout.port(service.host, documented);
      const affecting = fault !== undefined && affects(fault, documented) ? fault : undefined;
      const address = addressOf(service, affecting, layout);
      // Where the members share the loopback address, they share what is local to it.
      if (listening.has(`${address} ${port}`)) continue;
      listening.add(`${address} ${port}`);
      const begun = await startService(service.port, address, port, affecting);
      if (begun !== undefined) started.push(begun);
      if (begun === undefined && affecting?.kind === 'silence') {
        impossible.add(affecting);
        started.push(await startQuiet(address, port));
      }
    }
  }
  return impossible;
}

function affects({ part }: Fault, documented: number): boolean {
  return part === undefined || (part[0] <= documented && documented <= part[1]);
}

function addressOf(service: Service, fault: Fault | undefined, layout: Layout): string {
  if (fault?.kind === 'exposed') return layout.address(service.host);
  // A watchdog is asked on 127.0.0.1, which on a machine with one address is that of all.
  if (service.port === 'watchdog') return '127.0.0.1';
  return service.local || fault?.kind === 'wrong-address' ? layout.loopback : layout.address(service.host);
}

async function startService(
  name: PortName,
  address: string,
  port: number,
  fault: Fault | undefined,
): Promise<Started | undefined> {
  switch (fault?.kind) {
    case 'service-down':
    case 'partly-down':
      return undefined;
    case 'silence':
      return startSilence(address, port);
    case 'wrong-service':
      return startWeb(address, port);
    case 'upstream-down':
      return startGateway(address, port);
    case 'wrong-address':
    case 'exposed':
    case undefined:
      return name === 'console' ? startWeb(address, port) : startQuiet(address, port);
  }
}
