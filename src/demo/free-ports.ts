import { once } from 'node:events';
import { createServer } from 'node:net';
import { ExpectedError } from '../model/errors.js';
import { type Layout, neededPorts } from './layout.js';

// Below the ports that Linux (32768) and macOS (49152) give to clients, so that no connection sits on one of them.
const shifts = [0, 200, 1000, 2000, 3000, 5000, 7000];

/** The first layout whose ports nothing on this machine uses. */
export async function freeLayout(layoutOf: (shift: number) => Layout): Promise<Layout> {
  const taken: string[] = [];
  for (const shift of shifts) {
    const layout = layoutOf(shift);
    const port = await firstTaken(neededPorts(layout));
    if (port === undefined) return layout;
    taken.push(`${port}`);
  }
  throw new ExpectedError(
    `the demo needs some ports between 18000 and 32767 to itself, and found others listening there (${taken.join(', ')}); stop one of these and try again`,
  );
}

async function firstTaken(ports: ReadonlySet<number>): Promise<number | undefined> {
  for (const port of ports) if (!(await isFree(port))) return port;
  return undefined;
}

/** The wildcard address can be bound only where no address has a listener on that port. */
async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen({ port, host: '0.0.0.0', exclusive: true });
    await once(server, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
}
