// How hard a run may press on what it probes. docs/pacing.md says where the figures come from.

/**
 * Connects per second to one destination, of all vantages together. A silent connect sends up to three SYNs within the
 * timeout: 1,500 a second stay below what the usual firewalls take for a flood, 2,000 (FortiGate) and 2,048 (Juniper SRX).
 * Closed connections stay in Linux's connection table for 120 s: 60,000 of them fit into its 65,536 entries.
 */
export const destinationRate = 500;

/** Of the run's and of each destination's rate, what dialogues may use where there are any. */
export const dialoguePart = 0.1;

/** A vantage's first connects per second, and how long until it may make twice as many. */
export const firstRate = 50;
export const doublingMs = 250;

/** What a vantage that has been sweeping for so long may send, in connects per second, where `rate` is its limit. */
export function slowStartRate(rate: number, sweepingMs: number): number {
  return Math.min(rate, firstRate * 2 ** Math.floor(sweepingMs / doublingMs));
}

/** How many seconds a sweep at `rate` takes longer for its slow start; 0 where `rate` is below the first. */
export function slowStartDelay(rate: number): number {
  let missed = 0;
  for (let elapsed = 0; slowStartRate(rate, elapsed) < rate; elapsed += doublingMs)
    missed += ((rate - slowStartRate(rate, elapsed)) * doublingMs) / 1000;
  return rate > 0 ? missed / rate : 0;
}

/**
 * OpenSSH from 9.8 on refuses a source whose connections ended before authentication, 1 s for each, once that comes to
 * 15 s (sshd_config(5), PerSourcePenalties). Ten stay below it whatever else the source did, and are few in fail2ban's eyes.
 */
export const preAuthConnections = 10;
export const preAuthWindowMs = 15_000;
/** A connection ends later than it began, some later than others: ten that begin must not end together with the next ten. */
export const preAuthMarginMs = 1000;

/** How many seconds so many connections to one sshd take. */
export function preAuthSeconds(connections: number): number {
  const windows = Math.max(0, Math.ceil(connections / preAuthConnections) - 1);
  return (windows * (preAuthWindowMs + preAuthMarginMs)) / 1000;
}
