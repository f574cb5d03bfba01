/** The lab's IPv6 address beside an IPv4 one: `fd00:10:10:0::11` for 10.10.0.11, in RFC 5952's form `fd00:10:10::11`. */
export function ipv6Of(address: string): string {
  const [a, b, c, d] = address.split('.');
  return c === '0' ? `fd00:${a}:${b}::${d}` : `fd00:${a}:${b}:${c}::${d}`;
}

/** The network of an IPv4 subnet's first 24 bits, `10.10.0`. */
export function ipv6Network(prefix: string): string {
  return `fd00:${prefix.replaceAll('.', ':')}::/64`;
}
