import type { ReportCheck, ReportVantage, StreamedReport } from '../../model/report.js';
import { flowBlock } from './flow-block.js';
import { type Fold, loginCauses, type RowStatus } from './fold.js';
import { type Canvas, type Cell, cell, layoutRows, paragraph, twoEdges } from './layout.js';
import { pairText, shortNames } from './names.js';
import { shortPorts } from './outcome-text.js';
import type { Tone } from './paint.js';

/** How many reasons, and causes of one kind, are told one by one. */
const mostReasons = 20;
const mostOfOneCause = 10;

function heading(word: string, detail: string, tone: Tone, canvas: Canvas): string[] {
  return [canvas.paint(word, tone) + canvas.paint(detail === '' ? '' : `  ${detail}`, 'dim'), ''];
}

export function plural(count: number, word: string): string {
  return `${count.toLocaleString('en-US')} ${word}${count === 1 ? '' : 's'}`;
}

/** What failed, is unknown, warns or is waived, flow by flow. */
export function* statusSection(
  word: string,
  status: RowStatus,
  tone: Tone,
  fold: Fold,
  verbose: boolean,
  canvas: Canvas,
): Iterable<string> {
  const flows = [...fold.rows[status].values()];
  if (flows.length === 0) return;
  yield* heading(word, plural(total(flows), 'check'), tone, canvas);
  for (const flow of flows) {
    yield* flowBlock(flow, verbose, canvas);
    yield '';
  }
}

function total(flows: readonly { readonly count: number }[]): number {
  return flows.reduce((sum, { count }) => sum + count, 0);
}

/** Hosts that could not be logged in to, or were lost, with the sentence and what to do. */
export function* hostsSection(report: StreamedReport, fold: Fold, verbose: boolean, canvas: Canvas): Iterable<string> {
  const missing = report.vantages.filter(({ status }) => status !== 'ready');
  if (missing.length === 0) return;
  yield* heading('HOSTS', `${missing.length} of ${report.vantages.length} without a working login`, 'unknown', canvas);
  const groups = groupVantages(missing);
  for (const alike of verbose ? groups : groups.slice(0, mostReasons)) {
    const { error, status } = alike[0]!;
    const hosts = alike.map(({ host }) => host);
    const findings = hosts.map((host) => fold.findingOfHost.get(host)).filter((it) => it !== undefined);
    const ids = findings.map(({ id }) => id);
    const right = cell(shortNames(ids, verbose), 'dim');
    const what = status === 'lost' ? 'connection lost' : 'no login';
    yield* twoEdges(cell(`${shortNames(hosts, verbose)}: ${what}`, 'strong'), right, 2, canvas);
    if (error !== null) yield* paragraph(error, 4, 0, 'plain', canvas);
    if (findings.length > 0) yield* paragraph(`→ ${findings[0]!.remedy}`, 4, 2, 'plain', canvas);
    yield '';
  }
  if (verbose || groups.length <= mostReasons) return;
  const others = groups.slice(mostReasons).flatMap((alike) => alike.map(({ host }) => host));
  yield* paragraph(`and ${shortNames(others, false)}, for other reasons; -v shows them`, 2, 2, 'dim', canvas);
  yield '';
}

/** Hosts whose sentence reads the same once their own name and address are left out of it: the first one's stands for all. */
function groupVantages(vantages: readonly ReportVantage[]): ReportVantage[][] {
  const groups = new Map<string, ReportVantage[]>();
  for (const vantage of vantages) {
    const { error, host, status } = vantage;
    const sentence = (error ?? '')
      .split(host)
      .join('HOST')
      .replace(/\([^()]*@[^()]*:\d+\)/, '');
    const key = `${status} ${sentence}`;
    const known = groups.get(key);
    if (known === undefined) groups.set(key, [vantage]);
    else known.push(vantage);
  }
  return [...groups.values()];
}

/** One cause after the other: what was seen, what it usually means, the next step. */
export function* findingsSection(report: StreamedReport, verbose: boolean, canvas: Canvas): Iterable<string> {
  const findings = report.findings.filter(({ cause }) => !loginCauses.includes(cause));
  if (findings.length === 0) return;
  yield* heading('WHY', plural(findings.length, 'cause'), 'strong', canvas);
  const idsByCause = new Map<string, string[]>();
  for (const { cause, checks, evidence, id, owner, remedy, summary } of findings) {
    const ids = idsByCause.get(cause) ?? [];
    idsByCause.set(cause, ids);
    if (ids.push(id) > mostOfOneCause && !verbose) continue;
    yield* twoEdges(
      cell(`${id}  ${cause}`, 'strong'),
      cell(`${owner}, ${plural(checks.length, 'check')}`, 'dim'),
      2,
      canvas,
    );
    yield* paragraph(summary, 6, 0, 'plain', canvas);
    if (verbose) for (const line of evidence) yield* paragraph(`· ${line}`, 6, 2, 'dim', canvas);
    yield* paragraph(`→ ${remedy}`, 6, 2, 'plain', canvas);
    yield '';
  }
  if (verbose) return;
  for (const [cause, ids] of idsByCause) {
    const others = ids.slice(mostOfOneCause);
    if (others.length === 0) continue;
    yield* paragraph(
      `and ${others.length} more of ${cause} (${shortNames(others, false)}); -v tells each`,
      2,
      2,
      'dim',
      canvas,
    );
    yield '';
  }
}

const rowsAtOnce = 1000;

/** One line a flow, or a check where every check is asked for. */
export function* passedSection(report: StreamedReport, fold: Fold, verbose: boolean, canvas: Canvas): Iterable<string> {
  const flows = [...fold.passed.values()];
  if (flows.length === 0) return;
  yield* heading('PASSED', plural(total(flows), 'check'), 'pass', canvas);
  if (verbose) yield* everyPass(report, canvas);
  else {
    const rows = flows.map(({ count, first, medianMs, ports }) => [
      cell(`${first.scenario}/${first.flow}`),
      cell(first.expect, 'dim'),
      cell(plural(count, 'check')),
      cell(ports.size === 1 ? shortPorts(first.ports, false) : `${ports.size} sets of ports`),
      cell(latencyText(medianMs), 'dim'),
    ]);
    yield* layoutRows(rows, 2, canvas);
  }
  yield '';
}

/** A million rows are laid out a thousand at a time. */
function* everyPass({ checks }: StreamedReport, canvas: Canvas): Iterable<string> {
  let rows: Cell[][] = [];
  for (const check of checks) {
    if (check.status !== 'pass') continue;
    rows.push([
      cell(`${check.scenario}/${check.flow}`),
      cell(pairText(check.from ?? '', check.to ?? check.toRole ?? '')),
      cell(shortPorts(check.ports, true)),
      cell(check.proof ?? '', 'dim'),
      cell(latencyText(check.latencyMs?.median), 'dim'),
    ]);
    if (rows.length < rowsAtOnce) continue;
    yield* layoutRows(rows, 2, canvas);
    rows = [];
  }
  yield* layoutRows(rows, 2, canvas);
}

function latencyText(ms: number | undefined): string {
  return ms === undefined ? '' : `${ms} ms`;
}

/** Documented flows that do not apply here, compactly: nothing documented vanishes. */
export function* skippedSection({ skipped }: Fold, verbose: boolean, canvas: Canvas): Iterable<string> {
  if (skipped.length === 0) return;
  yield* heading('SKIPPED', plural(skipped.length, 'documented flow'), 'dim', canvas);
  if (verbose) {
    yield* layoutRows(
      skipped.map((check) => [
        cell(`${check.scenario}/${check.flow}`),
        cell(pairText(check.fromRole ?? '', check.toRole ?? '')),
        cell(shortPorts(check.ports, false)),
        cell(check.notes.join('; '), 'dim'),
      ]),
      2,
      canvas,
    );
  } else {
    for (const ofScenario of groupBy(skipped, ({ scenario }) => scenario)) {
      const reasons = groupBy(ofScenario, ({ notes }) => notes[0] ?? '').map((alike) => {
        const flows = alike.map(({ flow }) => flow).join(', ');
        const reason = alike[0]!.notes[0];
        return reason === undefined ? flows : `${flows} (${reason})`;
      });
      yield* paragraph(`${ofScenario[0]!.scenario}: ${reasons.join('; ')}`, 2, 2, 'dim', canvas);
    }
  }
  yield '';
}

function groupBy(checks: readonly ReportCheck[], keyOf: (check: ReportCheck) => string): ReportCheck[][] {
  const groups = new Map<string, ReportCheck[]>();
  for (const check of checks) {
    const key = keyOf(check);
    const known = groups.get(key);
    if (known === undefined) groups.set(key, [check]);
    else known.push(check);
  }
  return [...groups.values()];
}

/** How each host was logged in to and probed from. */
export function* vantagesSection(report: StreamedReport, canvas: Canvas): Iterable<string> {
  const ready = report.vantages.filter(({ status }) => status !== 'failed');
  if (ready.length === 0) return;
  yield* heading('VANTAGES', plural(ready.length, 'host'), 'dim', canvas);
  const rows = ready.map(({ address, engine, host, interpreter, transport }) => [
    cell(host),
    cell(address === null ? transport : `${transport} to ${address}`),
    cell([engine, interpreter].filter((part) => part !== null).join(', '), 'dim'),
  ]);
  yield* layoutRows(rows, 2, canvas);
  yield '';
}

/** What the passing checks, the logins and the engines have to say. */
export function* notesSection(report: StreamedReport, fold: Fold, verbose: boolean, canvas: Canvas): Iterable<string> {
  const flowsOf = new Map<string, string[]>();
  for (const { first, notes } of fold.passed.values())
    for (const note of notes.lines())
      flowsOf.set(note, [...(flowsOf.get(note) ?? []), `${first.scenario}/${first.flow}`]);
  const lines = [...flowsOf].map(([note, flows]) => `${flows.join(', ')}: ${note}`);
  const said = new Map<string, string[]>();
  for (const { blindSpots, engine, host, notes } of report.vantages)
    for (const sentence of [...blindSpots.map((spot) => `${engine}: ${spot}`), ...notes]) {
      const hosts = said.get(sentence);
      if (hosts === undefined) said.set(sentence, [host]);
      else hosts.push(host);
    }
  for (const [sentence, hosts] of said) lines.push(`${sentence} (${shortNames(hosts, verbose)})`);
  if (lines.length === 0) return;
  yield* heading('NOTES', '', 'dim', canvas);
  for (const line of lines) yield* paragraph(`· ${line}`, 2, 2, 'dim', canvas);
  yield '';
}
