import type { Answer } from '../model/observation.js';

/** What a connect or a dialogue brought back, in words: the fact, before anybody judges it. */
export function answerText(answer: Answer): string {
  switch (answer.kind) {
    case 'connected':
      return 'connected';
    case 'silence':
      return `silence for ${(answer.afterMs / 1000).toFixed(1)} s`;
    case 'untried':
      return `not tried: ${answer.detail === '' ? answer.cause : answer.detail}`;
    case 'token':
      return answer.port === undefined ? 'our listener answered' : `our listener on port ${answer.port} answered`;
    case 'tokenless':
      return answer.said === undefined ? `connected, then ${answer.how}` : `connected, and was told ${answer.said}`;
    case 'dialogue':
      return answer.outcome === 'open' ? answer.detail : `${answer.outcome}: ${answer.detail}`;
    case 'error': {
      const { errno, icmp } = answer;
      if (icmp === undefined) return errno;
      return `${errno}, by ICMP${icmp.version === 6 ? 'v6' : ''} ${icmp.type}/${icmp.code} from ${icmp.sender}`;
    }
  }
}
