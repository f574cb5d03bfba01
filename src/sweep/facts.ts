import type { Listener, NodeFacts, Route } from '../model/observation.js';
import { ipv6Text, kernelAddress, kernelWords } from '../remote-program/kernel-address.js';

/** A row of one of the node's tables, as its kernel prints it; filtered on the node, parsed here for every engine. */
export interface FactRow {
  readonly table: string;
  readonly fields: readonly string[];
}

/** What the rows say of the node. A row that makes no sense is left out. */
export function nodeFacts(rows: readonly FactRow[]): NodeFacts {
  const littleEndian = isLittleEndian(rows);
  const addresses = new Set<string>();
  const listeners = new Map<string, Listener>();
  const routes: Route[] = [];
  for (const { table, fields } of rows) {
    if (table === 'fib_trie' && fields[0] !== undefined) addresses.add(fields[0]);
    if (table === 'if_inet6') addIfKnown(addresses, ipv6Text(Buffer.from(fields[0] ?? '', 'hex')));
    if (table === 'tcp' || table === 'tcp6') {
      const listener = listenerOf(fields[0] ?? '', littleEndian);
      if (listener !== undefined) listeners.set(`${listener.address} ${listener.port}`, listener);
    }
    if (table === 'route') {
      const route = routeOf(fields, littleEndian);
      if (route !== undefined) routes.push(route);
    }
    if (table === 'ipv6_route') {
      const route = ipv6RouteOf(fields);
      if (route !== undefined) routes.push(route);
    }
  }
  // A node without a single address of its own does not exist: the table could not be read.
  if (addresses.size === 0) return { addresses: undefined, listeners: undefined, routes: undefined };
  return { addresses: [...addresses], listeners: [...listeners.values()], routes };
}

/**
 * The kernel prints addresses as hexadecimal machine words. The loopback address, or a mask, tells which way round;
 * nearly every node is little-endian.
 */
function isLittleEndian(rows: readonly FactRow[]): boolean {
  for (const { table, fields } of rows) {
    if (table === 'tcp' && fields[0]?.startsWith('7F0000')) return false;
    const mask = table === 'route' ? fields[4] : undefined;
    if (mask !== undefined && /^F[0-9A-F]{6}0$/.test(mask) && mask !== 'FFFFFFFF') return false;
  }
  return true;
}

function addIfKnown(addresses: Set<string>, address: string | undefined): void {
  if (address !== undefined) addresses.add(address);
}

function listenerOf(field: string, littleEndian: boolean): Listener | undefined {
  const [hex = '', portHex = ''] = field.split(':');
  const address = kernelAddress(hex, littleEndian);
  const port = Number.parseInt(portHex, 16);
  return address === undefined || Number.isNaN(port) ? undefined : { address, port };
}

function routeOf(fields: readonly string[], littleEndian: boolean): Route | undefined {
  const [name, destination = '', gateway = '', flags = '', mask = ''] = fields;
  const [to, via, netmask] = [destination, gateway, mask].map((hex) => kernelWords(hex, littleEndian));
  if (name === undefined || to?.length !== 4 || via?.length !== 4 || netmask?.length !== 4) return undefined;
  if ((Number.parseInt(flags, 16) & isUp) === 0) return undefined;
  const prefixLength = [...netmask].reduce((bits, byte) => bits + byte.toString(2).replaceAll('0', '').length, 0);
  const gatewayText = via.join('.');
  return {
    destination: to.join('.'),
    prefixLength,
    gateway: gatewayText === '0.0.0.0' ? undefined : gatewayText,
    interface: name,
  };
}

/** Flags of linux/route.h and linux/ipv6_route.h. */
const isUp = 0x1;
/** Refused (RTF_REJECT), announced (RTF_ANYCAST), remembered of one address (RTF_CACHE), the node's own (RTF_LOCAL). */
const noWayOut = 0x200 | 0x100000 | 0x1000000 | 0x80000000;

function ipv6RouteOf(fields: readonly string[]): Route | undefined {
  const [name, destination = '', length = '', gateway = '', flagsText = ''] = fields;
  const [to, via] = [destination, gateway].map((hex) => ipv6Text(Buffer.from(hex, 'hex')));
  const [prefixLength, flags] = [length, flagsText].map((hex) => Number.parseInt(hex, 16));
  if (name === undefined || to === undefined || prefixLength === undefined || prefixLength > 128) return undefined;
  if (flags === undefined || (flags & isUp) === 0 || (flags & noWayOut) !== 0 || destination.startsWith('ff')) return;
  return { destination: to, prefixLength, gateway: via === '::' ? undefined : via, interface: name };
}
