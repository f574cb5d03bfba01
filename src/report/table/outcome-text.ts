import { sameAddress } from '../../model/addresses.js';
import { parsePorts } from '../../model/port-set.js';
import type { ReportCheck, ReportOutcome } from '../../model/report.js';

const mostRanges = 5;

/** A set of ports for the eye: the first ranges, and how many more there are. */
export function shortPorts(text: string, verbose: boolean): string {
  const ranges = text.split(',');
  if (verbose || ranges.length <= mostRanges) return text.replaceAll(',', ', ');
  const ports = parsePorts(text) ?? [];
  return `${ranges.slice(0, mostRanges - 1).join(', ')}, … ${ports.length} ranges`;
}

/** Their sentence stands once, with the host. */
const saidOfTheHost: readonly string[] = ['no-login', 'connection-lost'];

/** `refused (rst)`, `timeout (3.5 s), 100 ports`. */
export function outcomeText(check: ReportCheck, outcome: ReportOutcome): string {
  const reason = outcome.reason === null ? '' : ` (${reasonText(check, outcome, outcome.reason)})`;
  const count = outcome.count > 1 ? `, ${outcome.count.toLocaleString('en-US')} ports` : '';
  const address = outcome.address === undefined ? '' : `${outcome.address}: `;
  return `${address}${outcome.outcome}${reason}${count}`;
}

/** Names the destination as such, so that one cause on many hosts reads alike. */
function reasonText(check: ReportCheck, outcome: ReportOutcome, reason: string): string {
  if (saidOfTheHost.includes(outcome.untried ?? '')) return reason.replace(/:.*$/s, '');
  const itself = outcome.sender !== undefined && sameAddress(outcome.sender, outcome.address ?? check.address ?? '');
  const worded = reason.replace(/^(?:local )?icmp(?:v6)? \d+\/\d+/, (text) => {
    const meaning = meanings[text.replace('local ', '')];
    return meaning === undefined ? text : `${text} ${meaning}`;
  });
  return itself ? worded.replace(outcome.sender!, 'the destination itself') : worded;
}

/** "Destination unreachable" in the words of RFC 792 and RFC 1812, and of RFC 4443. */
const meanings: Readonly<Record<string, string>> = {
  'icmp 3/0': 'net unreachable',
  'icmp 3/1': 'host unreachable',
  'icmp 3/3': 'port unreachable',
  'icmp 3/9': 'net prohibited',
  'icmp 3/10': 'host prohibited',
  'icmp 3/13': 'admin prohibited',
  'icmpv6 1/0': 'no route',
  'icmpv6 1/1': 'admin prohibited',
  'icmpv6 1/3': 'address unreachable',
  'icmpv6 1/4': 'port unreachable',
  'icmpv6 1/5': 'prohibited by policy',
  'icmpv6 1/6': 'route rejects',
};
