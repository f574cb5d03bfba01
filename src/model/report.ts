import type { EngineName } from './engine.js';
import type { ExitCode } from './errors.js';
import type { TransportName } from './inventory.js';
import type { DialogueProblem, UntriedCause } from './observation.js';
import type { Expectation, Severity } from './scenario.js';

export const outcomes = [
  'open',
  'mismatch',
  'reset',
  'refused',
  'rejected',
  'timeout',
  'unreachable',
  'name-failure',
  'unprobed',
] as const;
/** What was seen; see docs/outcomes.md. */
export type Outcome = (typeof outcomes)[number];

/** What was seen of a port before an installation: of checks of kind `port`, beside `unprobed`. */
export const portStates = ['free', 'in-use', 'held-by-client'] as const;
type PortState = (typeof portStates)[number];

/** What came of a rule: of checks of kind `rule`. */
export const ruleStates = ['kept', 'violated'] as const;
type RuleState = (typeof ruleStates)[number];

/** What came of the host key of a login: of checks of kind `login`. */
export const hostKeyStates = ['key-changed', 'key-revoked'] as const;
type HostKeyState = (typeof hostKeyStates)[number];

export const statuses = ['pass', 'warn', 'fail', 'unknown', 'skipped', 'waived'] as const;
/** What that means for the flow's expectation. */
export type Status = (typeof statuses)[number];

export type OutcomeStatus = Exclude<Status, 'skipped' | 'waived'>;

export const proofs = ['identified', 'connected', 'listener', 'inferred', 'control', 'weak-control'] as const;
export type Proof = (typeof proofs)[number];

export const evidenceKinds = [
  'accept-queue-full',
  'path-member',
  'wrong-address',
  'answered-by-itself',
  'no-route-back',
  'bound-to-device',
  'ipv6-only',
  'mapping',
  'reset-on-the-way',
] as const;

/** What was proven of why an outcome is what it is, beyond the outcome itself. */
export interface OutcomeEvidence {
  readonly kind: (typeof evidenceKinds)[number];
  /** A clause: the device's name, the other host's name, a lost and a good 5-tuple. */
  readonly detail: string;
}

/** Ports of one check with the same outcome for the same reason. */
export interface ReportOutcome {
  readonly outcome: Outcome | PortState | RuleState | HostKeyState;
  readonly ports: string;
  readonly count: number;
  /** `rst`, `icmp 3/13 from 10.10.0.1`, `3.5 s`, `no login: …`; null for a plain `open`. */
  readonly reason: string | null;
  /** What these ports alone come to, before severity and waivers are weighed. */
  readonly status: OutcomeStatus;
  /** The literal, where the target is a name. */
  readonly address?: string;
  /** The address that the source used towards it, where the target is a name and it is known. */
  readonly sourceAddress?: string;
  /** Who sent the ICMP message. */
  readonly sender?: string;
  /** What the destination's LISTEN table says of these ports; left out where it could not be asked. */
  readonly listening?: boolean;
  /** Why it is `unprobed`, as a stable word. */
  readonly untried?: UntriedCause | 'no-vantage' | 'no-address';
  /** What is wrong with the service that was spoken to, as a stable word. */
  readonly problem?: DialogueProblem;
  readonly evidence?: OutcomeEvidence;
  /** What this outcome is put down to: the id of a finding, of every outcome that did not pass where the check did not. */
  readonly finding?: string;
  /** Where a dialogue was held: how long its phases took, of several ports those of the slowest. */
  readonly phasesMs?: {
    readonly resolve: number | null;
    readonly connect: number | null;
    readonly tls: number | null;
    readonly firstByte: number | null;
  };
}

export interface ReportCheck {
  readonly id: string;
  readonly kind: 'path' | 'port' | 'rule' | 'login';
  readonly scenario: string;
  readonly flow: string;
  readonly title: string;
  readonly cite: readonly string[];
  readonly from: string | null;
  readonly to: string | null;
  /** Of a row without hosts. */
  readonly fromRole?: string;
  readonly toRole?: string;
  /** The target as the inventory writes it. */
  readonly address: string | null;
  /** The HTTP proxy that everything went through, `proxy.example:3128`, where there is one. */
  readonly via?: string;
  /** Null where it is not known, or where a name led to several addresses by different ones: each outcome has its own. */
  readonly sourceAddress: string | null;
  readonly ports: string;
  readonly protocol: 'tcp';
  readonly service: string | null;
  /** Of a port `free`, of a rule `kept`, of a login `known`: the host key. */
  readonly expect: Expectation | 'free' | 'kept' | 'known';
  readonly severity: Severity;
  readonly status: Status;
  readonly proof: Proof | null;
  readonly group: string | null;
  readonly outcomes: readonly ReportOutcome[];
  readonly latencyMs: { readonly min: number; readonly median: number; readonly max: number } | null;
  /** Sentences: a lost SYN, no firewall proven, why it was skipped, the waiver's reason, an expired waiver. */
  readonly notes: readonly string[];
  readonly finding: string | null;
}

interface Finding {
  readonly id: string;
  /** A stable word: `service-down`, `packet-filter-drops`, `host-firewall`…; the registry is in src/diagnose. */
  readonly cause: string;
  readonly summary: string;
  readonly remedy: string;
  /** Whose it is to mend: `service`, `host`, `network`, `source`, `inventory`, `portolan`. */
  readonly owner: string;
  readonly evidence: readonly string[];
  readonly checks: readonly string[];
}

export interface ReportVantage {
  readonly host: string;
  readonly status: 'ready' | 'failed' | 'lost';
  readonly transport: TransportName;
  /** The literal address that was logged in to; null where it is not known, or nobody logs in over the network. */
  readonly address: string | null;
  readonly engine: EngineName | null;
  readonly interpreter: string | null;
  readonly blindSpots: readonly string[];
  readonly notes: readonly string[];
  readonly error: string | null;
}

export interface ReportRun {
  readonly id: string;
  readonly command: string;
  readonly version: string;
  readonly startedAt: string;
  readonly durationMs: number;
  readonly operator: string;
  readonly controller: string;
  readonly ticket: string | null;
  readonly options: Readonly<Record<string, string | number | boolean | null>>;
  readonly filters: Readonly<Record<string, readonly string[]>>;
  readonly inputs: readonly { readonly file: string; readonly sha256: string }[];
  readonly complete: boolean;
  readonly interrupted: boolean;
}

export interface ReportSummary {
  readonly verdict: 'pass' | 'fail' | 'unknown';
  readonly exitCode: ExitCode;
  readonly checks: Readonly<Record<Status, number>>;
  readonly probes: number;
}

/** `portolan.report/1`: the one model every format is drawn from. Keys in this order, so that it streams. */
export interface Report {
  readonly schema: 'portolan.report/1';
  readonly run: ReportRun;
  readonly checks: readonly ReportCheck[];
  readonly findings: readonly Finding[];
  readonly vantages: readonly ReportVantage[];
  readonly summary: ReportSummary;
}

/** Ids of checks, made while they are asked for. */
export interface CheckIds extends Iterable<string> {
  readonly length: number;
}

export interface StreamedFinding extends Omit<Finding, 'checks'> {
  readonly checks: CheckIds;
}

/**
 * A report whose checks are made while they are asked for, anew each time: a mesh of 1,000 hosts has a million of them. A
 * {@link Report}, which holds them all, is one too.
 */
export interface StreamedReport extends Omit<Report, 'checks' | 'findings'> {
  readonly checks: Iterable<ReportCheck>;
  readonly findings: readonly StreamedFinding[];
}

/** How a reporter may draw: of the stream it writes to. */
export interface ReporterStyle {
  /** Columns of the terminal, or 80 where the output is piped. */
  readonly width: number;
  readonly color: boolean;
  /** 0 quiet, 1 normal, 2 verbose. */
  readonly verbosity: 0 | 1 | 2;
}

/** A function from a report to text, in chunks, so that a large report streams. */
export interface Reporter {
  readonly name: string;
  readonly description: string;
  render(report: StreamedReport, style: ReporterStyle): Iterable<string>;
}
