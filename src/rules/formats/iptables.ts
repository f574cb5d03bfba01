import type { PortInterval, PortSet } from '../../model/port-set.js';
import { type LiteralPart, literalParts, unresolvedEnds } from '../literals.js';
import { addressBlocks } from '../ranges.js';
import type { ProposedRule } from '../request.js';
import { comments, cutTo, headingOf, headOf, shortPurposes } from '../words.js';
import type { RuleFormat } from './format.js';
import { shellWord } from './shell.js';

// xt_multiport takes 15 ports, of which a range takes two; xt_comment takes 256 bytes with the last, a NUL.
const mostPorts = 15;
const longestComment = 255;
const newOrKnown = '-m conntrack --ctstate NEW,ESTABLISHED';

export const iptablesFormat: RuleFormat = {
  name: 'iptables',
  description: 'commands for iptables and ip6tables',
  *render(request) {
    yield comments([
      ...headOf(request),
      'For a shell. The rules go before all others of FORWARD; on the destination itself the chain would be INPUT.',
      'Answers come back only where the chain has, or is given, a rule for them:',
      '  iptables -I FORWARD -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT',
    ]);
    for (const [index, rule] of request.rules.entries()) {
      yield `\n${comments([headingOf(rule, index)])}`;
      for (const part of literalParts(rule)) yield* commandsOf(rule, part, `portolan-${index + 1}`);
      yield comments(unresolvedEnds(rule));
    }
    if (request.notes.length > 0) yield '\n';
    yield comments(request.notes);
  },
};

/** Of many sources and many destinations, a chain for the destinations: a rule for each pair would be far too many. */
function* commandsOf(rule: ProposedRule, part: LiteralPart, chain: string): Generator<string> {
  const iptables = part.family === 4 ? 'iptables' : 'ip6tables';
  const sources = addressBlocks(part.sources, part.family);
  const destinations = addressBlocks(part.destinations, part.family);
  const accept = `-m comment --comment ${shellWord(cutTo(shortPurposes(rule), longestComment))} -j ACCEPT`;
  const matches = portMatches(rule.ports);
  const needsChain = sources.length > 1 && destinations.length > 1;
  if (needsChain) yield `${iptables} -N ${chain}\n`;
  const [start, from] = needsChain ? [`-A ${chain}`, ['']] : ['-I FORWARD', sources.map((source) => ` -s ${source}`)];
  for (const source of from)
    for (const destination of destinations)
      for (const ports of matches)
        yield `${iptables} ${start}${source} -d ${destination} -p tcp ${ports} ${newOrKnown} ${accept}\n`;
  if (needsChain) for (const source of sources) yield `${iptables} -I FORWARD -s ${source} -p tcp -j ${chain}\n`;
}

function portMatches(ports: PortSet): readonly string[] {
  const matches: PortInterval[][] = [];
  let room = 0;
  for (const interval of ports) {
    const size = interval[0] === interval[1] ? 1 : 2;
    if (size > room) {
      matches.push([]);
      room = mostPorts;
    }
    matches.at(-1)!.push(interval);
    room -= size;
  }
  return matches.map((intervals) => {
    const text = intervals.map(([first, last]) => (first === last ? `${first}` : `${first}:${last}`)).join(',');
    return intervals.length === 1 ? `--dport ${text}` : `-m multiport --dports ${text}`;
  });
}
