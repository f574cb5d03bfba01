import { getsThrough } from '../model/answerer.js';
import type { Answer } from '../model/observation.js';
import { countPorts, formatPorts, type PortSet, portSet } from '../model/port-set.js';
import type { SweepEvent } from '../model/sweep.js';

/** Engines say what came in once a second, and look up once a second where nothing comes. */
const reportMs = 2500;
/** One port that answers no more may be a service that hangs. */
const leastAnswered = 2;
/** Fewer silent ports at the end are chance, or a rule. */
const leastSilent = 20;
/** So many ports that had answered are tried again. */
const mostKnown = 3;

type Silence = Extract<Answer, { kind: 'silence' }>;

interface Told {
  readonly atMs: number;
  readonly ports: PortSet;
  readonly answer: Silence;
}

interface Watched {
  readonly target: string;
  readonly address: string;
  answered: number;
  answeredAtMs: number;
  /** Single ports that have answered. */
  readonly known: number[];
  silences: Told[];
}

/** An address that answered, and then did not any more. */
export interface Suspect {
  readonly target: string;
  readonly address: string;
  readonly known: PortSet;
  /** What was silent since its last answer, as it was told. */
  readonly silences: readonly { readonly ports: PortSet; readonly answer: Silence }[];
  readonly detail: string;
}

/**
 * Notices where answers stop for good in the middle of a sweep: a gateway may ban whoever connects too fast, and from then
 * on everything looks filtered. Whether it is so, ports that had answered before say when they are tried again.
 */
export class BanWatch {
  readonly #timeoutMs: number;
  readonly #addresses = new Map<string, Watched>();

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
  }

  note(target: string, event: Extract<SweepEvent, { type: 'answers' }>, atMs: number): void {
    const { address, answer, ports } = event;
    // ICMP messages are few a second whatever the pace: that they stop says nothing.
    if (answer.kind !== 'silence' && !getsThrough(answer, address)) return;
    const key = `${target} ${address}`;
    let watched = this.#addresses.get(key);
    if (watched === undefined) {
      watched = { target, address, answered: 0, answeredAtMs: 0, known: [], silences: [] };
      this.#addresses.set(key, watched);
    }
    if (answer.kind === 'silence') {
      watched.silences.push({ atMs, ports, answer });
      return;
    }
    watched.answered += countPorts(ports);
    watched.answeredAtMs = atMs;
    const [first] = ports;
    if (first !== undefined && watched.known.length < mostKnown) watched.known.push(first[0]);
    watched.silences = watched.silences.filter((told) => this.#isLater(told, watched));
  }

  suspects(): readonly Suspect[] {
    const suspects: Suspect[] = [];
    for (const watched of this.#addresses.values()) {
      const { target, address, answered, known } = watched;
      const silences = watched.silences.filter((told) => this.#isLater(told, watched));
      const silent = silences.reduce((sum, { ports }) => sum + countPorts(ports), 0);
      if (answered < leastAnswered || silent < leastSilent) continue;
      const ports = portSet(known.map((port) => [port, port]));
      const detail =
        `${answered} ports answered and then none any more, nor when tried again slowly those that had (${formatPorts(ports)}):` +
        ' something shuts out who connects too fast, or the host went down';
      suspects.push({ target, address, known: ports, silences, detail });
    }
    return suspects;
  }

  /** What is settled is not looked at again. */
  forget({ target, address }: Suspect): void {
    const watched = this.#addresses.get(`${target} ${address}`);
    if (watched !== undefined) watched.silences = [];
  }

  /** Silence is told after its time, and was sent before it. */
  #isLater({ atMs }: Told, { answeredAtMs }: Watched): boolean {
    return atMs - this.#timeoutMs >= answeredAtMs - reportMs;
  }
}
