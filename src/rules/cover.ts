/** Places that are all wanted from the same other places. */
export interface Block {
  readonly sources: readonly number[];
  readonly destinations: readonly number[];
}

/** The destinations of each source, ascending; a source is never among its own. */
export type Relation = ReadonlyMap<number, readonly number[]>;

/**
 * Blocks that cover a relation exactly: each pair lies in one of them, and they hold no other pair but those of a place
 * with itself, which are let in because nothing passes there and a mesh is one block by it. Sources that lead to the same
 * destinations, or destinations reached from the same sources, make a block, whichever needs fewer blocks.
 */
export function coverOf(relation: Relation): readonly Block[] {
  const bySource = alike(relation);
  if (bySource.length === 1) return bySource.map(([sources, destinations]) => ({ sources, destinations }));
  const byDestination = alike(transposed(relation));
  if (byDestination.length < bySource.length)
    return byDestination.map(([destinations, sources]) => ({ sources, destinations }));
  return bySource.map(([sources, destinations]) => ({ sources, destinations }));
}

type Alike = readonly [places: number[], others: readonly number[]];

/** Groups places whose others are the same, each place's own self aside. */
function alike(relation: Relation): readonly Alike[] {
  const candidates = [...relation].map(([place, others]) => {
    const withSelf = inserted(others, place);
    return { place, others, withSelf, key: others.join(), keyWithSelf: withSelf.join() };
  });
  const places = new Map<string, number>();
  for (const { key, keyWithSelf } of candidates)
    for (const each of [key, keyWithSelf]) places.set(each, (places.get(each) ?? 0) + 1);
  const groups = new Map<
    string,
    { readonly members: number[]; readonly shared: readonly number[]; readonly alone: readonly number[] }
  >();
  for (const { key, keyWithSelf, others, place, withSelf } of candidates) {
    const isMesh = places.get(keyWithSelf)! > places.get(key)!;
    const chosen = isMesh ? keyWithSelf : key;
    const group = groups.get(chosen);
    if (group === undefined)
      groups.set(chosen, { members: [place], shared: isMesh ? withSelf : others, alone: others });
    else group.members.push(place);
  }
  return [...groups.values()].map(({ alone, members, shared }) => [members, members.length === 1 ? alone : shared]);
}

function inserted(ascending: readonly number[], place: number): readonly number[] {
  const after = ascending.findIndex((each) => each > place);
  const at = after === -1 ? ascending.length : after;
  return [...ascending.slice(0, at), place, ...ascending.slice(at)];
}

function transposed(relation: Relation): Relation {
  const others = new Map<number, number[]>();
  const ascending = [...relation].sort(([a], [b]) => a - b);
  for (const [source, destinations] of ascending)
    for (const destination of destinations) {
      const sources = others.get(destination);
      if (sources === undefined) others.set(destination, [source]);
      else sources.push(source);
    }
  return others;
}
