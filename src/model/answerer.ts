import { canonicalAddress } from './addresses.js';
import type { Answer } from './observation.js';

/**
 * Who answered a probe. `itself`: whoever has the address, or speaks in its name. `device`: something on the way, or the
 * source's own kernel. `nobody`: silence, or an error that says nothing of who is there. `untried`: there was no probe.
 */
export type Answerer = 'itself' | 'device' | 'nobody' | 'untried';

/** @param address the literal that was probed */
export function answererOf(answer: Answer, address: string): Answerer {
  switch (answer.kind) {
    case 'connected':
    case 'token':
    case 'tokenless':
    case 'dialogue':
      return 'itself';
    case 'silence':
      return 'nobody';
    case 'untried':
      return 'untried';
    case 'error': {
      if (answer.icmp !== undefined)
        return canonicalAddress(answer.icmp.sender) === canonicalAddress(address) ? 'itself' : 'device';
      return answer.errno === 'ECONNREFUSED' || answer.errno === 'ECONNRESET' ? 'itself' : 'nobody';
    }
  }
}

/** Whether a connect came as far as whoever has the address, and was not turned away by a firewall's ICMP message there. */
export function getsThrough(answer: Answer, address: string): boolean {
  return answererOf(answer, address) === 'itself' && !(answer.kind === 'error' && answer.icmp !== undefined);
}
