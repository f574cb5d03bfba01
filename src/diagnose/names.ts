import { compactNames } from '../model/compact-names.js';
import { countPorts, formatPorts, type PortSet } from '../model/port-set.js';

/** `a, b and 3 more`; texts of any kind, in their order. */
export function listTexts(texts: readonly string[], most = 4): string {
  if (texts.length > most) return `${texts.slice(0, most).join(', ')} and ${texts.length - most} more`;
  return texts.length < 2 ? (texts[0] ?? '') : `${texts.slice(0, -1).join(', ')} and ${texts.at(-1)}`;
}

/** Hosts and addresses, consecutive ones as a pattern. */
export function listNames(names: readonly string[]): string {
  return listTexts(compactNames(names));
}

/** `port 8563`, `ports 20500-20599`, or a count where the text would be long. */
export function namePorts(ports: PortSet): string {
  if (ports.length === 1 && countPorts(ports) === 1) return `port ${formatPorts(ports)}`;
  if (ports.length <= 6) return `ports ${formatPorts(ports).replaceAll(',', ', ')}`;
  return `${countPorts(ports)} ports from ${ports[0]![0]} to ${ports.at(-1)![1]}`;
}

/** The filter of `ss` for some ports. */
export function ssFilter(ports: PortSet): string {
  const terms = ports
    .slice(0, 4)
    .map(([first, last]) => (first === last ? `sport = :${first}` : `( sport >= :${first} and sport <= :${last} )`));
  return `ss -ltnp '${terms.join(' or ')}'`;
}
