import type { Plan } from '../model/plan.js';
import { count, probeCount, probesOfFlow } from './plan-counts.js';
import { durationText, estimate, type PlanRates } from './plan-time.js';

/** The last lines of a plan: how much, how long, and what is not in it. */
export function totals(plan: Plan, rates: PlanRates): readonly string[] {
  const { flows, probes, probesBySource } = plan;
  const inState = (kind: string) => flows.filter(({ state }) => state.kind === kind).length;
  const checks = flows.reduce((sum, each) => sum + each.checks.length, 0);
  const ofFlows = flows.reduce((sum, each) => sum + probesOfFlow(each), 0);
  const states = [
    `${count(inState('planned'), 'flow')} planned`,
    `${inState('skipped')} skipped`,
    `${inState('no-vantage')} without vantage`,
  ];
  return [
    `Total: ${states.join(', ')}; ${count(checks, 'check')}, ${probeCount(probes, flows)} from ${count(probesBySource.size, 'vantage')}.`,
    ...(ofFlows > probes
      ? [`Several flows share ${count(ofFlows - probes, 'probe')}: probed once, judged for each.`]
      : []),
    ...(plan.complete ? [] : ['Not complete: filters or a sample leave a part of the documented flows out.']),
    ...(probes > 0 ? [estimatedTime(plan, rates)] : []),
  ];
}

function estimatedTime(plan: Plan, rates: PlanRates): string {
  const { rate, totalRate } = rates;
  if (rate === 0) return 'Estimated time: none, as --rate 0 lifts every limit; it takes as long as the network takes.';
  const { heldBy, seconds } = estimate(plan, rates);
  const ofRun = totalRate === 0 ? 'no limit for the whole run' : `${totalRate} of the whole run`;
  const held = heldBy === undefined ? '' : ` ${heldBy}.`;
  return `Estimated time: ${durationText(seconds)}, at ${rate} connects per second per vantage and ${ofRun}; retries come on top.${held}`;
}
