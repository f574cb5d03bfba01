import { holderText } from '../model/holder-text.js';
import { causeAlone, type ListenerRecord } from '../model/listening.js';
import { hasPort, intersectPorts, noPorts, type PortSet, subtractPorts, unionPorts } from '../model/port-set.js';
import type { PortsAt } from '../model/ports-at.js';
import { type Classified, unprobed } from './classify.js';
import { type Part, parts } from './listened.js';

// What an answer means where no listener of ours gave it: it was not asked, it is not there, or somebody else's is.

/**
 * Connected, and nobody said the token: where our listener waits that proves nothing. Where nobody listens, somebody on the
 * way answers in the host's place.
 * @param before whether this is before the installation
 */
export function unasked(
  classified: Classified,
  ports: PortSet,
  { listening, taken }: PortsAt,
  record: ListenerRecord,
  before: boolean,
): readonly Part[] {
  const ours = intersectPorts(ports, listening);
  const nobodys = before ? subtractPorts(ports, unionPorts(listening, taken)) : noPorts;
  return parts(
    { classified, ports: subtractPorts(ports, unionPorts(ours, nobodys)) },
    { classified: classified.outcome === 'reset' ? { ...classified, problem: 'no-token' } : notAsked, ports: ours },
    // Nothing is known of the ports of a node where no program ran.
    { classified: record.settings === undefined ? unknownListener(record) : answeredByAnother, ports: nobodys },
  );
}

const notAsked = unprobed('engine-failed', 'it connects, but nobody asked whether our listener answers');

const answeredByAnother: Classified = {
  outcome: 'mismatch',
  reason: 'something answers, although nothing listens there',
  problem: 'no-token',
};

function unknownListener(record: ListenerRecord): Classified {
  return unprobed('no-listener', `${causeOf(record)}; it connects, and who answers cannot be told`);
}

/**
 * What the end of our own listeners looks like from the source, where they may have ended early: nothing, an end or a reset
 * over a connection; silence too where the whole node was lost.
 * @param nodeLost whether the connection to the node was lost
 */
export function endedEarly(
  { outcome, problem, reason, unanswered }: Classified,
  ports: PortSet,
  { listening }: PortsAt,
  { error }: ListenerRecord,
  nodeLost: boolean,
): readonly Part[] {
  if (error === undefined) return [];
  const ended = unanswered === true || (outcome === 'reset' && problem === undefined);
  const silent = nodeLost && (outcome === 'timeout' || outcome === 'unreachable');
  if (!ended && !silent) return [];
  const why = `ours may have ended early: ${error}; what was seen (${outcome}, ${reason}) may be their end, not the path’s`;
  return parts({ classified: unprobed('no-listener', why), ports: intersectPorts(ports, listening) });
}

/**
 * Refused where our listeners are not, or no longer: by whom cannot be told from that.
 * @param before whether this is before the installation
 */
export function refused(
  classified: Classified,
  ports: PortSet,
  { barred, listening, taken }: PortsAt,
  record: ListenerRecord,
  before: boolean,
): readonly Part[] {
  const lost = record.error === undefined ? noPorts : intersectPorts(ports, listening);
  const found: Part[] = [{ classified: noListener(`ours may have ended early: ${record.error}`), ports: lost }];
  let left = subtractPorts(ports, lost);
  if (!before) return parts(...found, { classified, ports: left });
  for (const each of barred) {
    found.push({ classified: noListener(each.reason), ports: intersectPorts(left, each.ports) });
    left = subtractPorts(left, each.ports);
  }
  const listened = intersectPorts(left, unionPorts(listening, taken));
  return parts(
    ...found,
    { classified, ports: listened },
    { classified: noListener(causeOf(record)), ports: subtractPorts(left, listened) },
  );
}

function noListener(why: string): Classified {
  return unprobed('no-listener', `${why}; a refusal alone does not prove the path`);
}

/** Why there are no listeners. */
export function causeOf({ error }: ListenerRecord): string {
  return error === undefined ? 'none was started' : causeAlone(error);
}

const mostHolders = 3;

/** Somebody else's, and never touched. */
export function leftAlone({ holders }: ListenerRecord, ports: PortSet): Classified {
  const names = new Set(
    holders.filter(({ kind, port }) => kind === 'listener' && hasPort(ports, port)).map(holderText),
  );
  const some = [...names].slice(0, mostHolders).join('; ');
  return unprobed('port-in-use', names.size > mostHolders ? `${some}; and ${names.size - mostHolders} more` : some);
}
