import type { Observations } from '../model/observation.js';
import { hasPort, type PortSet, unionPorts } from '../model/port-set.js';
import type { Finding, ReportCheck } from '../model/report.js';
import { type CauseName, type Circumstances, causes } from './causes.js';
import { groupBy, splitByPlace } from './place.js';
import { type Symptom, symptomsOf } from './symptom.js';

export interface Diagnosis {
  /** The checks as given, each that did not pass naming the finding that weighs most in it. */
  readonly checks: readonly ReportCheck[];
  readonly findings: readonly Finding[];
}

/** Puts what did not pass down to causes: one finding for each cause and place, not for each port or check. */
export function diagnose(checks: readonly ReportCheck[], observations: Observations): Diagnosis {
  const symptoms = checks.flatMap((check) => symptomsOf(check, observations));
  const groups = groupBy(symptoms, ({ cause }) => cause).flatMap((sameCause) =>
    splitByPlace(causes[sameCause[0]!.cause].scope, sameCause),
  );
  const position = new Map(checks.map(({ id }, index) => [id, index]));
  groups.sort((a, b) => weight(a) - weight(b) || position.get(a[0]!.check.id)! - position.get(b[0]!.check.id)!);
  const findings = groups.map((group, index) => findingOf(`f${index + 1}`, group, observations));
  const findingOfCheck = new Map<string, string>();
  for (const finding of findings)
    for (const id of finding.checks) if (!findingOfCheck.has(id)) findingOfCheck.set(id, finding.id);
  return {
    checks: checks.map((check) => ({ ...check, finding: findingOfCheck.get(check.id) ?? null })),
    findings,
  };
}

/** Findings behind failures come first, then those behind what is unknown, then warnings. */
function weight(symptoms: readonly Symptom[]): number {
  if (symptoms.some(({ check, outcome }) => check.status === 'fail' && outcome.status === 'fail')) return 0;
  return symptoms.some(({ check }) => check.status !== 'warn') ? 1 : 2;
}

function findingOf(id: string, symptoms: readonly Symptom[], observations: Observations): Finding {
  const name: CauseName = symptoms[0]!.cause;
  const cause = causes[name];
  const seen = circumstances(symptoms, observations);
  return {
    id,
    cause: name,
    summary: cause.summary(seen),
    remedy: cause.remedy(seen),
    owner: cause.owner,
    evidence: evidenceOf(symptoms, seen, observations),
    checks: unique(symptoms.map(({ check }) => check.id)),
  };
}

function circumstances(symptoms: readonly Symptom[], observations: Observations): Circumstances {
  const ports: PortSet = unionPorts(...symptoms.map((symptom) => symptom.ports));
  const destinations = unique(symptoms.map(({ check }) => check.to ?? check.toRole ?? ''));
  return {
    sources: unique(symptoms.map(({ check }) => check.from ?? check.fromRole ?? '')),
    destinations,
    addresses: unique(symptoms.map(({ check, outcome }) => outcome.address ?? check.address ?? '')),
    ports,
    senders: unique(symptoms.flatMap(({ outcome }) => outcome.sender ?? [])),
    reasons: unique(symptoms.flatMap(({ outcome }) => outcome.reason ?? [])),
    listeners: destinations.flatMap((host) => listenersOf(host, ports, observations)),
    flows: unique(symptoms.map(({ check }) => `${check.scenario}/${check.flow}`)),
    mixed: symptoms.some(
      ({ check, outcome }) =>
        outcome.outcome === 'rejected' &&
        check.outcomes.some((other) => other.outcome === 'timeout' && other.address === outcome.address),
    ),
  };
}

const mostLines = 5;

/** What was seen, pair by pair, and what the destinations and other vantages say about it. */
function evidenceOf(symptoms: readonly Symptom[], seen: Circumstances, observations: Observations): string[] {
  const lines = symptoms.map(({ check, outcome }) => {
    const from = check.from ?? check.fromRole ?? '';
    const to = check.to ?? check.toRole ?? '';
    const address = outcome.address ?? check.address;
    const where = address === null || address === to ? to : `${to} (${address})`;
    const reason = outcome.reason === null ? '' : ` (${outcome.reason})`;
    return `${from} → ${where} ${outcome.ports}: ${outcome.outcome}${reason}`;
  });
  const shown = lines.slice(0, mostLines);
  if (lines.length > mostLines) shown.push(`and ${lines.length - mostLines} more of the kind`);
  const silent = symptoms.some(({ outcome }) => outcome.outcome === 'timeout' || outcome.outcome === 'unreachable');
  if (silent) {
    for (const host of seen.destinations) {
      if (observations.vantages.get(host)?.status === 'ready') shown.push(`${host} is up: it was logged in to`);
      const listeners = listenersOf(host, seen.ports, observations);
      if (listeners.length > 0) shown.push(`${host} listens on ${listeners.slice(0, 4).join(', ')}`);
    }
  }
  return shown;
}

function listenersOf(host: string, ports: PortSet, observations: Observations): string[] {
  const listeners = observations.vantages.get(host)?.facts.listeners ?? [];
  return unique(
    listeners
      .filter(({ port }) => hasPort(ports, port))
      .map(({ address, port }) => (address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`)),
  );
}

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts)];
}
