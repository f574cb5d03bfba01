import type { Answer } from '../model/observation.js';
import { countPorts, type PortSet } from '../model/port-set.js';
import type { Seen } from './back-off.js';
import type { Load } from './rate-budget.js';

interface AddressCount {
  lively: boolean;
  /** All that were silent so far. */
  silent: number;
  /** Since the last look. */
  newlySilent: number;
  newlyAnswered: number;
}

/** Counts what one sweep brings, address by address: silence where no service and no RST ever answered says nothing of the rate. */
export class AnswerCount {
  /** How many ports the sweep's first pass covers. */
  expected = 0;
  /** How many ports a service or an RST answered for. */
  heard = 0;
  /** How many of them had been silent. */
  revived = 0;
  readonly #addresses = new Map<string, AddressCount>();
  #answers = 0;
  #revived = 0;
  #starved = 0;

  /** Every port has been answered or given up once: what comes now was silent before. */
  get firstPassOver(): boolean {
    return this.#answers >= this.expected;
  }

  add(address: string, ports: PortSet, answer: Answer): void {
    const number = countPorts(ports);
    const again = this.firstPassOver;
    this.#answers += number;
    if (answer.kind === 'untried') {
      if (answer.cause === 'out-of-sockets') this.#starved += number;
      return;
    }
    if (isOther(answer)) return;
    const count = this.#address(address);
    if (answer.kind === 'silence') {
      count.silent += number;
      count.newlySilent += number;
    } else {
      count.lively = true;
      count.newlyAnswered += number;
      this.heard += number;
      if (again) {
        this.#revived += number;
        this.revived += number;
      }
    }
  }

  /** What came since the last look. */
  take(): Seen & { readonly revived: number } {
    const seen = { answered: 0, silent: 0, starved: this.#starved, revived: this.#revived };
    for (const count of this.#addresses.values()) {
      if (count.lively) {
        seen.answered += count.newlyAnswered;
        seen.silent += count.newlySilent;
      }
      count.newlyAnswered = 0;
      count.newlySilent = 0;
    }
    this.#starved = 0;
    this.#revived = 0;
    return seen;
  }

  /** Where the re-probes go: engines try silence again only where the address answered something. */
  get silentLoad(): Load {
    const silent = [...this.#addresses].filter(([, count]) => count.lively && count.silent > 0);
    const total = silent.reduce((sum, [, count]) => sum + count.silent, 0);
    return new Map(silent.map(([address, count]) => [address, count.silent / total]));
  }

  #address(address: string): AddressCount {
    let count = this.#addresses.get(address);
    if (count === undefined) {
      count = { lively: false, silent: 0, newlySilent: 0, newlyAnswered: 0 };
      this.#addresses.set(address, count);
    }
    return count;
  }
}

/** Linux sends few ICMP answers a second: what rejects a range falls silent whatever the rate, and that is no congestion. */
function isOther(answer: Answer): boolean {
  return answer.kind === 'error' && (answer.errno !== 'ECONNREFUSED' || answer.icmp !== undefined);
}
