import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Report, ReportCheck } from '#src/model/report.js';
import type { Lab } from '../lab/lab.js';
import { type Finished, type RunOptions, runPortolan } from '../lab/portolan.js';

export interface Checked extends Finished {
  /** Undefined where no report was written. */
  readonly report: Report | undefined;
}

/** Runs `portolan check` in the lab's folder and reads the report it wrote. */
export function check(lab: Lab, args: readonly string[] = [], options?: RunOptions): Promise<Checked> {
  return report('check', lab, args, options);
}

/** Runs `portolan preflight` in the lab's folder and reads the report it wrote. */
export function preflight(lab: Lab, args: readonly string[] = [], options?: RunOptions): Promise<Checked> {
  return report('preflight', lab, args, options);
}

async function report(
  command: 'check' | 'preflight',
  lab: Lab,
  args: readonly string[],
  options: RunOptions | undefined,
): Promise<Checked> {
  const file = join(lab.folder, 'report.json');
  writeFileSync(file, '');
  const reporters = ['-r', `json=${file}`];
  const finished = await runPortolan(lab, [command, '-i', 'inventory.json', ...reporters, ...args], options);
  const text = readFileSync(file, 'utf8');
  return { ...finished, report: text === '' ? undefined : (JSON.parse(text) as Report) };
}

/** One line a check: `service py>db fail: refused 7001`; reasons left out, addresses of names too. */
export function rows(report: Report | undefined): readonly string[] {
  return (report?.checks ?? []).map(row).sort();
}

function row(it: ReportCheck): string {
  const outcomes = it.outcomes.map(({ outcome, ports }) => (ports === '' ? outcome : `${outcome} ${ports}`)).sort();
  return `${it.flow} ${it.from}>${it.to} ${it.status}: ${outcomes.join(', ')}`;
}

/** What did not pass, with reasons and vantages, for the message of a failed test. */
export function notPassed(report: Report | undefined): string {
  const checks = report?.checks.filter(({ status }) => status !== 'pass');
  const lines = checks?.map(({ id, status, outcomes }) => `${id} ${status} ${JSON.stringify(outcomes)}`) ?? [
    'no report',
  ];
  return [...lines, JSON.stringify(report?.vantages)].join('\n');
}

export interface FlowSpec {
  readonly from: string;
  readonly to: string;
  readonly port: number | string;
  readonly expect: 'open' | 'reachable' | 'closed' | 'filtered';
  readonly [key: string]: unknown;
}

/** Writes a scenario of these flows beside the inventory; `scenarios: { lab: { file: 'flows.json' } }` names it. */
export function writeScenario(
  lab: Lab,
  flows: Readonly<Record<string, FlowSpec>>,
  ports: Readonly<Record<string, unknown>> = {},
): { readonly lab: { readonly file: string } } {
  const roles = new Set(Object.values(flows).flatMap(({ from, to }) => [from, to]));
  const scenario = {
    scenario: 'lab',
    title: 'Flows of the lab',
    document: { title: 'The test itself' },
    roles: Object.fromEntries([...roles].map((role) => [role, { title: role }])),
    ports,
    flows: Object.entries(flows).map(([id, flow]) => ({ id, title: id, cite: 'the test', ...flow })),
  };
  writeFileSync(join(lab.folder, 'flows.json'), JSON.stringify(scenario));
  return { lab: { file: 'flows.json' } };
}
