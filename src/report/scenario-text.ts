import { formatPorts } from '../model/port-set.js';
import type { Scenario } from '../model/scenario.js';
import { columns } from './columns.js';
import { flowEntry, occupancyEntry, ruleEntry, type ScenarioEntry } from './scenario-entry.js';
import { textWidth } from './text-width.js';
import { wrap } from './wrap.js';

/** What `portolan scenarios show` prints: all that the documents ask for, for whoever files the firewall request. */
export function scenarioText(scenario: Scenario, width: number): string {
  const { roles, flows, occupancy, rules, facts, ports } = scenario;
  const section = (title: string, head: readonly string[], entries: readonly ScenarioEntry[]) =>
    sectionText(title, head, entries, width);
  const lines = [
    ...headText(scenario, width),
    ...section('Roles', ['ROLE', 'TITLE'], plain([...roles].map(([name, { title }]) => [name, title]))),
    ...section(
      'Flows',
      ['FROM', 'TO', 'PORT', 'EXPECT'],
      flows.map((flow) => flowEntry(flow, scenario)),
    ),
    ...section(
      'Free before the installation',
      ['ON', 'PORT'],
      occupancy.map((item) => occupancyEntry(item, scenario)),
    ),
    ...section(
      'Rules of the inventory',
      ['RULE', 'ON'],
      rules.map((rule) => ruleEntry(rule, scenario)),
    ),
    ...section(
      'Facts that conditions ask for',
      ['FACT', 'DEFAULT', 'TITLE'],
      plain([...facts].map(([name, fact]) => [name, String(fact.default ?? '(none)'), fact.title ?? ''])),
    ),
    ...section(
      'Ports and their defaults',
      ['PORT', 'DEFAULT', 'SERVICE', 'TITLE'],
      plain(
        [...ports.values()].map((port) => [
          port.name,
          formatPorts(port.default),
          port.service?.label ?? '-',
          port.title ?? '',
        ]),
      ),
    ),
  ];
  return `${lines.join('\n')}\n`;
}

/** What `portolan scenarios list` prints. */
export function scenarioListText(scenarios: readonly Scenario[], width: number): string {
  const rows = scenarios.map(({ name, title, flows }) => [name, String(flows.length), title]);
  return `${columns([['SCENARIO', 'FLOWS', 'TITLE'], ...rows], width, '')
    .flat()
    .join('\n')}\n`;
}

function* headText({ name, title, document, furtherDocuments }: Scenario, width: number): Generator<string> {
  yield* wrap(`${name}: ${title}`, width, '', '  ');
  for (const { short, title: long, url } of [document, ...furtherDocuments]) {
    yield* wrap(short === undefined ? long : `${short}: ${long}`, width, '  ', '    ');
    if (url !== undefined) yield `    ${url}`;
  }
}

function* sectionText(
  title: string,
  head: readonly string[],
  entries: readonly ScenarioEntry[],
  width: number,
): Generator<string> {
  if (entries.length === 0) return;
  const [headLines, ...rows] = columns([head, ...entries.map(({ row }) => row)], width, '  ');
  yield* ['', title, ...headLines!];
  for (const [index, { details, cite, remark }] of entries.entries()) {
    yield* rows[index]!;
    for (const detail of details) yield* wrap(detail, width, '    ', '      ');
    for (const line of packed(cite, width - 4)) yield* wrap(line, width, '    ', '      ');
    if (remark !== undefined) yield* wrap(`(${remark})`, width, '    ', '    ');
    if (details.length > 0 && index < entries.length - 1) yield '';
  }
}

/** Citations, as many in a line as fit: one that is broken in two cannot be searched for. */
function packed(cites: readonly string[], width: number): readonly string[] {
  const lines: string[] = [];
  for (const cite of cites) {
    const longer = `${lines.at(-1)}; ${cite}`;
    if (lines.length > 0 && textWidth(longer) <= width) lines[lines.length - 1] = longer;
    else lines.push(cite);
  }
  return lines;
}

function plain(rows: readonly (readonly string[])[]): readonly ScenarioEntry[] {
  return rows.map((row) => ({ row, details: [], cite: [], remark: undefined }));
}
