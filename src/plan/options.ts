import type { DialogueTraits } from '../model/dialogue.js';

/** Which part of the plan is wanted; within one list one match is enough, and an empty list wants everything. */
export interface PlanFilters {
  /** HOST or ROLE. */
  readonly from: readonly string[];
  /** HOST, ROLE or ENDPOINT. */
  readonly to: readonly string[];
  /** FLOW or SCENARIO/FLOW. */
  readonly flow: readonly string[];
}

export const noFilters: PlanFilters = { from: [], to: [], flow: [] };

export function isFiltered({ from, to, flow }: PlanFilters): boolean {
  return from.length + to.length + flow.length > 0;
}

/** At most so many ports of each range; the same seed picks the same ones. */
export interface Sample {
  readonly ports: number;
  readonly seed: number;
}

export interface PlanOptions {
  /** Flows of the other phase are listed, not planned. */
  readonly phase: 'check' | 'preflight';
  readonly filters: PlanFilters;
  readonly sample: Sample | undefined;
  /** Of every dialogue that the run can hold: the protocol registry itself will do. */
  readonly dialogues: readonly DialogueTraits[];
}
