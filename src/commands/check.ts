import { Diagnosis } from '../diagnose/diagnose.js';
import { judge } from '../judge/judge.js';
import { countProbes, interruptedBy, noCounts, summarize } from '../judge/summary.js';
import { type ExitCode, ExpectedError } from '../model/errors.js';
import type { Host } from '../model/inventory.js';
import type { StreamedReport } from '../model/report.js';
import { assertSomethingToProbe } from '../plan/make-plan.js';
import { reporters } from '../report/registry.js';
import type { CommandIo } from './io.js';
import { observePlan } from './observing.js';
import type { CheckSettings } from './options.js';
import { type PlannedSite, planSite } from './planning.js';
import { ReportSinks } from './report-sinks.js';
import { runRecord } from './run-record.js';

/** `portolan check`: loads, plans, observes, judges, diagnoses and reports. Throws an ExpectedError before the first packet. */
export async function runCheck(
  requested: readonly string[],
  settings: CheckSettings,
  io: CommandIo,
): Promise<{ readonly report: StreamedReport; readonly exitCode: ExitCode }> {
  const site = planSite(requested, settings);
  assertSomethingToProbe(site.plan);
  const sinks = ReportSinks.open(
    settings.reporters,
    reporters,
    inputsOf(site).map(({ file }) => file),
  );
  const report = await reportOn(site, settings, io);
  sinks.write(report, io, settings.verbosity);
  return { report, exitCode: report.summary.exitCode };
}

async function reportOn(site: PlannedSite, settings: CheckSettings, io: CommandIo): Promise<StreamedReport> {
  const { inventory, plan } = site;
  const startedAt = io.now();
  const hosts = new Map([...inventory.members].filter((entry): entry is [string, Host] => entry[1].kind === 'host'));
  const observations = await observePlan(plan, hosts, settings, io);
  const judged = judge(plan, observations, { waivers: inventory.waivers, today: localDay(startedAt) });
  const counts = noCounts();
  const diagnosis = settings.diagnose ? new Diagnosis(observations) : undefined;
  // The only pass before the reporters': a run of 1,000 hosts has a million checks, which nobody holds.
  for (const check of judged) {
    counts[check.status]++;
    diagnosis?.tell(check);
  }
  const conclusion = diagnosis?.conclude();
  const summary = summarize(counts, countProbes(plan, observations));
  const { interrupted } = observations;
  return {
    schema: 'portolan.report/1',
    run: runRecord(startedAt, io.now(), {
      command: 'check',
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
        notes: vantage.notes,
        error: error ?? null,
      }),
    ),
    summary: interrupted ? interruptedBy(summary, interruptionCode(io.signal)) : summary,
  };
}

/** The signal's own exit code, 130 or 143. */
function interruptionCode({ reason }: AbortSignal): ExitCode {
  if (!(reason instanceof ExpectedError)) throw reason;
  return reason.exitCode;
}

/** The operator's calendar day: waivers end on days, not at instants. */
function localDay(time: Date): string {
  const [year, month, day] = [time.getFullYear(), time.getMonth() + 1, time.getDate()];
  return `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
}

function optionsOf({ rate, totalRate, timeoutMs, parallel, seed, sample, mysqlUser }: CheckSettings) {
  return { rate, totalRate, timeoutMs, parallel, seed, sample: sample ?? null, mysqlUser };
}

function inputsOf({ inventory, scenarios }: PlannedSite): { readonly file: string; readonly sha256: string }[] {
  const files = [inventory, ...scenarios.map(({ scenario }) => scenario)];
  return [...new Map(files.map(({ file, sha256 }) => [file, { file, sha256 }])).values()];
}
