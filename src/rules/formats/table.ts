import { formatPorts } from '../../model/port-set.js';
import type { ProposedRule } from '../request.js';
import { addressesText, headOf, namesText } from '../words.js';
import type { RuleFormat } from './format.js';

export const tableFormat: RuleFormat = {
  name: 'table',
  description: 'for the terminal',
  *render(request, { columns }) {
    for (const sentence of headOf(request)) yield `${columns([[sentence]], '')[0]!.join('\n')}\n`;
    for (const [index, rule] of request.rules.entries()) {
      yield '\n';
      for (const lines of columns(rowsOf(rule, index), '')) yield `${lines.join('\n')}\n`;
    }
    if (request.notes.length > 0) yield '\n';
    for (const note of request.notes) for (const lines of columns([['note', note]], '')) yield `${lines.join('\n')}\n`;
  },
};

function rowsOf({ destinations, ports, purposes, sources }: ProposedRule, index: number): readonly string[][] {
  return [
    [`${index + 1}`, 'from', namesText(sources)],
    ['', '', addressesText(sources)],
    ['', 'to', namesText(destinations)],
    ['', '', addressesText(destinations)],
    ['', 'tcp', formatPorts(ports)],
    ...purposes.flatMap(({ document, flow, title }) => [
      ['', 'for', `${flow}: ${title}`],
      ['', '', document],
    ]),
  ];
}
