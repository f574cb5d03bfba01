import type { Plan } from '../model/plan.js';
import { count, probeCount, probesOfFlow } from './plan-counts.js';

/** The last lines of a plan: how much, how long, and what is not in it. */
export function totals(plan: Plan, rates: { readonly rate: number; readonly totalRate: number }): readonly string[] {
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
    ...(probes > 0 ? [estimate(plan, rates)] : []),
  ];
}

function estimate(
  { probes, probesBySource }: Plan,
  { rate, totalRate }: { readonly rate: number; readonly totalRate: number },
): string {
  if (rate === 0) return 'Estimated time: none, as --rate 0 lifts every limit; it takes as long as the network takes.';
  let busiest = 0;
  for (const each of probesBySource.values()) busiest = Math.max(busiest, each);
  const seconds = Math.max(busiest / rate, totalRate === 0 ? 0 : probes / totalRate);
  const ofRun = totalRate === 0 ? 'no limit for the whole run' : `${totalRate} of the whole run`;
  return `Estimated time: ${durationText(seconds)}, at ${rate} connects per second per vantage and ${ofRun}; retries come on top.`;
}

function durationText(seconds: number): string {
  if (seconds < 1) return 'under 1 s';
  const whole = Math.ceil(seconds);
  const parts = [
    [Math.floor(whole / 86_400), 'd'],
    [Math.floor(whole / 3600) % 24, 'h'],
    [Math.floor(whole / 60) % 60, 'min'],
    [whole % 60, 's'],
  ] as const;
  const first = parts.findIndex(([value]) => value > 0);
  return parts
    .slice(first, first + 2)
    .filter(([value]) => value > 0)
    .map(([value, unit]) => `${value} ${unit}`)
    .join(' ');
}
