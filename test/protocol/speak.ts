import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import type { DialogueContext, Materials, Said } from '#src/model/dialogue.js';
import type { ServiceSettings } from '#src/model/service.js';
import type { ServiceDefinition } from '#src/protocol/definition.js';
import { dialogueContext } from './context.js';

/** Files from the disk, secrets from the environment. */
export const materials: Materials = {
  file: ({ file }) => readFileSync(file),
  secret: ({ env }) => process.env[env] ?? '',
};

/** Far more than any answer on loopback takes, however loaded the machine is. */
export const patientMs = 20_000;

/** A connection to a server on loopback, as dial gives it. */
export async function dial(port: number): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true });
  await once(socket, 'connect');
  return socket;
}

/** What a dialogue says of a server on loopback, with settings as an inventory writes them. */
export async function speak<Settings extends ServiceSettings>(
  service: ServiceDefinition<Settings>,
  port: number,
  settings: ServiceSettings = {},
  context: Partial<DialogueContext> = {},
): Promise<Said> {
  const surroundings = dialogueContext({ port, timeoutMs: patientMs, materials, ...context });
  return service.converse(await dial(port), service.settings.parse(settings), surroundings);
}
