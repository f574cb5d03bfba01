import { isIP } from 'node:net';
import { isOwnAddress } from '../model/addresses.js';
import { compactNames } from '../model/compact-names.js';
import type { Member } from '../model/inventory.js';
import { causeAlone } from '../model/listening.js';
import type { Observations } from '../model/observation.js';

/** Clocks that differ by more are worth a line: TLS, Kerberos and clusters' leases mind. */
const mostSkewMs = 1000;

/** What nodes say of themselves that no check asks about: sentences, by host. */
export function nodeNotes(
  members: ReadonlyMap<string, Member>,
  observations: Observations,
): ReadonlyMap<string, readonly string[]> {
  const notes = new Map<string, string[]>();
  const add = (host: string, note: string) => notes.set(host, [...(notes.get(host) ?? []), note]);
  for (const [host, record] of observations.listeners ?? []) {
    const skew = record.settings?.clockSkew;
    if (skew !== undefined && Math.abs(skew.ms) - skew.uncertaintyMs > mostSkewMs)
      add(
        host,
        `the clock is ${(Math.abs(skew.ms) / 1000).toFixed(1)} s ${skew.ms > 0 ? 'ahead of' : 'behind'} the controller’s`,
      );
    if (record.withoutRoot !== undefined)
      add(host, `temporary listeners run without root: ${causeAlone(record.withoutRoot)}`);
    if (record.error !== undefined) add(host, `temporary listeners: ${causeAlone(record.error)}`);
  }
  for (const member of members.values()) {
    if (member.kind !== 'host') continue;
    const own = observations.vantages.get(member.name)?.facts.addresses;
    for (const address of [member.address, ...member.addresses.values()])
      if (isIP(address) !== 0 && isOwnAddress(address, own) === false)
        add(
          member.name,
          `${address}, as the inventory has it, is none of its own addresses: it is translated on the way (NAT), or wrong`,
        );
  }
  for (const [note, hosts] of differingNames(observations)) for (const host of hosts) add(host, note);
  return notes;
}

/** Names that not every node resolves alike. */
function differingNames({ targets }: Observations): ReadonlyMap<string, readonly string[]> {
  const byName = new Map<string, Map<string, string[]>>();
  for (const [host, ofHost] of targets)
    for (const { addresses, target } of ofHost.values()) {
      if (isIP(target) !== 0 || addresses.length === 0) continue;
      const text = addresses
        .map(({ address }) => address)
        .sort()
        .join(', ');
      const answers = byName.get(target) ?? new Map<string, string[]>();
      byName.set(target, answers);
      answers.set(text, [...(answers.get(text) ?? []), host]);
    }
  const notes = new Map<string, readonly string[]>();
  for (const [name, answers] of byName) {
    if (answers.size < 2) continue;
    const each = [...answers].map(([text, hosts]) => `${text} on ${compactNames(hosts).join(', ')}`);
    notes.set(`${name} is not the same everywhere: ${each.join('; ')}`, [...answers.values()].flat());
  }
  return notes;
}
