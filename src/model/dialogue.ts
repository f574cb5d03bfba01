import type { Duplex } from 'node:stream';
import type { Answer } from './observation.js';
import type { PortSet } from './port-set.js';
import type { FileReference, SecretReference, ServiceName, ServiceSettings } from './service.js';

/**
 * What a connect that says nothing does to a service. `harmless`: the port is swept first, and spoken to where it is open.
 * `logged`: it leaves a line of complaint or counts against us, so the dialogue is the only connection. `punished`: it may
 * end with the source blocked; such ports are never swept, whatever flow covers them.
 */
export type BareConnects = 'harmless' | 'logged' | 'punished';

/** What a plan has to know of a dialogue. */
export interface DialogueTraits {
  readonly service: ServiceName;
  /** With these settings; a service that punishes them does so with any, and with none. */
  bareConnects(settings: ServiceSettings): BareConnects;
  /** The well-known ports of a service that punishes bare connects, kept out of sweeps even where no flow names it. */
  readonly guardedPorts: PortSet;
  /** False where these settings leave nothing to be said: the connection alone is then the proof. */
  speaks(settings: ServiceSettings): boolean;
}

/** How a dialogue ended. */
export type Said = Answer & { readonly kind: 'dialogue' };

/** The phases of a dialogue whose times are reported. */
export type DialoguePhase = 'tls' | 'firstByte';

/** Who listens in on a dialogue: the report, for its times, and `portolan explain`, for everything. */
export interface Transcript {
  /** Something that is not bytes, in words: "TLS 1.3 with …, certificate of CN=db1". */
  note(text: string): void;
  /** `secrets`: parts of the bytes that nobody may see. */
  sent(bytes: Buffer, secrets?: readonly Buffer[]): void;
  received(bytes: Buffer): void;
  /** The end of a phase, and how long it took, in milliseconds. */
  phase(phase: DialoguePhase, ms: number): void;
}

/** The files and secrets that services name, read before the first packet. */
export interface Materials {
  file(reference: FileReference): Buffer;
  secret(reference: SecretReference): string;
}

export interface DialogueContext {
  /** The destination as the inventory writes it, a literal or a name: what a client would ask for. */
  readonly target: string;
  /** The literal address that was dialled. */
  readonly address: string;
  readonly port: number;
  /** How long the whole dialogue may take once connected, in milliseconds. */
  readonly timeoutMs: number;
  /** The unprivileged user without password who completes a MySQL handshake, where the service names no other. */
  readonly mysqlUser: string;
  readonly materials: Materials;
  readonly transcript: Transcript;
  readonly signal: AbortSignal;
}

/** What came of asking a proxy for a tunnel. */
export type Tunnel =
  /** `stream`: leads to the destination, with what that has said already. */
  | { readonly kind: 'tunnelled'; readonly stream: Duplex }
  /** The stream has been ended. */
  | { readonly kind: 'failed'; said(service: ServiceName): Said };

/**
 * Asks the HTTP proxy at the other end of a stream for a tunnel to the target and port of the context. Rejects only on a
 * bug or with the signal's reason.
 */
export type ConnectThrough = (stream: Duplex, context: DialogueContext) => Promise<Tunnel>;

/** A protocol spoken over one dialled connection, written once over any duplex stream. */
export interface Dialogue<Settings = ServiceSettings> extends DialogueTraits {
  /** Speaks, and ends the connection as the protocol wishes. Rejects only on a bug or with the signal's reason. */
  converse(stream: Duplex, settings: Settings, context: DialogueContext): Promise<Said>;
}
