import { randomBytes } from 'node:crypto';
import { hostname, userInfo } from 'node:os';
import type { ReportRun } from '../model/report.js';
import { packageVersion } from '../packaged.js';

/** `20260314-091500-3fa9c1`: sorts by time, and two runs of one second stay apart. */
function runId(startedAt: Date): string {
  const [date, time] = startedAt.toISOString().replace(/[-:]/g, '').split('T');
  return `${date}-${time!.slice(0, 6)}-${randomBytes(3).toString('hex')}`;
}

/** Who runs it; a container's user may have no name. */
export function operator(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? 'unknown');
  }
}

type Particulars = Pick<
  ReportRun,
  'command' | 'ticket' | 'options' | 'filters' | 'inputs' | 'complete' | 'interrupted'
>;

/** The record of one execution, for the report. */
export function runRecord(startedAt: Date, endedAt: Date, particulars: Particulars): ReportRun {
  const { command, ticket, options, filters, inputs, complete, interrupted } = particulars;
  return {
    id: runId(startedAt),
    command,
    version: packageVersion(),
    startedAt: startedAt.toISOString(),
    durationMs: endedAt.getTime() - startedAt.getTime(),
    operator: operator(),
    controller: hostname(),
    ticket,
    options,
    filters,
    inputs,
    complete,
    interrupted,
  };
}
