import { compactNames } from '../model/compact-names.js';
import type { Member } from '../model/inventory.js';
import { countPorts, formatPorts, type PortSet } from '../model/port-set.js';

/** `app-[1:3], comp-1`. */
export function namesOf(members: readonly Member[]): string {
  return compactNames(members.map(({ name }) => name)).join(', ');
}

/** `6660-6670, with 6665-6669 in it`, or just the value where all of it is meant. */
export function valueWith(value: PortSet, part: PortSet): string {
  const text = formatPorts(value);
  const inside = formatPorts(part);
  return text === inside ? text : `${text}, with ${inside} in it`;
}

/** `a`, `a and b`, `a, b and c`. */
export function listed(texts: readonly string[]): string {
  return texts.length < 2 ? texts.join('') : `${texts.slice(0, -1).join(', ')} and ${texts.at(-1)}`;
}

/** `port 8080`, `ports 20000-20099`. */
export function portText(ports: PortSet): string {
  return `${countPorts(ports) === 1 ? 'port' : 'ports'} ${formatPorts(ports)}`;
}
