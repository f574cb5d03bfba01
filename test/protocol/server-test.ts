import type { ExecutionContext } from 'ava';
import type { Server } from '../lab/servers/server.js';
import { testNeeding } from '../needing.js';

/** How tests with a real server of one kind are declared: title, the server's options, and what to do with it. */
export function serverTests<Options>(
  unavailable: string | undefined,
  start: (options: Options) => Promise<Server>,
): (title: string, options: Options, run: (t: ExecutionContext, server: Server) => Promise<void>) => void {
  return (title, options, run) =>
    testNeeding(unavailable, title, async (t) => {
      const server = await start(options);
      try {
        await run(t, server);
      } finally {
        await server.stop();
      }
    });
}
