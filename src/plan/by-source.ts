import type { Check, ControlProbe, Plan } from '../model/plan.js';

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

/** The checks of one source by target, as the inventory writes it: what goes to one text is one destination on the wire. */
export function checksByTarget(flows: Plan['flows'], source: string): ReadonlyMap<string, readonly Check[]> {
  const byTarget = new Map<string, Check[]>();
  for (const { checks } of flows) {
    for (const check of checks.ofSource(source)) {
      const others = byTarget.get(check.target);
      if (others === undefined) byTarget.set(check.target, [check]);
      else others.push(check);
    }
  }
  return byTarget;
}
