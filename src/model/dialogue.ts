import type { Duplex } from 'node:stream';
import type { Answer } from './observation.js';
import type { PortSet } from './port-set.js';
import type { ServiceName } from './service.js';

export interface DialogueSettings {
  /** How long the whole dialogue may take once connected, in milliseconds. */
  readonly timeoutMs: number;
  /** The unprivileged, password-less user that completes a MySQL handshake. */
  readonly user: string;
}

/** What a plan has to know of a dialogue. */
export interface DialogueTraits {
  readonly service: ServiceName;
  /** True where a connect that says nothing harms the service or the source: such ports are never swept. */
  readonly punishesBareConnects: boolean;
  /** The well-known ports of such a service, kept out of sweeps even where no flow names it. */
  readonly guardedPorts: PortSet;
}

/** A protocol spoken over one dialled connection, written once over any duplex stream. */
export interface Dialogue extends DialogueTraits {
  /** Speaks, and ends the connection as the protocol wishes. Rejects only on a bug or with the signal's reason. */
  converse(stream: Duplex, settings: DialogueSettings, signal: AbortSignal): Promise<Answer & { kind: 'dialogue' }>;
}
