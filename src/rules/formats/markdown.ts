import { formatPorts } from '../../model/port-set.js';
import type { Place, ProposedRule } from '../request.js';
import { addressesText, headOf, namesText } from '../words.js';
import type { RuleFormat } from './format.js';

export const markdownFormat: RuleFormat = {
  name: 'markdown',
  description: 'a table for a ticket or a wiki',
  *render(request) {
    for (const sentence of headOf(request)) yield `> ${escaped(sentence)}\n`;
    yield '\n| # | From | To | TCP ports | Purpose | Document |\n| - | - | - | - | - | - |\n';
    for (const [index, rule] of request.rules.entries()) yield `| ${cellsOf(rule, index).join(' | ')} |\n`;
    if (request.notes.length > 0) yield '\n';
    for (const note of request.notes) yield `- ${escaped(note)}\n`;
  },
};

function cellsOf({ destinations, ports, purposes, sources }: ProposedRule, index: number): readonly string[] {
  const lines = (texts: readonly string[]) => texts.map(escaped).join('<br>');
  return [
    `${index + 1}`,
    endOf(sources),
    endOf(destinations),
    formatPorts(ports).replaceAll(',', ', '),
    lines(purposes.map(({ flow, title }) => `${flow}: ${title}`)),
    lines(purposes.map(({ document }) => document)),
  ];
}

function endOf(places: readonly Place[]): string {
  return `${escaped(namesText(places))}<br>${escaped(addressesText(places))}`;
}

function escaped(text: string): string {
  return text.replace(/[\\|<>`*_~]/g, '\\$&');
}
