import { noPorts, type PortInterval, type PortSet, subtractPorts } from './port-set.js';

const leastCapacity = 4;

/**
 * A union that grows by many small sets. An interval takes four bytes, where an array of two numbers takes some sixty: a
 * mesh of 30 nodes gathers half a million of them at once. Put in order only when its room is full.
 */
export class PortUnion {
  /** Each `first << 16 | last`, which sorts by the first port. */
  #intervals = new Uint32Array(leastCapacity);
  #length = 0;

  add(ports: PortSet): void {
    for (const [first, last] of ports) {
      if (this.#length === this.#intervals.length) this.#makeRoom();
      this.#intervals[this.#length++] = first * 65_536 + last;
    }
  }

  remove(ports: PortSet): void {
    const left = subtractPorts(this.ports(), ports);
    this.#length = 0;
    this.add(left);
  }

  ports(): PortSet {
    if (this.#length === 0) return noPorts;
    this.#compact();
    return Array.from(
      this.#intervals.subarray(0, this.#length),
      (interval): PortInterval => [interval >>> 16, interval & 65_535],
    );
  }

  #makeRoom(): void {
    this.#compact();
    // A set that does not shrink must not be sorted at every addition.
    if (this.#length * 2 <= this.#intervals.length) return;
    const larger = new Uint32Array(this.#intervals.length * 2);
    larger.set(this.#intervals);
    this.#intervals = larger;
  }

  #compact(): void {
    const intervals = this.#intervals.subarray(0, this.#length).sort();
    let kept = 0;
    let end = -2;
    for (const interval of intervals) {
      const last = interval & 65_535;
      if (interval >>> 16 > end + 1) {
        intervals[kept++] = interval;
        end = last;
      } else if (last > end) {
        intervals[kept - 1] = (intervals[kept - 1]! & 0xffff_0000) | last;
        end = last;
      }
    }
    this.#length = kept;
  }
}
