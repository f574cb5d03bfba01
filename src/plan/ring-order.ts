import type { Check, Plan } from '../model/plan.js';

const knownPlaces = new WeakMap<Plan['members'], ReadonlyMap<string, number>>();

function placesOf(members: Plan['members']): ReadonlyMap<string, number> {
  let places = knownPlaces.get(members);
  if (places === undefined) {
    places = new Map([...members.keys()].map((name, place) => [name, place]));
    knownPlaces.set(members, places);
  }
  return places;
}

/**
 * The targets of one source, beginning with the member behind the source itself and going round. Every vantage tries its
 * probes in the same order, and so no two of a mesh are at one destination at the same place of it.
 */
export function inRingOrder(
  byTarget: ReadonlyMap<string, readonly Check[]>,
  source: string,
  members: Plan['members'],
): readonly (readonly [target: string, checks: readonly Check[]])[] {
  const places = placesOf(members);
  const own = places.get(source) ?? 0;
  const distance = (checks: readonly Check[]) => {
    const place = places.get(checks[0]!.to.name) ?? 0;
    return place > own ? place - own : place - own + places.size;
  };
  return [...byTarget]
    .map(([target, checks]) => ({ target, checks, after: distance(checks) }))
    .sort((a, b) => a.after - b.after)
    .map(({ target, checks }) => [target, checks]);
}
