import type { Member } from '../model/inventory.js';
import type { Check, PlannedFlow } from '../model/plan.js';
import { noPorts } from '../model/port-set.js';
import type { BoundScenario, Flow } from '../model/scenario.js';
import { DestinationBinder } from './bind-destination.js';
import { RowsOfChecks } from './flow-checks.js';
import { flowPorts } from './flow-ports.js';
import type { PlanFilters } from './options.js';
import { PairCondition } from './pair-condition.js';
import { holdersOf, isHost, narrowRows, pairUp, type SourceRow } from './pairing.js';
import type { Sampler } from './sample.js';
import { selectRows, wantsFlow, wantsSkipped } from './selection.js';
import { conditionReason, holdersReason, pairsReason, phaseReason } from './skip-reason.js';

/** What the flows of one plan share. */
export interface FlowContext {
  readonly members: readonly Member[];
  readonly phase: 'check' | 'preflight';
  readonly filters: PlanFilters;
  readonly sampler: Sampler | undefined;
}

type Draft = { -readonly [Key in keyof PlannedFlow]: PlannedFlow[Key] } & {
  notes: string[];
  sources: string[];
};

/** Binds a flow to the members that hold its roles. Undefined where the filters leave nothing of it. */
export function planFlow(bound: BoundScenario, flow: Flow, context: FlowContext): PlannedFlow | undefined {
  const { filters, members, phase } = context;
  if (!wantsFlow(filters, bound.name, flow.id)) return undefined;
  const holders = holdersOf(flow, members);
  const pairs = pairUp(flow, holders);
  const condition = new PairCondition(bound, flow.when);
  const allowed =
    flow.when === undefined ? pairs : narrowRows(pairs, (source, destination) => condition.allows(source, destination));
  const draft = draftOf(bound, flow);
  const reason =
    phaseReason(flow, phase) ??
    holdersReason(flow, holders) ??
    pairsReason(flow, pairs) ??
    conditionReason(flow, allowed);
  if (reason !== undefined) {
    draft.state = { kind: 'skipped', reason };
    draft.sources = names(holders.sources);
    draft.destinations = names(holders.destinations);
    return wantsSkipped(filters, flow, holders) ? draft : undefined;
  }
  const { rows, widened } = selectRows(filters, flow, allowed);
  if (rows.length === 0) return undefined;
  if (condition.doubts.size > 0)
    draft.notes.push(
      `kept although its condition (${flow.when?.text}) is undecided: ${[...condition.doubts].join('; ')}`,
    );
  if (widened) draft.notes.push('one answering host will do, so every candidate is probed, --to notwithstanding');
  bindRows(draft, rows, context);
  return draft;
}

function draftOf(bound: BoundScenario, flow: Flow): Draft {
  return {
    scenario: bound.name,
    bound,
    flow,
    state: { kind: 'planned' },
    sources: [],
    destinations: [],
    sourcesWithoutVantage: [],
    destinationsWithoutAddress: [],
    ports: flowPorts(bound, flow).ports,
    checks: new RowsOfChecks([], () => noPorts),
    notes: [],
  };
}

/** Makes the checks, and says of the pairs that cannot have one why not. */
function bindRows(draft: Draft, rows: readonly SourceRow[], { phase, sampler }: FlowContext): void {
  const { bound, flow } = draft;
  const binder = new DestinationBinder(bound, flow, sampler);
  const destinations = destinationsOf(rows);
  const unaddressed = destinations.filter((destination) => binder.bind(destination) === undefined);
  const endpoints = names(rows.map(({ source }) => source).filter((source) => !isHost(source)));
  draft.destinations = names(destinations);
  if (endpoints.length === rows.length) {
    draft.state = { kind: 'no-vantage', endpoints, reason: 'no vantage: log in from a stand-in host, or waive it' };
    return;
  }
  draft.sourcesWithoutVantage = endpoints;
  draft.destinationsWithoutAddress = names(unaddressed);
  const bindable = (destinations: readonly Member[]) =>
    unaddressed.length === 0 ? destinations : destinations.filter((each) => !unaddressed.includes(each));
  const hostRows = rows.flatMap(({ source, destinations }) =>
    isHost(source) ? [{ source, destinations: bindable(destinations) }] : [],
  );
  draft.sources = names(hostRows.map(({ source }) => source));
  draft.checks = new RowsOfChecks(
    hostRows.map(({ source, destinations }) => ({
      source,
      destinations,
      make: () => {
        const group = flow.match.hosts === 'any' ? `${bound.name}/${flow.id}/${source.name}` : undefined;
        return destinations.map((to): Check => {
          const there = binder.bind(to)!;
          const { target, ports, service, services } = there;
          // Which port it will be is not known before the installation: none makes the others needless.
          const prefer = phase === 'preflight' ? noPorts : there.prefer;
          const expect = phase === 'preflight' && !isHost(to) && flow.expect === 'open' ? 'reachable' : flow.expect;
          return { flow: draft, from: source, to, target, expect, ports, prefer, service, services, group };
        });
      },
    })),
    (destination) => binder.bind(destination)!.ports,
  );
  const sampleNote = binder.sampleNote();
  if (sampleNote !== undefined) draft.notes.push(sampleNote);
}

function destinationsOf(rows: readonly SourceRow[]): readonly Member[] {
  const destinations = new Set<Member>();
  for (const row of rows) for (const destination of row.destinations) destinations.add(destination);
  return [...destinations];
}

function names(members: readonly Member[]): string[] {
  return members.map(({ name }) => name);
}
