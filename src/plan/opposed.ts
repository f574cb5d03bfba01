import { ExpectedError } from '../model/errors.js';
import type { Check } from '../model/plan.js';
import { formatPorts, intersectPorts, type PortSet } from '../model/port-set.js';
import type { Expectation } from '../model/scenario.js';

interface Opposition {
  readonly first: Check;
  readonly second: Check;
  readonly ports: PortSet;
  pairs: number;
}

/** Collects checks that expect the opposite of one source, target and port, and refuses the plan that has any. */
export class Oppositions {
  readonly #byFlows = new Map<string, Opposition>();

  /** Takes all checks of one source and target. */
  add(checks: readonly Check[]): void {
    if (!checks.some((check) => isDenial(check.expect))) return;
    for (const [i, first] of checks.entries()) {
      for (const second of checks.slice(i + 1)) {
        if (!areOpposed(first, second)) continue;
        const ports = intersectPorts(first.ports, second.ports);
        if (ports.length > 0) this.#note(first, second, ports);
      }
    }
  }

  /** Throws an {@link ExpectedError} that names every two flows. */
  refuse(): void {
    if (this.#byFlows.size === 0) return;
    throw new ExpectedError([...this.#byFlows.values()].map(sentence).join('\n'));
  }

  #note(first: Check, second: Check, ports: PortSet): void {
    const flows = `${flowName(first)} ${flowName(second)}`;
    const known = this.#byFlows.get(flows);
    if (known === undefined) this.#byFlows.set(flows, { first, second, ports, pairs: 1 });
    else known.pairs++;
  }
}

export function isDenial(expect: Expectation): boolean {
  return expect === 'closed' || expect === 'filtered';
}

// Where one of several ports or hosts will do, none of them in particular is expected to answer.
function isAnyOf({ flow: { flow } }: Check): boolean {
  return flow.match.ports === 'any' || flow.match.hosts === 'any';
}

/** A refusal satisfies `reachable` and `closed` alike; nothing satisfies the other combinations. */
function areOpposed(first: Check, second: Check): boolean {
  if (isAnyOf(first) || isAnyOf(second)) return false;
  const expectations = [first.expect, second.expect];
  const denial = expectations.find(isDenial);
  const grant = expectations.find((expect) => !isDenial(expect));
  return denial !== undefined && grant !== undefined && !(grant === 'reachable' && denial === 'closed');
}

function sentence({ first, second, ports, pairs }: Opposition): string {
  const more = pairs === 1 ? '' : ` (and so for ${pairs - 1} more ${pairs === 2 ? 'pair' : 'pairs'})`;
  const { from, to, target } = first;
  return (
    `flows ${flowName(first)} and ${flowName(second)} expect the opposite of ${from.name} -> ${to.name} (${target}) ` +
    `port ${formatPorts(ports)}: ${first.expect} and ${second.expect}${more}; ` +
    'change one of them, exclude the port from it, or give it a "when" that leaves these hosts out'
  );
}

function flowName({ flow }: Check): string {
  return `${flow.scenario}/${flow.flow.id}`;
}
