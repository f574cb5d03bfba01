import { formatPorts } from '../../model/port-set.js';
import type { Place, ProposedRule } from '../request.js';
import { comments, headOf } from '../words.js';
import type { RuleFormat } from './format.js';

const header = [
  'rule',
  'source_names',
  'sources',
  'destination_names',
  'destinations',
  'protocol',
  'ports',
  'flows',
  'purpose',
  'document',
];

export const csvFormat: RuleFormat = {
  name: 'csv',
  description: 'a line for each rule; addresses are separated by blanks',
  *render(request) {
    yield comments(headOf(request));
    yield `${header.join(',')}\n`;
    for (const [index, rule] of request.rules.entries()) yield `${cellsOf(rule, index).map(quoted).join(',')}\n`;
    yield comments(request.notes);
  },
};

function cellsOf({ destinations, ports, purposes, sources }: ProposedRule, index: number): readonly string[] {
  return [
    `${index + 1}`,
    names(sources),
    addresses(sources),
    names(destinations),
    addresses(destinations),
    'tcp',
    formatPorts(ports),
    purposes.map(({ flow }) => flow).join(' '),
    purposes.map(({ title }) => title).join('; '),
    purposes.map(({ document }) => document).join('; '),
  ];
}

function names(places: readonly Place[]): string {
  return [...new Set(places.flatMap((place) => place.names))].join(', ');
}

function addresses(places: readonly Place[]): string {
  return places.map(({ address }) => address).join(' ');
}

/** RFC 4180; what a spreadsheet would take for a formula is kept from being one. */
function quoted(cell: string): string {
  const text = /^[=+\-@]/.test(cell) ? `'${cell}` : cell;
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
