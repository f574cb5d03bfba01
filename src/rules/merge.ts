import type { PortSet } from '../model/port-set.js';
import { type Block, coverOf } from './cover.js';
import { compareAddresses, Places } from './places.js';
import { type Content, Profiles } from './profiles.js';
import type { Party, ProposedRule, Purpose } from './request.js';

/**
 * Gathers what has to be let through, pair by pair, and merges it into rules that together open exactly that: what several
 * flows ask for is asked for once, naming all of them.
 */
export class RuleMerger {
  readonly #places = new Places();
  readonly #profiles = new Profiles();
  readonly #purposes: Purpose[] = [];
  readonly #purposeIds = new Map<Purpose, number>();
  /** By source, then by destination. */
  readonly #rows = new Map<number, number[]>();

  /** Asks for a flow's ports between two addresses; between an address and itself there is nothing to ask for. */
  add(source: Party, destination: Party, ports: PortSet, purpose: Purpose): void {
    const from = this.#places.idOf(source);
    const to = this.#places.idOf(destination);
    if (from === to || ports.length === 0) return;
    let row = this.#rows.get(from);
    if (row === undefined) {
      row = [];
      this.#rows.set(from, row);
    }
    row[to] = this.#profiles.extend(row[to] ?? 0, this.#profiles.demand(this.#purposeId(purpose), ports));
  }

  /** The rules, in the order of their purposes, ports and addresses: the same wants give the same text. */
  rules(): readonly ProposedRule[] {
    return [...this.#relations()]
      .map(([id, relation]) => ({ content: this.#profiles.content(id), blocks: coverOf(relation) }))
      .sort((a, b) => compareContents(a.content, b.content))
      .flatMap(({ blocks, content }) => blocks.map((block) => this.#rule(block, content)).sort(compareEnds));
  }

  #purposeId(purpose: Purpose): number {
    let id = this.#purposeIds.get(purpose);
    if (id === undefined) {
      id = this.#purposes.push(purpose) - 1;
      this.#purposeIds.set(purpose, id);
    }
    return id;
  }

  /** By content: which source wants it of which destinations. */
  #relations(): ReadonlyMap<number, Map<number, number[]>> {
    const relations = new Map<number, Map<number, number[]>>();
    for (const [source, row] of this.#rows) {
      const wanted = new Map<number, number[]>();
      // Ascending, and what was never asked for is left out.
      row.forEach((profile, destination) => {
        for (const content of this.#profiles.contentsOf(profile)) {
          const destinations = wanted.get(content);
          if (destinations === undefined) wanted.set(content, [destination]);
          else destinations.push(destination);
        }
      });
      for (const [content, destinations] of wanted) {
        const relation = relations.get(content);
        if (relation === undefined) relations.set(content, new Map([[source, destinations]]));
        else relation.set(source, destinations);
      }
    }
    return relations;
  }

  #rule({ sources, destinations }: Block, { ports, purposes }: Content): ProposedRule {
    return {
      sources: this.#places.places(sources),
      destinations: this.#places.places(destinations),
      ports,
      purposes: purposes.map((id) => this.#purposes[id]!),
    };
  }
}

function compareContents(a: Content, b: Content): number {
  const at = a.purposes.findIndex((purpose, index) => purpose !== b.purposes[index]);
  if (at !== -1) return a.purposes[at]! - (b.purposes[at] ?? -1);
  return a.purposes.length - b.purposes.length || a.ports[0]![0] - b.ports[0]![0] || a.ports[0]![1] - b.ports[0]![1];
}

function compareEnds(a: ProposedRule, b: ProposedRule): number {
  return (
    compareAddresses(a.destinations[0]!.address, b.destinations[0]!.address) ||
    compareAddresses(a.sources[0]!.address, b.sources[0]!.address)
  );
}
