import ipaddr from 'ipaddr.js';
import type { Route } from '../model/observation.js';

/** The interface and gateway by which the longest matching prefix sends packets to an IPv4 address. */
export function routeKey(routes: readonly Route[], address: string): string | undefined {
  if (!ipaddr.IPv4.isValid(address)) return undefined;
  const wanted = ipaddr.IPv4.parse(address);
  let best: Route | undefined;
  for (const route of routes) {
    if (best !== undefined && route.prefixLength <= best.prefixLength) continue;
    if (!ipaddr.IPv4.isValid(route.destination)) continue;
    if (wanted.match(ipaddr.IPv4.parse(route.destination), route.prefixLength)) best = route;
  }
  return best === undefined ? undefined : `${best.interface} ${best.gateway ?? 'direct'}`;
}
