import ipaddr from 'ipaddr.js';
import type { Route } from '../model/observation.js';

/**
 * The interface and gateway by which the longest matching prefix sends packets to an address; of equal prefixes the
 * kernel lists the preferred one first.
 */
export function routeKey(routes: readonly Route[], address: string): string | undefined {
  if (!ipaddr.isValid(address)) return undefined;
  const wanted = ipaddr.process(address);
  // Every interface has the same link-local network: which one is meant only the zone could say.
  if (wanted.range() === 'linkLocal') return undefined;
  let best: Route | undefined;
  for (const route of routes) {
    if (best !== undefined && route.prefixLength <= best.prefixLength) continue;
    if (!ipaddr.isValid(route.destination)) continue;
    const destination = ipaddr.parse(route.destination);
    if (destination.kind() === wanted.kind() && wanted.match(destination, route.prefixLength)) best = route;
  }
  return best === undefined ? undefined : `${best.interface} ${best.gateway ?? 'direct'}`;
}
