import { formatPorts, intersectPorts, type PortSet, subtractPorts, unionPorts } from '../model/port-set.js';

/** Ports that are wanted for the same purposes, by their numbers. */
export interface Content {
  readonly purposes: readonly number[];
  readonly ports: PortSet;
}

/**
 * All that flows ask of a pair of addresses, as a number: most pairs of a mesh are asked for the same, and a million of
 * them are told apart by comparing numbers. 0 asks for nothing.
 */
export class Profiles {
  readonly #demands: Content[] = [];
  readonly #demandIds = new Map<string, number>();
  readonly #portsText = new WeakMap<PortSet, string>();
  readonly #profiles: (readonly number[])[] = [[]];
  readonly #profileIds = new Map<string, number>([['', 0]]);
  readonly #successors: Map<number, number>[] = [new Map()];
  readonly #contentIds = new Map<string, number>();
  readonly #contents: Content[] = [];
  readonly #contentsOf: (readonly number[] | undefined)[] = [];

  /** What a flow asks for, as a number to be given to `extend`. */
  demand(purpose: number, ports: PortSet): number {
    let text = this.#portsText.get(ports);
    if (text === undefined) {
      text = formatPorts(ports);
      this.#portsText.set(ports, text);
    }
    return internIn(this.#demandIds, this.#demands, `${purpose} ${text}`, { purposes: [purpose], ports });
  }

  /** The profile that asks for a demand too. */
  extend(profile: number, demand: number): number {
    const successors = this.#successors[profile]!;
    let next = successors.get(demand);
    if (next === undefined) {
      const demands = [...new Set([...this.#profiles[profile]!, demand])].sort((a, b) => a - b);
      next = internIn(this.#profileIds, this.#profiles, demands.join(), demands);
      this.#successors[next] ??= new Map();
      successors.set(demand, next);
    }
    return next;
  }

  /** The contents of a profile, as numbers: no two share a port, or have the same purposes. */
  contentsOf(profile: number): readonly number[] {
    const known = this.#contentsOf[profile];
    if (known !== undefined) return known;
    const demands = this.#profiles[profile]!.map((demand) => this.#demands[demand]!);
    const contents = split(demands).map((content) =>
      internIn(this.#contentIds, this.#contents, `${content.purposes} ${formatPorts(content.ports)}`, content),
    );
    this.#contentsOf[profile] = contents;
    return contents;
  }

  content(id: number): Content {
    return this.#contents[id]!;
  }
}

function internIn<T>(ids: Map<string, number>, values: T[], key: string, value: T): number {
  const known = ids.get(key);
  if (known !== undefined) return known;
  ids.set(key, values.length);
  return values.push(value) - 1;
}

/** Parts demands that overlap: what several purposes share is one content of all of them. */
function split(demands: readonly Content[]): readonly Content[] {
  let parts: readonly Content[] = [];
  for (const { ports, purposes } of demands) {
    const rest = parts.reduce((left, part) => subtractPorts(left, part.ports), ports);
    parts = [
      ...parts.flatMap((part) => [
        { ports: intersectPorts(part.ports, ports), purposes: [...new Set([...part.purposes, ...purposes])] },
        { ports: subtractPorts(part.ports, ports), purposes: part.purposes },
      ]),
      { ports: rest, purposes },
    ].filter((part) => part.ports.length > 0);
  }
  const byPurposes = new Map<string, Content>();
  for (const part of parts) {
    const purposes = [...part.purposes].sort((a, b) => a - b);
    const key = purposes.join();
    byPurposes.set(key, { purposes, ports: unionPorts(byPurposes.get(key)?.ports ?? [], part.ports) });
  }
  return [...byPurposes.values()];
}
