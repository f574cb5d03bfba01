import type { Host } from '../model/inventory.js';
import {
  destinationRate,
  dialoguePart,
  preAuthConnections,
  preAuthSeconds,
  preAuthWindowMs,
  slowStartDelay,
} from '../model/pacing.js';
import type { Plan } from '../model/plan.js';
import { proxyTo } from '../model/proxy.js';
import { sshdOf } from '../model/sshd.js';

const proxyRate = destinationRate * dialoguePart;

export interface PlanRates {
  /** Connects per second per vantage; 0 is unlimited. */
  readonly rate: number;
  /** Connects per second of the whole run; 0 is unlimited. */
  readonly totalRate: number;
}

export interface Estimate {
  readonly seconds: number;
  /** What takes the longest, as a clause, where it is not the rates that the command line sets. */
  readonly heldBy: string | undefined;
}

/** How long a plan takes at least, by the limit that takes the longest; retries come on top. Not for `--rate 0`. */
export function estimate(plan: Plan, { rate, totalRate }: PlanRates): Estimate {
  const ofVantage = most(plan.probesBySource).number / rate + slowStartDelay(rate);
  const ofRun = totalRate === 0 ? 0 : plan.probes / totalRate;
  const destination = most(plan.probesByTarget);
  const ofDestination = destination.number / destinationRate;
  const sshd = most(sshConnections(plan));
  const ofSshd = preAuthSeconds(sshd.number);
  const proxy = most(proxyConnections(plan));
  const ofProxy = proxy.number / proxyRate;
  const seconds = Math.max(ofVantage, ofRun, ofDestination, ofSshd, ofProxy);
  if (seconds === 0 || seconds === ofVantage || seconds === ofRun) return { seconds, heldBy: undefined };
  if (seconds === ofProxy)
    return {
      seconds,
      heldBy: `the proxy ${proxy.name} gets ${proxyRate} connections per second, from all vantages together`,
    };
  const heldBy =
    seconds === ofDestination
      ? `${destination.name} gets no more than ${destinationRate} per second, from all vantages together`
      : `the sshd at ${sshd.name} gets ${preAuthConnections} connections in ${preAuthWindowMs / 1000} s, and ${sshd.number} are planned`;
  return { seconds, heldBy };
}

/** How many connections each HTTP proxy is asked for: each is a dialogue with it. */
function proxyConnections({ members, probesByTarget }: Plan): ReadonlyMap<string, number> {
  const proxies = new Map<string, string>();
  for (const member of members.values()) {
    const via = proxyTo(member);
    if (via === undefined) continue;
    for (const address of [member.address, ...member.addresses.values()]) proxies.set(address, via.authority);
  }
  const connections = new Map<string, number>();
  for (const [address, authority] of proxies)
    connections.set(authority, (connections.get(authority) ?? 0) + (probesByTarget.get(address) ?? 0));
  return connections;
}

/** How many connections each sshd gets, logins and probes of its port. */
function sshConnections(plan: Plan): ReadonlyMap<string, number> {
  const connections = new Map(plan.probesBySshd);
  for (const member of plan.members.values()) {
    if (member.kind !== 'host' || !isLoggedInTo(member)) continue;
    const sshd = sshdOf(member);
    connections.set(sshd, (connections.get(sshd) ?? 0) + 1);
  }
  return connections;
}

/** Other transports do not ask an sshd. */
export function isLoggedInTo({ transport }: Host): boolean {
  return transport !== 'local' && transport !== 'command';
}

function most(counts: ReadonlyMap<string, number>): { readonly name: string; readonly number: number } {
  let found = { name: '', number: 0 };
  for (const [name, number] of counts) if (number > found.number) found = { name, number };
  return found;
}

/** `1 d 3 h`, `2 min 5 s`, `under 1 s`: the two largest units that matter. */
export function durationText(seconds: number): string {
  if (seconds < 1) return 'under 1 s';
  const whole = Math.ceil(seconds);
  const parts = [
    [Math.floor(whole / 86_400), 'd'],
    [Math.floor(whole / 3600) % 24, 'h'],
    [Math.floor(whole / 60) % 60, 'min'],
    [whole % 60, 's'],
  ] as const;
  const first = parts.findIndex(([value]) => value > 0);
  return parts
    .slice(first, first + 2)
    .filter(([value]) => value > 0)
    .map(([value, unit]) => `${value} ${unit}`)
    .join(' ');
}
