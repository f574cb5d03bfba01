import type { Machine } from './machine.js';

/** How a filter answers what it does not let through. */
export const rejections = ['tcp-reset', 'port-unreachable', 'host-prohibited', 'admin-prohibited'] as const;
export type Rejection = (typeof rejections)[number];

export interface FilterRule {
  /** `20500-20599`, `22,80`, in nft's and Portolan's notation alike; undefined: every port. */
  readonly ports?: string;
  /** `input` by default; `output`: the machine's own packets; `forward`: what a router passes on. */
  readonly chain?: 'input' | 'output' | 'forward';
  /** Both, if left out. */
  readonly family?: 'ipv4' | 'ipv6';
  readonly from?: string;
  readonly to?: string;
  /** Only on this interface, named as the lab's network. */
  readonly network?: string;
}

const statements: Record<Rejection, string> = {
  'tcp-reset': 'reject with tcp reset',
  'port-unreachable': 'reject with icmp type port-unreachable',
  'host-prohibited': 'reject with icmp type host-prohibited',
  'admin-prohibited': 'reject with icmp type admin-prohibited',
};

const table = 'inet lab';

/** Loses TCP packets silently. */
export function drop(machine: Machine, rule: FilterRule): Promise<void> {
  return add(machine, rule, 'drop');
}

/** Lets so many new connections in a second and loses the others, as a firewall does that has enough. */
export function limitSyns(machine: Machine, perSecond: number, network: string): Promise<void> {
  const limit = `limit rate over ${perSecond}/second burst 5 packets`;
  return apply(machine, `add rule ${table} input iifname "${network}" tcp flags syn / syn,ack ${limit} drop`);
}

/** Shuts out for good who opens more connections a second than that, as some gateways do. */
export function banAbove(machine: Machine, perSecond: number, to: string): Promise<void> {
  const limit = `limit rate over ${perSecond}/second burst 5 packets`;
  const matched = `ip daddr ${to} tcp flags syn / syn,ack`;
  return apply(
    machine,
    [
      `add set ${table} banned { type ipv4_addr; flags dynamic,timeout; timeout 1h; }`,
      `add rule ${table} forward ip daddr ${to} ip saddr @banned drop`,
      `add rule ${table} forward ${matched} ${limit} add @banned { ip saddr } drop`,
    ].join('\n'),
  );
}

/** Answers TCP packets instead of letting them through. */
export function reject(machine: Machine, rule: FilterRule, rejection: Rejection): Promise<void> {
  return add(machine, rule, statements[rejection]);
}

/** The codes of ICMPv6's "destination unreachable" (RFC 4443), by nft's names. */
export const ipv6Rejections = {
  'no-route': 0,
  'admin-prohibited': 1,
  'addr-unreachable': 3,
  'port-unreachable': 4,
  'policy-fail': 5,
  'reject-route': 6,
} as const;

/** Answers TCP packets over IPv6 with ICMPv6. */
export function rejectIpv6(machine: Machine, rule: FilterRule, rejection: keyof typeof ipv6Rejections): Promise<void> {
  return add(machine, { ...rule, family: 'ipv6' }, `reject with icmpv6 type ${rejection}`);
}

/** Loses everything, pings included: a host that is there and says nothing. ARP still answers. */
export function silence(machine: Machine, network: string): Promise<void> {
  return apply(machine, `add rule ${table} input iifname "${network}" drop`);
}

let counters = 0;

/** Counts the TCP packets with SYN that match, without touching them. */
export function countSyns(machine: Machine, rule: FilterRule): Promise<() => Promise<number>> {
  return count(machine, rule, 'syn');
}

/** Counts the TCP packets with RST that match, without touching them. */
export function countResets(machine: Machine, rule: FilterRule): Promise<() => Promise<number>> {
  return count(machine, rule, 'rst');
}

async function count(machine: Machine, rule: FilterRule, flag: 'syn' | 'rst'): Promise<() => Promise<number>> {
  counters += 1;
  const name = `packets${counters}`;
  const counting = `${matches(rule)} tcp flags ${flag} counter name ${name}`;
  await apply(machine, `add counter ${table} ${name}\nadd rule ${table} ${rule.chain ?? 'input'} ${counting}`);
  return async () => {
    const listing = await machine.run('nft', ['list', 'counter', 'inet', 'lab', name]);
    const packets = /packets (\d+)/.exec(listing)?.[1];
    if (packets === undefined) throw new Error(`no counter in: ${listing}`);
    return Number(packets);
  };
}

/** Takes every rule of the lab away. */
export function clearFilters(machine: Machine): Promise<void> {
  return apply(machine, `flush table ${table}`);
}

function add(machine: Machine, rule: FilterRule, statement: string): Promise<void> {
  return apply(machine, `add rule ${table} ${rule.chain ?? 'input'} ${matches(rule)} ${statement}`);
}

function matches(rule: FilterRule): string {
  return [
    rule.network === undefined ? '' : `${rule.chain === 'output' ? 'oifname' : 'iifname'} "${rule.network}"`,
    rule.family === undefined ? '' : `meta nfproto ${rule.family}`,
    rule.from === undefined ? '' : `${rule.from.includes(':') ? 'ip6' : 'ip'} saddr ${rule.from}`,
    rule.to === undefined ? '' : `${rule.to.includes(':') ? 'ip6' : 'ip'} daddr ${rule.to}`,
    rule.ports === undefined ? 'meta l4proto tcp' : `tcp dport { ${rule.ports} }`,
  ]
    .filter((match) => match !== '')
    .join(' ');
}

async function apply(machine: Machine, command: string): Promise<void> {
  const chains = ['input', 'output', 'forward'].map(
    (hook) => `add chain ${table} ${hook} { type filter hook ${hook} priority 0; policy accept; }`,
  );
  await machine.run('nft', ['-f', '-'], `add table ${table}\n${chains.join('\n')}\n${command}\n`);
}
