import { formatPorts } from '../../model/port-set.js';
import { type LiteralPart, literalParts, unresolvedEnds } from '../literals.js';
import { addressBlocks } from '../ranges.js';
import type { ProposedRule } from '../request.js';
import { comments, headingOf, headOf, purposeText } from '../words.js';
import type { RuleFormat } from './format.js';
import { shellWord } from './shell.js';

// More are put into an ipset: a rule for each of them, on each destination, would be far too many.
const mostSources = 8;
const permanent = 'firewall-cmd --permanent';

export const firewalldFormat: RuleFormat = {
  name: 'firewalld',
  description: 'rich rules for the destination hosts',
  *render(request) {
    yield comments([
      ...headOf(request),
      'For a shell on the hosts that have the destination addresses: each takes the lines with its own, and the ipsets',
      'that they name; firewall-cmd --reload then makes them hold.',
    ]);
    yield 'ZONE=public\n';
    for (const [index, rule] of request.rules.entries()) {
      yield `\n${comments([headingOf(rule, index), ...rule.purposes.map(purposeText)])}`;
      for (const part of literalParts(rule)) yield* commandsOf(rule, part, `portolan-${index + 1}-ipv${part.family}`);
      yield comments(unresolvedEnds(rule));
    }
    if (request.notes.length > 0) yield '\n';
    yield comments(request.notes);
  },
};

function* commandsOf({ ports }: ProposedRule, part: LiteralPart, ipset: string): Generator<string> {
  const { destinations, family } = part;
  const blocks = addressBlocks(part.sources, family);
  const needsSet = blocks.length > mostSources;
  if (needsSet) {
    const option = family === 6 ? ' --option=family=inet6' : '';
    yield `${permanent} --new-ipset=${ipset} --type=hash:net${option}\n`;
    for (const block of blocks) yield `${permanent} --ipset=${ipset} --add-entry=${block}\n`;
  }
  const sources = needsSet ? [`ipset="${ipset}"`] : blocks.map((block) => `address="${block}"`);
  for (const destination of destinations)
    for (const source of sources)
      for (const port of formatPorts(ports).split(',')) {
        const ends = `source ${source} destination address="${destination}"`;
        const rule = `rule family="ipv${family}" ${ends} port port="${port}" protocol="tcp" accept`;
        yield `${permanent} --zone="$ZONE" --add-rich-rule=${shellWord(rule)}\n`;
      }
}
