import type { PortSet } from './port-set.js';
import type { ServiceName } from './service.js';

/** What one connect, or one dialogue, brought back: raw facts. What they mean is the judge's business. */
export type Answer =
  | { readonly kind: 'connected' }
  | {
      readonly kind: 'error';
      /** The symbolic name: `ECONNREFUSED`, `EHOSTUNREACH`… */
      readonly errno: string;
      /** From the socket's error queue (IP_RECVERR), where the engine reads it. */
      readonly icmp?: {
        readonly version: 4 | 6;
        readonly type: number;
        readonly code: number;
        readonly sender: string;
      };
    }
  | { readonly kind: 'silence'; readonly afterMs: number }
  | { readonly kind: 'untried'; readonly cause: UntriedCause; readonly detail: string }
  /** Connected, said our token, and was answered as temporary listeners answer: with this word. */
  | {
      readonly kind: 'token';
      readonly answer: string;
      /** The port that the listener says it has, where that is another one than was connected to. */
      readonly port?: number;
    }
  /** Connected, said our token, and no listener answered. */
  | {
      readonly kind: 'tokenless';
      readonly how: 'silent' | 'closed' | 'reset' | 'stranger';
      /** Of a stranger: the first bytes of what was said instead, as text. */
      readonly said?: string;
    }
  | {
      readonly kind: 'dialogue';
      readonly service: ServiceName;
      /** `open`: identified. */
      readonly outcome: 'open' | 'mismatch' | 'reset';
      /** What was seen, in one clause: "MariaDB 10.11.6 greeted and refused the login (1045)". */
      readonly detail: string;
      /** The service is there, but something about it wants attention: makes a pass a `warn`. */
      readonly warning?: string;
      /** What the diagnosis is to make of a dialogue that did not end well, as a stable word. */
      readonly problem?: DialogueProblem;
    };

/**
 * `stranger`: another protocol answers. `silent`: nobody says anything. `upstream-down`: a gateway answers that what is
 * behind it does not. `certificate`: the TLS certificate does not hold. `answer`: the right protocol, and not the answer
 * that was asked for. `source-blocked`: the service has locked the source out. `proxy`: the proxy on the way refuses. `no-token`:
 * something answers where our temporary listener was to. `payload-lost`: our listener accepted, and heard nothing.
 * `large-lost`: our listener answered, but not to a payload of full-sized packets.
 */
export const dialogueProblems = [
  'stranger',
  'silent',
  'upstream-down',
  'certificate',
  'answer',
  'source-blocked',
  'proxy',
  'no-token',
  'payload-lost',
  'large-lost',
] as const;
export type DialogueProblem = (typeof dialogueProblems)[number];

/**
 * Whether a port did all that was asked of it: its service or our listener identified itself, or a connection is all that
 * was asked for.
 */
export function isIdentified(answer: Answer): boolean {
  return (
    answer.kind === 'connected' || answer.kind === 'token' || (answer.kind === 'dialogue' && answer.outcome === 'open')
  );
}

/**
 * Whether somebody said, or showed by hanging up, that he is not the service of a dialogue. Silence does not say so: a slow
 * server of it is as silent.
 */
export function deniesService(answer: Answer): boolean {
  if (answer.kind !== 'dialogue' || answer.outcome === 'open') return false;
  return answer.problem !== 'silent' && answer.problem !== 'proxy';
}

export const untriedCauses = [
  'no-login',
  'no-engine',
  'out-of-sockets',
  'connection-lost',
  'forwarding-forbidden',
  'own-address',
  'interrupted',
  'engine-failed',
  'no-listener',
  'port-in-use',
  'rate-ban',
  'not-asked',
] as const;
export type UntriedCause = (typeof untriedCauses)[number];

/** Ports of one address that gave the same answer. */
export interface Segment {
  readonly ports: PortSet;
  readonly answer: Answer;
}
