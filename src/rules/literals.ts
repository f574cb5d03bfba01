import type { Place, ProposedRule } from './request.js';
import { familyOf } from './request.js';

/** The part of a rule that a filter can be told: literal addresses of one family. */
export interface LiteralPart {
  readonly family: 4 | 6;
  readonly sources: readonly string[];
  readonly destinations: readonly string[];
}

/** What of a rule a filter can be told at once. Between the families nothing passes, so nothing is lost by parting them. */
export function literalParts({ destinations, sources }: ProposedRule): readonly LiteralPart[] {
  return ([4, 6] as const)
    .map((family) => ({ family, sources: literals(sources, family), destinations: literals(destinations, family) }))
    .filter((part) => part.sources.length > 0 && part.destinations.length > 0);
}

export function literals(places: readonly Place[], family: 4 | 6): readonly string[] {
  return places.map(({ address }) => address).filter((address) => familyOf(address) === family);
}

/** Sentences on what of a rule is left out where only addresses will do. */
export function unresolved(places: readonly Place[], end: 'source' | 'destination'): readonly string[] {
  const names = places.filter(({ address }) => familyOf(address) === undefined);
  return names.map(
    ({ address, names: called }) =>
      `left out, the ${end} ${[...new Set([address, ...called])].join(', ')}: a name, which has to be resolved first`,
  );
}

/** The same of both ends. */
export function unresolvedEnds({ destinations, sources }: ProposedRule): readonly string[] {
  return [...unresolved(sources, 'source'), ...unresolved(destinations, 'destination')];
}
