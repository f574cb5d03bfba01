import { formatPorts, type PortSet, parsePorts, portSet } from '../model/port-set.js';
import type { ReportCheck, StreamedReport } from '../model/report.js';
import { documentedPorts, type HostName, type Layout } from './layout.js';
import { type Fault, skippedFlows } from './planted.js';

/** Where the report differs from what was planted, in sentences; none where it is the planted truth. */
export function differences(report: StreamedReport, faults: readonly Fault[], layout: Layout): readonly string[] {
  const found: string[] = [];
  for (const { host, status, error } of report.vantages)
    if (status !== 'ready') found.push(`${host} could not be used: ${error ?? status}`);
  const checks = [...report.checks];
  const explained = new Set<ReportCheck>();
  for (const fault of faults) {
    for (const from of fault.from) {
      const check = checks.find((each) => shows(each, fault, from));
      if (check === undefined) found.push(`${name(fault, from)}: ${fault.story}, but no check looks there`);
      else {
        explained.add(check);
        found.push(...unlike(check, fault, from, layout));
      }
    }
  }
  for (const flow of skippedFlows)
    if (!checks.some((check) => check.flow === flow && check.status === 'skipped'))
      found.push(`harbour/${flow}: nobody holds its role, but it is not reported as skipped`);
  for (const check of checks) {
    const expected = skippedFlows.includes(check.flow) ? 'skipped' : 'pass';
    if (!explained.has(check) && check.status !== expected)
      found.push(`${check.id}: nothing is broken there, but it is ${check.status} (${outcomesOf(check)})`);
  }
  return found;
}

function shows(check: ReportCheck, fault: Fault, from: HostName): boolean {
  return check.flow === fault.flow && check.from === from && check.to === fault.host;
}

function unlike(check: ReportCheck, fault: Fault, from: HostName, layout: Layout): string[] {
  const ports = formatPorts(affectedPorts(fault, layout));
  const seen = check.outcomes.filter(({ outcome }) => outcome === fault.outcome).map((each) => each.ports);
  const seenPorts = formatPorts(portSet(seen.flatMap((text) => parsePorts(text) ?? [])));
  if (check.status === fault.status && seenPorts === ports) return [];
  const expected = `${fault.status} with ${fault.outcome} on ${ports}`;
  return [
    `${name(fault, from)}: ${fault.story}, which should be ${expected}, but is ${check.status} (${outcomesOf(check)})`,
  ];
}

function affectedPorts({ host, port, part }: Fault, layout: Layout): PortSet {
  const [first, last] = part ?? documentedPorts[port];
  return [[layout.port(host, first), layout.port(host, last)]];
}

function name(fault: Fault, from: HostName): string {
  return `harbour/${fault.flow} from ${from} to ${fault.host}`;
}

function outcomesOf({ outcomes }: ReportCheck): string {
  if (outcomes.length === 0) return 'no outcome';
  return outcomes.map(({ outcome, ports, reason }) => `${ports} ${outcome}${reason ? `: ${reason}` : ''}`).join('; ');
}
