import { compactNames } from '../../model/compact-names.js';
import type { Finding, Report, ReportCheck, ReportVantage, Status } from '../../model/report.js';
import { flowBlock, notesOf } from './flow-block.js';
import { type Canvas, cell, layoutRows, paragraph, twoEdges } from './layout.js';
import { shortPorts } from './outcome-text.js';
import type { Tone } from './paint.js';

/** Checks by flow, in the order in which the flows come. */
function byFlow(checks: readonly ReportCheck[]): ReportCheck[][] {
  return groupBy(checks, ({ flow, scenario }) => `${scenario}/${flow}`);
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

function heading(word: string, detail: string, tone: Tone, canvas: Canvas): string[] {
  return [canvas.paint(word, tone) + canvas.paint(detail === '' ? '' : `  ${detail}`, 'dim'), ''];
}

export function plural(count: number, word: string): string {
  return `${count.toLocaleString('en-US')} ${word}${count === 1 ? '' : 's'}`;
}

/** What failed, is unknown, warns or is waived, flow by flow. */
export function* statusSection(
  word: string,
  status: Status,
  tone: Tone,
  report: Report,
  verbose: boolean,
  canvas: Canvas,
): Iterable<string> {
  const checks = report.checks.filter((check) => check.status === status);
  if (checks.length === 0) return;
  yield* heading(word, plural(checks.length, 'check'), tone, canvas);
  for (const ofFlow of byFlow(checks)) {
    yield* flowBlock(ofFlow, verbose, canvas);
    yield '';
  }
}

const loginCauses: readonly string[] = ['no-login', 'connection-lost'];

/** Hosts that could not be logged in to, or were lost, with the sentence and what to do. */
export function* hostsSection(report: Report, canvas: Canvas): Iterable<string> {
  const missing = report.vantages.filter(({ status }) => status !== 'ready');
  if (missing.length === 0) return;
  yield* heading('HOSTS', `${missing.length} of ${report.vantages.length} without a working login`, 'unknown', canvas);
  for (const alike of groupVantages(missing)) {
    const { error, status } = alike[0]!;
    const hosts = alike.map(({ host }) => host);
    const findings = [...new Set(hosts.map((host) => findingOfHost(report, host)))].filter((it) => it !== undefined);
    const right = cell(compactNames(findings.map(({ id }) => id)).join(', '), 'dim');
    const what = status === 'lost' ? 'connection lost' : 'no login';
    yield* twoEdges(cell(`${compactNames(hosts).join(', ')}: ${what}`, 'strong'), right, 2, canvas);
    if (error !== null) yield* paragraph(error, 4, 0, 'plain', canvas);
    if (findings.length > 0) yield* paragraph(`→ ${findings[0]!.remedy}`, 4, 2, 'plain', canvas);
    yield '';
  }
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

function findingOfHost(report: Report, host: string): Finding | undefined {
  const own = new Set(report.checks.filter(({ from }) => from === host).map(({ id }) => id));
  return report.findings.find(({ cause, checks }) => loginCauses.includes(cause) && checks.some((id) => own.has(id)));
}

/** One cause after the other: what was seen, what it usually means, the next step. */
export function* findingsSection(report: Report, verbose: boolean, canvas: Canvas): Iterable<string> {
  const findings = report.findings.filter(({ cause }) => !loginCauses.includes(cause));
  if (findings.length === 0) return;
  yield* heading('WHY', plural(findings.length, 'cause'), 'strong', canvas);
  for (const { cause, checks, evidence, id, owner, remedy, summary } of findings) {
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
}

/** One line a flow, or a check where every check is asked for. */
export function* passedSection(report: Report, verbose: boolean, canvas: Canvas): Iterable<string> {
  const passed = report.checks.filter(({ status }) => status === 'pass');
  if (passed.length === 0) return;
  yield* heading('PASSED', plural(passed.length, 'check'), 'pass', canvas);
  const rows = verbose
    ? passed.map((check) => [
        cell(`${check.scenario}/${check.flow}`),
        cell(`${check.from} → ${check.to}`),
        cell(shortPorts(check.ports, true)),
        cell(check.proof ?? '', 'dim'),
        cell(latencyText(check.latencyMs?.median), 'dim'),
      ])
    : byFlow(passed).map((checks) => [
        cell(`${checks[0]!.scenario}/${checks[0]!.flow}`),
        cell(checks[0]!.expect, 'dim'),
        cell(plural(checks.length, 'check')),
        cell(portsOf(checks)),
        cell(latencyText(middle(checks.flatMap(({ latencyMs }) => latencyMs?.median ?? []))), 'dim'),
      ]);
  yield* layoutRows(rows, 2, canvas);
  yield '';
}

function portsOf(checks: readonly ReportCheck[]): string {
  const distinct = new Set(checks.map(({ ports }) => ports));
  return distinct.size === 1 ? shortPorts(checks[0]!.ports, false) : `${distinct.size} sets of ports`;
}

function latencyText(ms: number | undefined): string {
  return ms === undefined ? '' : `${ms} ms`;
}

function middle(values: readonly number[]): number | undefined {
  return [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) / 2)];
}

/** Documented flows that do not apply here, compactly: nothing documented vanishes. */
export function* skippedSection(report: Report, verbose: boolean, canvas: Canvas): Iterable<string> {
  const skipped = report.checks.filter(({ status }) => status === 'skipped');
  if (skipped.length === 0) return;
  yield* heading('SKIPPED', plural(skipped.length, 'documented flow'), 'dim', canvas);
  if (verbose) {
    yield* layoutRows(
      skipped.map((check) => [
        cell(`${check.scenario}/${check.flow}`),
        cell(`${check.fromRole} → ${check.toRole}`),
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

/** How each host was logged in to and probed from. */
export function* vantagesSection(report: Report, canvas: Canvas): Iterable<string> {
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
export function* notesSection(report: Report, canvas: Canvas): Iterable<string> {
  const flowsOf = new Map<string, string[]>();
  for (const checks of byFlow(report.checks.filter(({ status }) => status === 'pass')))
    for (const note of notesOf(checks))
      flowsOf.set(note, [...(flowsOf.get(note) ?? []), `${checks[0]!.scenario}/${checks[0]!.flow}`]);
  const lines = [...flowsOf].map(([note, flows]) => `${flows.join(', ')}: ${note}`);
  const said = new Map<string, string[]>();
  for (const { blindSpots, engine, host, notes } of report.vantages)
    for (const sentence of [...blindSpots.map((spot) => `${engine}: ${spot}`), ...notes])
      said.set(sentence, [...(said.get(sentence) ?? []), host]);
  for (const [sentence, hosts] of said) lines.push(`${sentence} (${compactNames(hosts).join(', ')})`);
  if (lines.length === 0) return;
  yield* heading('NOTES', '', 'dim', canvas);
  for (const line of lines) yield* paragraph(`· ${line}`, 2, 2, 'dim', canvas);
  yield '';
}
