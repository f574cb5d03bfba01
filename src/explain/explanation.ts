import type { Observations, Spoken } from '../model/observation.js';
import { type Check, checkId, type Plan } from '../model/plan.js';
import type { ReportCheck, ReporterStyle, StreamedReport } from '../model/report.js';
import { type Canvas, paragraph } from '../report/table/layout.js';
import { painter } from '../report/table/paint.js';
import { checkLines } from './check-lines.js';
import { maskFinding, maskJudged } from './mask-report.js';
import type { Recording } from './recorder.js';

/** Everything that a run brought to light. */
export interface Explanation {
  readonly plan: Plan;
  readonly observations: Observations;
  readonly report: StreamedReport;
  recordingOf(check: Check, address: string, spoken: Spoken): Recording | undefined;
  /** What nobody may see, in whatever words of others it comes back. */
  readonly secrets: readonly Buffer[];
  /** Checks of the flow that were not tried. */
  readonly leftOut: number;
}

/** The story of every check of a run, for the terminal. */
export function* explanationText(
  explanation: Explanation,
  { color, width }: Pick<ReporterStyle, 'color' | 'width'>,
): Iterable<string> {
  const canvas: Canvas = { width, paint: painter(color) };
  for (const line of lines(explanation, canvas)) yield `${line}\n`;
}

function* lines(explanation: Explanation, canvas: Canvas): Iterable<string> {
  const { leftOut, observations, plan, recordingOf, report, secrets } = explanation;
  const checks = new Map<string, Check>();
  for (const flow of plan.flows) for (const check of flow.checks) checks.set(checkId(check), check);
  const findings = new Map(report.findings.map((finding) => [finding.id, finding]));
  const vantages = new Map(report.vantages.map((vantage) => [vantage.host, vantage]));
  let first = true;
  for (const judged of report.checks) {
    if (!first) yield* ['', rule(canvas), ''];
    first = false;
    const check = checks.get(judged.id);
    if (check === undefined) yield* rowLines(judged, canvas);
    else
      yield* checkLines(
        {
          check,
          judged: maskJudged(judged, secrets),
          observations,
          vantage: vantages.get(check.from.name),
          controls: plan.controls.filter(({ from, target }) => from === check.from.name && target === check.target),
          finding: maskFinding(findings.get(judged.finding ?? ''), secrets),
          recordingOf: (address, spoken) => recordingOf(check, address, spoken),
        },
        canvas,
      );
  }
  if (leftOut === 0) return;
  const more = leftOut === 1 ? 'one more check of this flow was' : `${leftOut} more checks of this flow were`;
  yield* ['', ...paragraph(`${more} not tried; choose with --from and --to`, 0, 2, 'warn', canvas)];
}

function rule({ paint, width }: Canvas): string {
  return paint('─'.repeat(Math.min(width, 80)), 'dim');
}

/** A row that stands for members without a vantage or an address. */
function rowLines({ flow, fromRole, notes, scenario, status, toRole, ...row }: ReportCheck, canvas: Canvas): string[] {
  const pair = `${row.from ?? fromRole ?? ''} → ${row.to ?? toRole ?? ''}`;
  const reasons = row.outcomes.map(({ reason }) => reason).filter((reason) => reason !== null);
  return [
    ...paragraph(`${scenario}/${flow}: ${pair}`, 0, 2, 'strong', canvas),
    ...[...reasons, ...notes].flatMap((note) => paragraph(`· ${note}`, 2, 2, 'plain', canvas)),
    ...paragraph(status.toUpperCase(), 2, 0, 'plain', canvas),
  ];
}
