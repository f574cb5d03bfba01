import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { DialogueContext, Said } from '#src/model/dialogue.js';
import type { ServiceSettings } from '#src/model/service.js';
import type { ServiceDefinition } from '#src/protocol/definition.js';
import { dialogueContext } from './context.js';
import { patientMs } from './speak.js';

interface Place {
  readonly address?: string;
  readonly port: number;
}

/** Holds a dialogue with whoever listens there. */
export async function converseAt<Settings extends ServiceSettings>(
  service: ServiceDefinition<Settings>,
  { address = '127.0.0.1', port }: Place,
  settings: Partial<Settings> = {},
  over: Partial<DialogueContext> = {},
): Promise<Said> {
  const socket = connect({ host: address, port });
  await once(socket, 'connect');
  return service.converse(
    socket,
    service.settings.parse(settings),
    dialogueContext({ target: address, address, port, timeoutMs: patientMs, ...over }),
  );
}

/** Writes bytes in pieces of these sizes, the rest in one. */
export function writeInPieces(socket: Socket, bytes: Buffer, sizes: readonly number[]): void {
  let rest = bytes;
  for (const size of sizes) {
    socket.write(rest.subarray(0, size));
    rest = rest.subarray(size);
  }
  socket.write(rest);
}

/** Connects and says nothing, as a sweep does. */
export async function bareConnect({ address = '127.0.0.1', port }: Place): Promise<void> {
  const socket = connect({ host: address, port });
  await once(socket, 'connect');
  socket.end().resume();
  await once(socket, 'close');
}
