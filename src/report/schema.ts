import { z } from 'zod';
import { engineNames } from '../model/engine.js';
import { exitCodes } from '../model/errors.js';
import { transportNames } from '../model/inventory.js';
import { dialogueProblems, untriedCauses } from '../model/observation.js';
import {
  evidenceKinds,
  hostKeyStates,
  outcomes,
  portStates,
  proofs,
  type Report,
  ruleStates,
  statuses,
} from '../model/report.js';
import { expectations, severities } from '../model/scenario.js';

// Not needed to write a report: imported only to read a saved one, and to generate schemas/report.schema.json.

const count = z.int().nonnegative();
const phase = z.number().nonnegative().nullable();

const outcome = z.strictObject({
  outcome: z.enum([...outcomes, ...portStates, ...ruleStates, ...hostKeyStates]),
  ports: z.string(),
  count,
  reason: z.string().nullable(),
  status: z.enum(['pass', 'warn', 'fail', 'unknown']),
  address: z.string().exactOptional(),
  sourceAddress: z.string().exactOptional(),
  sender: z.string().exactOptional(),
  listening: z.boolean().exactOptional(),
  untried: z.enum([...untriedCauses, 'no-vantage', 'no-address']).exactOptional(),
  problem: z.enum(dialogueProblems).exactOptional(),
  evidence: z.strictObject({ kind: z.enum(evidenceKinds), detail: z.string() }).exactOptional(),
  finding: z.string().exactOptional(),
  phasesMs: z
    .strictObject({ resolve: phase, connect: phase, tls: phase, firstByte: phase })
    .meta({
      description: 'Where a dialogue was held: how long its phases took, of several ports those of the slowest.',
    })
    .exactOptional(),
});

const check = z.strictObject({
  id: z.string(),
  kind: z.enum(['path', 'port', 'rule', 'login']),
  scenario: z.string(),
  flow: z.string(),
  title: z.string(),
  cite: z.array(z.string()),
  from: z.string().nullable(),
  to: z.string().nullable(),
  fromRole: z.string().exactOptional(),
  toRole: z.string().exactOptional(),
  address: z.string().nullable(),
  via: z.string().exactOptional(),
  sourceAddress: z.string().nullable(),
  ports: z.string(),
  protocol: z.literal('tcp'),
  service: z.string().nullable(),
  expect: z.enum([...expectations, 'free', 'kept', 'known']),
  severity: z.enum(severities),
  status: z.enum(statuses),
  proof: z.enum(proofs).nullable(),
  group: z.string().nullable(),
  outcomes: z.array(outcome),
  latencyMs: z.strictObject({ min: z.number(), median: z.number(), max: z.number() }).nullable(),
  notes: z.array(z.string()),
  finding: z.string().nullable(),
});

const finding = z.strictObject({
  id: z.string(),
  cause: z.string(),
  summary: z.string(),
  remedy: z.string(),
  owner: z.string(),
  evidence: z.array(z.string()),
  checks: z.array(z.string()),
});

const vantage = z.strictObject({
  host: z.string(),
  status: z.enum(['ready', 'failed', 'lost']),
  transport: z.enum(transportNames),
  address: z.string().nullable(),
  engine: z.enum(engineNames).nullable(),
  interpreter: z.string().nullable(),
  blindSpots: z.array(z.string()),
  notes: z.array(z.string()),
  error: z.string().nullable(),
});

const run = z.strictObject({
  id: z.string(),
  command: z.string(),
  version: z.string(),
  startedAt: z.string(),
  durationMs: z.number(),
  operator: z.string(),
  controller: z.string(),
  ticket: z.string().nullable(),
  options: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
  filters: z.record(z.string(), z.array(z.string())),
  inputs: z.array(z.strictObject({ file: z.string(), sha256: z.string() })),
  complete: z.boolean(),
  interrupted: z.boolean(),
});

const summary = z.strictObject({
  verdict: z.enum(['pass', 'fail', 'unknown']),
  exitCode: z.literal(Object.values(exitCodes)),
  checks: z.strictObject({ pass: count, warn: count, fail: count, unknown: count, skipped: count, waived: count }),
  probes: count,
});

/** The format `portolan.report/1`. */
export const reportSchema = z
  .strictObject({
    schema: z.literal('portolan.report/1'),
    run,
    checks: z.array(check),
    findings: z.array(finding),
    vantages: z.array(vantage),
    summary,
  })
  .meta({ title: 'Portolan report' });

type Same<A, B> = [A] extends [B] ? true : never;
type Mutable<T> = T extends object ? { -readonly [K in keyof T]: Mutable<T[K]> } : T;
// The format and the model are one: a field added to either and not to the other fails the build.
const _readsAsReport: Same<z.infer<typeof reportSchema>, Report> = true;
const _coversReport: Same<Mutable<Report>, z.infer<typeof reportSchema>> = true;
