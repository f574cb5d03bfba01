import type { Member } from '../model/inventory.js';
import { familyOf, type Party, partyOf } from './request.js';

/**
 * Whence a member's packets to an address come, by the inventory: its address on the flow's network, else its own, else
 * any of the same family. Where the inventory knows none, the member's name stands for it.
 */
export function sourceParty(member: Member, target: string, network: string | undefined): Party {
  const family = familyOf(target);
  const { address, addresses, name } = member;
  const onNetwork = network === undefined ? undefined : addresses.get(network);
  const candidates = [onNetwork, address, ...addresses.values()].filter((each) => each !== undefined);
  const fits = (each: string) => [family, undefined].includes(familyOf(each));
  return partyOf(name, family === undefined ? candidates[0]! : (candidates.find(fits) ?? name));
}
