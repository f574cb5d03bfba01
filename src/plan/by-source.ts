import type { Check, ControlProbe, Plan, PlannedFlow } from '../model/plan.js';

/** The checks of one source, in the plan's order, as stretches of its flows' lists. */
type Stretch = { readonly checks: readonly Check[]; readonly start: number; end: number };

export type ChecksBySource = ReadonlyMap<string, readonly Stretch[]>;

const known = new WeakMap<readonly PlannedFlow[], ChecksBySource>();

const knownControls = new WeakMap<Plan['controls'], ReadonlyMap<string, readonly ControlProbe[]>>();

/** The controls of each source; made once a plan. */
export function controlsBySource(controls: Plan['controls']): ReadonlyMap<string, readonly ControlProbe[]> {
  const made = knownControls.get(controls);
  if (made !== undefined) return made;
  const index = new Map<string, ControlProbe[]>();
  for (const control of controls) {
    const others = index.get(control.from);
    if (others === undefined) index.set(control.from, [control]);
    else others.push(control);
  }
  knownControls.set(controls, index);
  return index;
}

/** Finds the checks of each source. A flow's checks lie together by source, so the index is small; made once a plan. */
export function checksBySource(flows: Plan['flows']): ChecksBySource {
  let index = known.get(flows);
  if (index === undefined) {
    index = makeIndex(flows);
    known.set(flows, index);
  }
  return index;
}

/** The checks of one source by target, as the inventory writes it: what goes to one text is one destination on the wire. */
export function checksByTarget(index: ChecksBySource, source: string): ReadonlyMap<string, readonly Check[]> {
  const byTarget = new Map<string, Check[]>();
  for (const { checks, start, end } of index.get(source) ?? []) {
    for (let i = start; i < end; i++) {
      const check = checks[i]!;
      const others = byTarget.get(check.target);
      if (others === undefined) byTarget.set(check.target, [check]);
      else others.push(check);
    }
  }
  return byTarget;
}

function makeIndex(flows: Plan['flows']): ChecksBySource {
  const index = new Map<string, Stretch[]>();
  for (const { checks } of flows) {
    let stretch: Stretch | undefined;
    let source: string | undefined;
    for (let i = 0; i < checks.length; i++) {
      const { name } = checks[i]!.from;
      if (name !== source || stretch === undefined) {
        source = name;
        stretch = { checks, start: i, end: i };
        const stretches = index.get(name);
        if (stretches === undefined) index.set(name, [stretch]);
        else stretches.push(stretch);
      }
      stretch.end = i + 1;
    }
  }
  return index;
}
