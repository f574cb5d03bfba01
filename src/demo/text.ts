import type { StreamedReport } from '../model/report.js';
import { hostNames, type Layout } from './layout.js';
import { type Fault, faults as planned } from './planted.js';

/** A paragraph, or a line of a list. */
export interface DemoLine {
  readonly mark: string;
  readonly text: string;
}

/** What stands above the table. */
export function introduction(layout: Layout, faults: readonly Fault[]): readonly DemoLine[] {
  const where = layout.ownAddresses
    ? `on ${layout.address('office')} to ${layout.address('lighthouse')}`
    : 'on different ports of 127.0.0.1';
  const missing = planned.filter((fault) => !faults.includes(fault));
  return [
    paragraph(
      `A small harbour of ${hostNames.length} hosts is running on this machine, ${where}: SSH servers that run real shells, and services that really listen. On purpose,`,
    ),
    ...faults.map(({ story }, index) => ({
      mark: `  ${index + 1}. `,
      text: `${story}${index + 1 < faults.length ? ';' : '.'}`,
    })),
    ...missing.map(({ story }) => paragraph(`This machine does not let it happen that ${story}: left out.`)),
    paragraph('This is what "portolan check" makes of it:'),
  ];
}

/** What stands below it. */
export function conclusion(report: StreamedReport, differences: readonly string[]): readonly DemoLine[] {
  if (differences.length > 0)
    return [
      paragraph(
        'The report is not what was planted. That is a bug in portolan, or something on this machine is in the way:',
      ),
      ...differences.map(item),
    ];
  const { pass, fail } = report.summary.checks;
  return [
    paragraph(
      `The report is exactly what was planted: ${fail} checks fail because of it, and the ${pass} that pass have nothing wrong with them.`,
    ),
    paragraph('What to look at:'),
    item('"refused" and "timeout" are different troubles: the first was answered by the host, the second by nobody.'),
    item('A range is one row however many ports it has, and only the part that differs is named.'),
    item('The books: a port that is open is not yet the right service, so what speaks there was asked who it is.'),
    item('The weather: the path is fine and the gateway says so, hence it is no business of a firewall.'),
    item('The archive fails because it can be reached: a flow may be documented as closed.'),
    item('What was waived is still probed, and what nobody holds a role for is listed, not forgotten.'),
    paragraph('What to try next:'),
    item('portolan scenarios list, and portolan scenarios show exasol: the documents that come with portolan.'),
    item(
      'Copy inventory.example.json to inventory.json and put your hosts in it; then portolan plan, which connects to nothing, and portolan check.',
    ),
  ];
}

function paragraph(text: string): DemoLine {
  return { mark: '', text };
}

function item(text: string): DemoLine {
  return { mark: '  - ', text };
}
