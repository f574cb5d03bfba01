import ipaddr from 'ipaddr.js';
import { familyOf, type Party, type Place } from './request.js';

const collator = new Intl.Collator('en', { numeric: true });

/** Addresses as numbers, and by what names they go. */
export class Places {
  readonly #ids = new Map<string, number>();
  readonly #names: Set<string>[] = [];
  readonly #addresses: string[] = [];

  idOf({ address, name }: Party): number {
    let id = this.#ids.get(address);
    if (id === undefined) {
      id = this.#addresses.push(address) - 1;
      this.#ids.set(address, id);
      this.#names.push(new Set());
    }
    this.#names[id]!.add(name);
    return id;
  }

  /** In the order of their addresses: IPv4, IPv6, names. */
  places(ids: readonly number[]): readonly Place[] {
    return ids
      .map((id): Place => ({ address: this.#addresses[id]!, names: [...this.#names[id]!] }))
      .sort((a, b) => compareAddresses(a.address, b.address));
  }
}

export function compareAddresses(a: string, b: string): number {
  const [familyA, familyB] = [familyOf(a) ?? 9, familyOf(b) ?? 9];
  if (familyA !== familyB) return familyA - familyB;
  if (familyA === 9) return collator.compare(a, b) || (a < b ? -1 : 1);
  const [bytesA, bytesB] = [ipaddr.parse(a).toByteArray(), ipaddr.parse(b).toByteArray()];
  const at = bytesA.findIndex((byte, index) => byte !== bytesB[index]);
  return at === -1 ? 0 : bytesA[at]! - bytesB[at]!;
}
