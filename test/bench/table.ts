import Table from 'cli-table3';
import type { Measurement } from './measure.js';

const markdown = {
  ...{
    top: '',
    'top-left': '',
    'top-mid': '',
    'top-right': '',
    mid: '',
    'left-mid': '',
    'mid-mid': '',
    'right-mid': '',
  },
  ...{ bottom: '', 'bottom-left': '', 'bottom-mid': '', 'bottom-right': '', left: '|', middle: '|', right: '|' },
};

/** The measurements as an aligned Markdown table: every column that any row has, and the limits where there are some. */
export function markdownTable(measurements: readonly Measurement[]): string {
  const columns = [...new Set(measurements.flatMap(({ figures }) => Object.keys(figures)))];
  const limited = measurements.some(({ limit }) => limit !== undefined);
  const head = ['measured', ...columns, ...(limited ? ['limit', ''] : [])];
  const table = new Table({ head, chars: markdown, style: { head: [], border: [] } });
  for (const { what, figures, limit } of measurements) {
    const verdict = limit === undefined ? ['', ''] : [limit.text, limit.kept ? 'kept' : '**missed**'];
    table.push([what, ...columns.map((column) => figures[column] ?? ''), ...(limited ? verdict : [])]);
  }
  const [first, ...rest] = table.toString().split('\n');
  return `${[first, first!.replaceAll(/[^|]/g, '-').replaceAll(/-(?=\|)|(?<=\|)-/g, ' '), ...rest].join('\n')}\n`;
}
