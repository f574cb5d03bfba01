import type { AddressObservation, Observations, ProxyUsed, Spoken } from '../model/observation.js';
import type { Check, ControlProbe } from '../model/plan.js';
import { hasPort } from '../model/port-set.js';
import type { ReportCheck, ReportVantage } from '../model/report.js';
import { type Canvas, cell, layoutRows } from '../report/table/layout.js';
import type { ToldFinding } from './mask-report.js';
import type { Recording } from './recorder.js';

/** A check with all that is known of it. */
export interface Story {
  readonly check: Check;
  readonly judged: ReportCheck;
  readonly observations: Observations;
  readonly vantage: ReportVantage | undefined;
  /** Those from the check's source towards its target. */
  readonly controls: readonly ControlProbe[];
  readonly finding: ToldFinding | undefined;
  recordingOf(address: string, spoken: Spoken): Recording | undefined;
}

/** What the source saw of the check's target, address by address. */
export function addressesOf({ check, observations }: Story): readonly AddressObservation[] {
  return observations.targets.get(check.from.name)?.get(check.target)?.addresses ?? [];
}

/** The dialogues of the check at one address. */
export function spokenOf({ spoken }: AddressObservation, { check }: Story): readonly Spoken[] {
  return spoken.filter(({ port }) => hasPort(check.ports, port));
}

/** Whether the dial connected, so that anything could be said. */
export function wasSpoken(spoken: Spoken, address: string, { recordingOf }: Story): boolean {
  return spoken.answer.kind === 'dialogue' || (recordingOf(address, spoken)?.steps.length ?? 0) > 0;
}

/** By which of its addresses, where a name has several. */
export function proxyText(via: ProxyUsed | undefined): string {
  if (via === undefined) return '';
  return via.address === undefined ? via.authority : `${via.authority} at ${via.address}`;
}

/** Name and value; those without a value are left out. */
export function rows(entries: readonly (readonly [name: string, value: string])[], canvas: Canvas): string[] {
  const shown = entries.filter(([, value]) => value !== '');
  return layoutRows(
    shown.map(([name, value]) => [cell(name, 'dim'), cell(value)]),
    2,
    canvas,
  );
}
