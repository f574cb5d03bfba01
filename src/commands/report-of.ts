import { Diagnosis } from '../diagnose/diagnose.js';
import { judge } from '../judge/judge.js';
import { judgeLogins } from '../judge/logins.js';
import { nodeNotes } from '../judge/node-notes.js';
import { judgePorts } from '../judge/ports.js';
import { countProbes, interruptedBy, noCounts, summarize } from '../judge/summary.js';
import type { ExitCode } from '../model/errors.js';
import type { Observations } from '../model/observation.js';
import type { ReportCheck, StreamedReport } from '../model/report.js';
import { portOccupancies } from '../plan/port-occupancies.js';
import { localDay } from './local-day.js';
import type { CheckSettings } from './options.js';
import type { PlannedSite } from './planning.js';
import { runRecord } from './run-record.js';

/** When a run was, and how a signal ended it. */
export interface RunTimes {
  readonly startedAt: Date;
  readonly endedAt: Date;
  /** The signal's own exit code, where one ended the run early. */
  readonly interruption: ExitCode | undefined;
}

/**
 * The report of what was seen. One pass over the checks counts and diagnoses them; they are judged anew for every
 * reporter, since a run of 1,000 hosts has a million, which nobody holds.
 */
export function reportOf(
  site: PlannedSite,
  settings: CheckSettings,
  observations: Observations,
  { startedAt, endedAt, interruption }: RunTimes,
  { command, rules = [] }: { readonly command: string; readonly rules?: readonly ReportCheck[] } = { command: 'check' },
): StreamedReport {
  const { inventory, plan } = site;
  const options = { waivers: inventory.waivers, today: localDay(startedAt) };
  const judged: Iterable<ReportCheck> = {
    *[Symbol.iterator]() {
      yield* rules;
      yield* judgeLogins(observations);
      if (plan.phase === 'preflight') yield* judgePorts(portOccupancies(plan), observations, options);
      yield* judge(plan, observations, options);
    },
  };
  const notesOf = nodeNotes(plan.members, observations);
  const counts = noCounts();
  const diagnosis = settings.diagnose ? new Diagnosis(observations) : undefined;
  for (const check of judged) {
    counts[check.status]++;
    diagnosis?.tell(check);
  }
  const conclusion = diagnosis?.conclude();
  const summary = summarize(counts, countProbes(plan, observations), observations);
  const { interrupted } = observations;
  return {
    schema: 'portolan.report/1',
    run: runRecord(startedAt, endedAt, {
      command,
      ticket: settings.ticket,
      options: optionsOf(settings),
      filters: { ...settings.filters },
      inputs: inputsOf(site),
      complete: plan.complete && !interrupted,
      interrupted,
    }),
    checks: conclusion?.explain(judged) ?? judged,
    findings: conclusion?.findings ?? [],
    vantages: [...observations.vantages.values()].map(
      ({ facts: _facts, address, engine, interpreter, error, ...vantage }) => ({
        host: vantage.host,
        status: vantage.status,
        transport: vantage.transport,
        address: address ?? null,
        engine: engine ?? null,
        interpreter: interpreter ?? null,
        blindSpots: vantage.blindSpots,
        notes: [...vantage.notes, ...(notesOf.get(vantage.host) ?? [])],
        error: error ?? null,
      }),
    ),
    summary: interruption === undefined ? summary : interruptedBy(summary, interruption),
  };
}

function optionsOf({ listen, mysqlUser, parallel, rate, sample, seed, timeoutMs, totalRate }: CheckSettings) {
  return { rate, totalRate, timeoutMs, parallel, seed, sample: sample ?? null, mysqlUser, listen };
}

/** The files that a run was made from. */
export function inputsOf({ inventory, scenarios }: PlannedSite): { readonly file: string; readonly sha256: string }[] {
  const files = [inventory, ...scenarios.map(({ scenario }) => scenario)];
  return [...new Map(files.map(({ file, sha256 }) => [file, { file, sha256 }])).values()];
}
