import { isIP } from 'node:net';
import { noPorts, type PortSet, subtractPorts } from '../model/port-set.js';
import { PortUnion } from '../model/port-union.js';
import type { SweepEvent, SweepItem } from '../model/sweep.js';

/** Ports of an item that nothing was said about. Of a name that was not resolved, `address` is the name. */
export interface Remainder {
  readonly item: number;
  readonly address: string;
  readonly ports: PortSet;
}

/** Keeps count of what has been answered, so that what has not can be reported as untried, to the port. */
export class Coverage {
  readonly #items: readonly SweepItem[];
  readonly #addresses = new Map<number, readonly string[]>();
  readonly #answered = new Map<string, PortUnion>();

  constructor(items: readonly SweepItem[]) {
    this.#items = items;
    for (const { id, target } of items) if (isIP(target) !== 0) this.#addresses.set(id, [target]);
  }

  note(event: SweepEvent): void {
    if (event.type === 'resolved') this.#addresses.set(event.item, event.addresses);
    if (event.type === 'name-failure') this.#addresses.set(event.item, []);
    if (event.type === 'unproven') {
      if (event.address === undefined) this.#addresses.delete(event.item);
      else this.#answered.get(`${event.item} ${event.address}`)?.remove(event.ports);
    }
    if (event.type !== 'answers') return;
    // Answers for a name that was never resolved are about the name itself.
    if (!this.#addresses.has(event.item)) this.#addresses.set(event.item, [event.address]);
    const key = `${event.item} ${event.address}`;
    let known = this.#answered.get(key);
    if (known === undefined) {
      known = new PortUnion();
      this.#answered.set(key, known);
    }
    known.add(event.ports);
  }

  /** A name that has not been resolved has a remainder even where it has no ports. */
  remainders(): readonly Remainder[] {
    return this.#items.flatMap(({ id, target, ports }) => {
      const addresses = this.#addresses.get(id);
      if (addresses === undefined) return [{ item: id, address: target, ports }];
      return addresses
        .map((address) => {
          const answered = this.#answered.get(`${id} ${address}`)?.ports() ?? noPorts;
          return { item: id, address, ports: subtractPorts(ports, answered) };
        })
        .filter((remainder) => remainder.ports.length > 0);
    });
  }
}
