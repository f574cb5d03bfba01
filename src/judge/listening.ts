import { canonicalAddress, isIPv4, isLoopback, isOwnAddress } from '../model/addresses.js';
import type { NodeFacts } from '../model/observation.js';
import { noPorts, type PortInterval, type PortSet, portSet, subtractPorts } from '../model/port-set.js';

/** What a destination's LISTEN table says of one of its addresses. */
export interface Listening {
  readonly yes: PortSet;
  /** Neither claim can be made: a listener on `::` may or may not take IPv4, an address may be translated on the way. */
  readonly uncertain: PortSet;
}

const known = new WeakMap<NodeFacts, Map<string, Listening | undefined>>();

/** Undefined where the destination's table is not known. Read once for an address, however many sources lead there. */
export function listeningOn(facts: NodeFacts | undefined, address: string): Listening | undefined {
  if (facts?.listeners === undefined) return undefined;
  let byAddress = known.get(facts);
  if (byAddress === undefined) {
    byAddress = new Map();
    known.set(facts, byAddress);
  }
  if (!byAddress.has(address)) byAddress.set(address, readTable(facts, address));
  return byAddress.get(address);
}

function readTable(facts: NodeFacts, address: string): Listening | undefined {
  if (facts.listeners === undefined) return undefined;
  const wanted = canonicalAddress(address);
  const own = isOwnAddress(wanted, facts.addresses) === true;
  const yes: PortInterval[] = [];
  const uncertain: PortInterval[] = [];
  for (const { address: bound, port } of facts.listeners) {
    const claim = listens(canonicalAddress(bound), wanted, own);
    if (claim === 'yes') yes.push([port, port]);
    else if (claim === 'uncertain') uncertain.push([port, port]);
  }
  const certain = portSet(yes);
  return { yes: certain, uncertain: uncertain.length === 0 ? noPorts : subtractPorts(portSet(uncertain), certain) };
}

function listens(bound: string, wanted: string, own: boolean): 'yes' | 'no' | 'uncertain' {
  if (bound === wanted) return 'yes';
  // Not an address of the node as far as is known: it may be translated to whichever it has.
  if (!own) return isLoopback(bound) ? 'no' : 'uncertain';
  if (bound === '0.0.0.0') return isIPv4(wanted) ? 'yes' : 'no';
  // IPV6_V6ONLY of a listener cannot be seen from outside.
  if (bound === '::') return isIPv4(wanted) ? 'uncertain' : 'yes';
  return 'no';
}
