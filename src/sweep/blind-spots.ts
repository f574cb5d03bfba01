/**
 * What an engine may be unable to see or to tell apart, by name: the sentence that the report keeps. docs/engines.md and
 * the engines' contract suite are held to this table.
 */
export const blindSpots = {
  'refusal-or-port-unreachable':
    'cannot tell a refusal (RST) from a firewall’s ICMP port-unreachable: both are reported as refused',
  'icmp-type-and-sender':
    'cannot tell who sent an ICMP error, nor its type: host-prohibited, host-unreachable and no route look alike',
  'immediate-errors':
    'cannot tell why a connect failed at once, for want of a route or by the node’s own rules: it is unprobed',
  'self-connect': 'cannot tell a connection that met itself (the node’s own port) from an open port',
  'times-include-the-way-to-the-node': 'times, of connects and of names, include the way to the node and back',
  'no-times': 'measures no times, of connects or of names, nor sees from which address it connected',
  'names-need-getent': 'needs getent to resolve names: without it they are unprobed',
  'failures-unexplained': 'sees only the connects that succeed, not why another one fails: that is unprobed',
  'no-ipv6': 'cannot connect over IPv6: that is unprobed',
  'node-unknown': 'the node’s own addresses, listeners and routes are unknown: nothing could be run on it',
} as const;

export type BlindSpot = keyof typeof blindSpots;

/** In the words of the report. */
export function sentences(names: readonly BlindSpot[]): readonly string[] {
  return names.map((name) => blindSpots[name]);
}
