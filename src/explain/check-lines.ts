import { formatPorts } from '../model/port-set.js';
import { type Canvas, cell, paragraph, twoEdges } from '../report/table/layout.js';
import { judgedLines } from './judged-lines.js';
import { saidLines } from './said-lines.js';
import { seenLines } from './seen-lines.js';
import { rows, type Story } from './story.js';

/** One check from its document to its verdict: what was asked, what was seen and said, and what decided. */
export function checkLines(story: Story, canvas: Canvas): string[] {
  return [
    ...headLines(story, canvas),
    '',
    ...seenLines(story, canvas),
    ...saidLines(story, canvas),
    '',
    ...judgedLines(story, canvas),
  ];
}

function headLines({ check, judged }: Story, canvas: Canvas): string[] {
  const { cite, expect, flow, scenario, title } = judged;
  const services = check.services.map(({ ports, service }) => `${service.label} at port ${formatPorts(ports)}`);
  return [
    ...twoEdges(
      cell(`${scenario}/${flow}: ${judged.from} → ${judged.to}`, 'strong'),
      cell(`expects ${expect}`, 'dim'),
      0,
      canvas,
    ),
    ...paragraph(title, 2, 0, 'dim', canvas),
    ...rows(
      [
        ['document', cite.join('; ')],
        ['target', `${check.target}, port ${judged.ports}`],
        ['service', services.join(', ')],
      ],
      canvas,
    ),
  ];
}
