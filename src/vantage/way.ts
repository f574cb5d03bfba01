import type { Duplex } from 'node:stream';
import type { Login, VantageFailure } from '../model/vantage.js';

/** A connection that others go through. */
export interface Carrier {
  /** Resolves with the reason when it is lost. */
  readonly lost: Promise<VantageFailure>;
  /** How many connections it goes through itself. */
  readonly depth: number;
}

/** A stream to a host's sshd, and how it came about. */
export interface Way {
  readonly stream: Duplex;
  readonly login: Login;
  /** The jump host's connection; undefined for the direct way. */
  readonly carrier: Carrier | undefined;
}
