import type { PhaseTimes } from '../model/observation.js';
import type { Check } from '../model/plan.js';
import { countPorts, formatPorts, type PortSet, unionPorts } from '../model/port-set.js';
import type { OutcomeStatus, Proof, ReportOutcome } from '../model/report.js';
import type { Expectation } from '../model/scenario.js';
import type { Evidence } from './evidence.js';
import type { Seen } from './seen.js';
import { best, type Verdict, verdictOf, weakestProof, worst } from './verdict.js';

/** One check judged against one expectation. */
export interface Judgement {
  readonly status: OutcomeStatus;
  readonly proof: Proof | null;
  readonly outcomes: readonly ReportOutcome[];
  readonly notes: readonly string[];
}

interface Part {
  readonly seen: Seen;
  readonly verdict: Verdict;
}

/** Judges what a check saw, address by address; the worst address decides. */
export function judgeCheck(
  check: Check,
  seen: readonly (readonly Seen[])[],
  expect: Expectation,
  evidence: Evidence,
): Judgement {
  const byAddress = seen.map((parts) =>
    parts.map((part): Part => {
      const control = () =>
        part.address === undefined
          ? undefined
          : evidence.control(check.from.name, part.address, part.ports, check.to.name);
      return { seen: part, verdict: verdictOf(part, expect, control) };
    }),
  );
  // Before the installation the product may come to use any of them, so a path to all of them is wanted.
  const any = check.flow.flow.match.ports === 'any' && evidence.phase === 'check';
  const statusOf = (parts: readonly Part[]) => (any ? best : worst)(parts.map(({ verdict }) => verdict.status));
  const status = worst(byAddress.map(statusOf));
  const parts = byAddress.flat();
  // Of an any-of-ports check, only the ports that decided it have something to say about the verdict.
  const deciding = any ? parts.filter(({ verdict }) => verdict.status === status) : parts;
  return {
    status,
    proof: weakestProof(deciding.map(({ verdict }) => verdict.proof)),
    outcomes: byAddress.flatMap((ofAddress) => reportOutcomes(ofAddress, check.target)),
    notes: notesOf(deciding, check.ports),
  };
}

type Draft = { -readonly [Key in keyof ReportOutcome]: ReportOutcome[Key] };

function reportOutcomes(parts: readonly Part[], target: string): ReportOutcome[] {
  const inPortOrder =
    parts.length < 2 ? parts : [...parts].sort((a, b) => (a.seen.ports[0]?.[0] ?? 0) - (b.seen.ports[0]?.[0] ?? 0));
  return inPortOrder.map(({ seen, verdict }) => {
    const { address, listening, outcome, phases, ports, problem, reason, sender, untried } = seen;
    const { status } = verdict;
    const row: Draft = { outcome, ports: formatPorts(ports), count: countPorts(ports), reason, status };
    if (address !== target) {
      if (address !== undefined) row.address = address;
      if (seen.sourceAddress !== undefined) row.sourceAddress = seen.sourceAddress;
    }
    if (sender !== undefined) row.sender = sender;
    if (listening !== undefined) row.listening = listening;
    if (untried !== undefined) row.untried = untried;
    if (problem !== undefined) row.problem = problem;
    if (phases !== undefined) row.phasesMs = phasesOf(phases);
    return row;
  });
}

/** Milliseconds, to the microsecond; null for a phase that there was not, or that nobody could time. */
function phasesOf({ resolve, connect, tls, firstByte }: PhaseTimes): NonNullable<ReportOutcome['phasesMs']> {
  const rounded = (ms: number | undefined) => (ms === undefined ? null : Math.round(ms * 1000) / 1000);
  return { resolve: rounded(resolve), connect: rounded(connect), tls: rounded(tls), firstByte: rounded(firstByte) };
}

function notesOf(parts: readonly Part[], all: PortSet): string[] {
  const ports = new Map<string, PortSet>();
  for (const { seen, verdict } of parts)
    if (verdict.note !== undefined) ports.set(verdict.note, unionPorts(ports.get(verdict.note) ?? [], seen.ports));
  return [...ports].map(([note, some]) => (countPorts(some) === countPorts(all) ? note : `${nameSome(some)}: ${note}`));
}

/** The text of a set, or its count where the text would bury the note. */
function nameSome(ports: PortSet): string {
  const text = formatPorts(ports);
  return text.length <= 40 ? text : `${countPorts(ports)} ports from ${ports[0]![0]} on`;
}
