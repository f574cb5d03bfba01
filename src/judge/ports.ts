import type { Waiver } from '../model/inventory.js';
import type { ListenerRecord } from '../model/listening.js';
import type { Observations } from '../model/observation.js';
import type { PortOccupancy } from '../model/plan.js';
import {
  countPorts,
  formatPorts,
  intersectPorts,
  noPorts,
  type PortSet,
  subtractPorts,
  unionPorts,
} from '../model/port-set.js';
import type { ReportCheck } from '../model/report.js';
import { matchesFlow, matchesMember } from '../model/selector.js';
import { waive } from '../model/waive.js';
import { unprobed } from './classify.js';
import { identifiedPorts } from './identified-ports.js';
import { type PortsInState, portStates } from './port-states.js';
import { causeOf } from './unlistened.js';
import { best, worst } from './verdict.js';

/** Judges the ports that have to be free before an installation: one row a document row and host. */
export function* judgePorts(
  occupancies: Iterable<PortOccupancy>,
  observations: Observations,
  { today, waivers }: { readonly waivers: readonly Waiver[]; readonly today: string },
): Iterable<ReportCheck> {
  for (const occupancy of occupancies) {
    const { host, item, ports, scenario } = occupancy;
    const record = observations.listeners?.get(host.name);
    const states =
      record?.settings === undefined
        ? [untried(occupancy, record, observations)]
        : portStates(occupancy, record, identifiedPorts(occupancy, record, observations));
    const any = item.match.ports === 'any';
    const status = (any ? best : worst)(states.map(({ state }) => state.status));
    const mild = status === 'fail' && item.severity === 'advisory' ? 'warn' : status;
    const chosen = waivers.filter(
      (waiver) =>
        matchesFlow(waiver.flow, scenario, item.id) &&
        waiver.from === undefined &&
        (waiver.to === undefined || matchesMember(waiver.to, host)),
    );
    const waived = waive(mild, chosen, today);
    yield {
      id: `${scenario}/${item.id}/${host.name}`,
      kind: 'port',
      scenario,
      flow: item.id,
      title: item.title,
      cite: item.cite,
      from: null,
      to: host.name,
      address: host.address,
      sourceAddress: null,
      ports: formatPorts(ports),
      protocol: 'tcp',
      service: null,
      expect: 'free',
      severity: item.severity,
      status: waived.status,
      proof: null,
      group: null,
      outcomes: states.map(({ ports: some, state: { outcome, reason, status: each, untried: why } }) => ({
        ...{ outcome, ports: formatPorts(some), count: countPorts(some), reason, status: each },
        ...(why === undefined ? {} : { untried: why }),
      })),
      latencyMs: null,
      notes: [
        ...waived.notes,
        ...(any && status !== 'pass' ? ['one port of these would do'] : []),
        ...(record === undefined ? [] : ephemeralNote(record, freeOf(states))),
      ],
      finding: null,
    };
  }
}

/** Of a host where nothing could be run. */
function untried(
  { host, ports }: PortOccupancy,
  record: ListenerRecord | undefined,
  { interrupted, vantages }: Observations,
): PortsInState {
  const vantage = vantages.get(host.name);
  const { reason, untried: cause } = interrupted
    ? unprobed('interrupted', 'the run ended before this was tried')
    : record === undefined
      ? unprobed('no-login', vantage?.error ?? '')
      : unprobed('no-listener', causeOf(record));
  return { ports, state: { outcome: 'unprobed', reason, status: 'unknown', untried: cause! } };
}

function freeOf(states: readonly PortsInState[]): PortSet {
  return unionPorts(...states.filter(({ state }) => state.outcome === 'free').map(({ ports }) => ports));
}

/** Free today; a client's socket may take it tomorrow. */
function ephemeralNote({ settings }: ListenerRecord, free: PortSet): string[] {
  if (settings?.ephemeralPorts === undefined) return [];
  const risky = subtractPorts(intersectPorts(free, settings.ephemeralPorts), settings.reservedPorts ?? noPorts);
  if (risky.length === 0) return [];
  const which = countPorts(risky) === countPorts(free) ? '' : `${formatPorts(risky)}: `;
  return [
    `${which}inside ip_local_port_range ${formatPorts(settings.ephemeralPorts)}, from which client sockets take their ports: ` +
      'reserve them with sysctl net.ipv4.ip_local_reserved_ports',
  ];
}
