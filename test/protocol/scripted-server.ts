import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import type { Dialogue, DialogueContext, Said } from '#src/model/dialogue.js';
import type { ServiceSettings } from '#src/model/service.js';
import { dialogueContext } from './context.js';

/** A dialogue with a server on loopback that speaks from a script, over real sockets. */
export async function converseWith(
  dialogue: Dialogue,
  settings: ServiceSettings,
  serve: (socket: Socket) => void,
  over: Partial<DialogueContext> = {},
): Promise<Said> {
  const sockets: Socket[] = [];
  const server = createServer({ noDelay: true, allowHalfOpen: true }, (socket) => {
    sockets.push(socket);
    socket.on('error', () => {});
    socket.once('end', () => socket.end());
    serve(socket);
    socket.resume();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect({ host: '127.0.0.1', port: (server.address() as AddressInfo).port });
  await once(socket, 'connect');
  try {
    return await dialogue.converse(socket, settings, dialogueContext(over));
  } finally {
    for (const each of sockets) each.destroy();
    server.close();
  }
}

/** Answers whatever is asked with these bytes. */
export function answering(...answers: readonly Buffer[]): (socket: Socket) => void {
  return (socket) => {
    const left = [...answers];
    socket.on('data', () => {
      const next = left.shift();
      if (next !== undefined) socket.write(next);
    });
  };
}

/** A recording, written as hex with spaces. */
export function recording(hex: string): Buffer {
  return Buffer.from(hex.replaceAll(/\s/g, ''), 'hex');
}
