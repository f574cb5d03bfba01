import ipaddr from 'ipaddr.js';

/**
 * Says which family of addresses a node's resolver leaves out of every name, because the node has no address of it
 * (AI_ADDRCONFIG, getaddrinfo(3): the loopback address does not count). Nothing is said where its addresses are unknown.
 */
export function leftOutFamilies(addresses: readonly string[] | undefined): string[] {
  if (addresses === undefined) return [];
  const families = new Set(
    addresses
      .map((address) => ipaddr.parse(address))
      .filter((address) => address.range() !== 'loopback')
      .map((address) => address.kind()),
  );
  // Without either, the resolver leaves nothing out.
  if (families.size !== 1) return [];
  const [lacking, other] = families.has('ipv4') ? ['IPv6', 'IPv4'] : ['IPv4', 'IPv6'];
  return [
    `has no ${lacking} address: of the names that it probes, only the ${other} addresses were asked for and tried`,
  ];
}
