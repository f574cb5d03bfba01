import type { ListenerRecord } from '../model/listening.js';
import type { AddressObservation, Observations, VantageRecord } from '../model/observation.js';
import type { Check, Plan } from '../model/plan.js';
import { intersectPorts, noPorts, type PortSet, subtractPorts, unionPorts } from '../model/port-set.js';
import { portsAt } from '../model/ports-at.js';
import { runningAt } from '../model/running-service.js';
import type { Classified } from './classify.js';
import { answeredByOurs, heardNothing, listenerOf, type Part } from './listened.js';
import { endedEarly, leftAlone, refused, unasked } from './unlistened.js';

/** What temporary listeners make known of the destination of a check. */
export interface ProvenDestination {
  /** Ports where our listeners waited to the end. */
  readonly ours: PortSet;
  /** The word that they answer. */
  readonly answer: string;
  /** The host whose listeners answer a word. */
  listenerOf(answer: string): string | undefined;
  /** What the listeners themselves say of what a source saw. */
  refine(
    classified: Classified,
    ports: PortSet,
    observed: AddressObservation,
    source: VantageRecord | undefined,
  ): readonly Part[];
  /** Why ports were left alone; without a classification where that is not the reason. */
  untried(ports: PortSet): readonly { readonly classified?: Classified; readonly ports: PortSet }[];
}

/** What a source saw of an address, and the source. */
type Ends = readonly [observed: AddressObservation, source: VantageRecord | undefined];

/** Undefined where no listeners were part of the run, or the destination is an endpoint. */
export function provingOf(
  check: Check,
  observations: Observations,
  phase: Plan['phase'],
): ProvenDestination | undefined {
  const { listeners } = observations;
  if (listeners === undefined || check.to.kind !== 'host') return undefined;
  const before = phase === 'preflight';
  const record = listeners.get(check.to.name) ?? (before ? absent(check.to.name, observations) : undefined);
  if (record === undefined) return undefined;
  const state = portsAt(record, check.target);
  const lost = observations.vantages.get(check.to.name)?.status === 'lost';
  const untilTheEnd = (classified: Classified, ports: PortSet, ...[observed, source]: Ends): readonly Part[] => {
    if (classified.problem === 'no-token')
      return heardNothing(classified, ports, observed, source, record, observations);
    if (!isPermission(check)) return [{ classified, ports }];
    if (classified.outcome === 'refused') return refused(classified, ports, state, record, before);
    return isBare(classified) ? unasked(classified, ports, state, record, before) : [{ classified, ports }];
  };
  return {
    // Of listeners that may have ended early nothing is claimed.
    ours: record.error === undefined ? state.listening : noPorts,
    answer: record.answer,
    listenerOf: (answer) => listenerOf(listeners, answer),
    refine(classified, ports, observed, source) {
      if (classified.listened) return answeredByOurs(classified, ports, observed, source, record, observations);
      const gone = isPermission(check) ? endedEarly(classified, ports, state, record, lost) : [];
      const left = subtractPorts(ports, unionPorts(...gone.map((part) => part.ports)));
      return left.length === 0 ? gone : [...gone, ...untilTheEnd(classified, left, observed, source)];
    },
    untried(ports) {
      const running = before ? runningAt(check.services, record.holders, state.taken) : state.taken;
      const left = subtractPorts(intersectPorts(ports, state.taken), running);
      if (left.length === 0) return [{ ports }];
      const others = subtractPorts(ports, left);
      return [{ classified: leftAlone(record, left), ports: left }, ...(others.length > 0 ? [{ ports: others }] : [])];
    },
  };
}

/** Of a host that was never logged in to. */
function absent(host: string, { vantages }: Observations): ListenerRecord {
  const error = vantages.get(host)?.error ?? 'the run ended before it was logged in to';
  const nothing = { items: [], binds: [], holders: [], accepts: [] };
  return { host, answer: '', interpreter: undefined, settings: undefined, withoutRoot: undefined, ...nothing, error };
}

function isPermission({ expect }: Check): boolean {
  return expect === 'open' || expect === 'reachable';
}

/** It connected, and nobody was asked who is there. */
function isBare({ identified, outcome, problem }: Classified): boolean {
  return (outcome === 'open' || outcome === 'reset') && identified === undefined && problem === undefined;
}
