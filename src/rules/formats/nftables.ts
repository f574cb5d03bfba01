import { formatPorts, type PortSet } from '../../model/port-set.js';
import { type LiteralPart, literalParts, unresolvedEnds } from '../literals.js';
import { addressRanges } from '../ranges.js';
import type { ProposedRule } from '../request.js';
import { comments, cutTo, headingOf, headOf, shortPurposes } from '../words.js';
import type { NftChain, RuleFormat } from './format.js';

// NFTNL_UDATA_COMMENT_MAXLEN of libnftnl.
const longestComment = 128;

/**
 * Rules at the head of an existing chain: an accept in a chain of our own would not keep another chain of the same hook
 * from dropping the packet (nft(8), "the packet is evaluated by later base chains").
 */
export const nftablesFormat: RuleFormat = {
  name: 'nftables',
  description: 'rules to be inserted into a chain, for nft -f',
  *render(request, { nftChain }) {
    const { chain, family, table } = nftChain;
    const rule = `insert rule ${family} ${table} ${chain}`;
    yield comments([
      ...headOf(request),
      `For nft -f. The rules go before all others of the chain ${family} ${table} ${chain}, which has to be there.`,
      'Answers come back only where the chain has, or is given, a rule for them:',
      `  ${rule} ct state established,related accept`,
    ]);
    for (const [index, proposed] of request.rules.entries()) {
      yield `\n${comments([headingOf(proposed, index)])}`;
      for (const part of literalParts(proposed)) {
        yield takes(nftChain, part.family)
          ? `${rule} ${statement(proposed, part)}\n`
          : comments([`left out, IPv${part.family}: a chain of the family ${family} sees none of it`]);
      }
      yield comments(unresolvedEnds(proposed));
    }
    if (request.notes.length > 0) yield '\n';
    yield comments(request.notes);
  },
};

function takes({ family }: NftChain, wanted: 4 | 6): boolean {
  return family === 'ip' ? wanted === 4 : family === 'ip6' ? wanted === 6 : true;
}

function statement(rule: ProposedRule, { destinations, family, sources }: LiteralPart): string {
  const ip = family === 4 ? 'ip' : 'ip6';
  return [
    `${ip} saddr ${setOf(addressRanges(sources, family))}`,
    `${ip} daddr ${setOf(addressRanges(destinations, family))}`,
    `tcp dport ${setOf(portRanges(rule.ports))}`,
    // Without the second word a rule behind this one would drop what follows the first packet.
    'ct state new,established accept',
    `comment "${commentOf(rule)}"`,
  ].join(' ');
}

function portRanges(ports: PortSet): readonly string[] {
  return formatPorts(ports).split(',');
}

function setOf(elements: readonly string[]): string {
  return elements.length === 1 && !elements[0]!.includes('-') ? elements[0]! : `{ ${elements.join(', ')} }`;
}

/** Within quotes that cannot be escaped. */
function commentOf(rule: ProposedRule): string {
  return cutTo(shortPurposes(rule).replace(/["\\]/g, "'"), longestComment - 1);
}
