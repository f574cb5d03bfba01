import { explanationText } from '../explain/explanation.js';
import { DialogueRecorder } from '../explain/recorder.js';
import { type ExitCode, ExpectedError } from '../model/errors.js';
import { suggestName } from '../model/nearest.js';
import type { Plan, PlannedFlow } from '../model/plan.js';
import type { BoundScenario } from '../model/scenario.js';
import { matchesFlow } from '../model/selector.js';
import type { DialogueAt } from '../observe/node-dialogues.js';
import { assertSomethingToProbe } from '../plan/make-plan.js';
import { servicesOf } from '../plan/services.js';
import type { CommandIo } from './io.js';
import { secretsOf } from './materials.js';
import { observeSite } from './observing.js';
import { type CheckFlags, type CheckSettings, checkSettings } from './options.js';
import { type PlannedSite, planOf } from './planning.js';
import { reportOf } from './report-of.js';
import { loadSite } from './site.js';

/** The flags of `portolan explain`, as commander hands them over. */
export type ExplainFlags = Omit<CheckFlags, 'flow' | 'reporter' | 'ticket' | 'quiet' | 'verbose'>;

// Enough for a role of a few hosts; what is told of one check is a page.
const mostChecks = 10;

/**
 * `portolan explain`: tries the checks of one flow, and tells all that was seen, said and judged. Throws an ExpectedError
 * before the first packet.
 */
export async function runExplain(
  requested: string,
  flags: ExplainFlags & { readonly color: boolean },
  io: CommandIo,
): Promise<ExitCode> {
  const { leftOut, settings, site } = choose(requested, checkSettings({ ...flags, flow: [], reporter: [] }));
  const { plan } = site;
  assertSomethingToProbe(plan);
  const secrets = secretsOf(servicesOf(plan), io.environment).map((secret) => Buffer.from(secret));
  const recorders = new Map<string, DialogueRecorder>();
  const times = { startedAt: io.now() };
  const { interruption, observations } = await observeSite(site, settings, io, {
    transcriptOf: (dialogue) => {
      const recorder = new DialogueRecorder(secrets);
      recorders.set(keyOf(dialogue), recorder);
      return recorder;
    },
  });
  const report = reportOf(site, settings, observations, { ...times, endedAt: io.now(), interruption });
  const text = explanationText(
    {
      plan,
      observations,
      report,
      leftOut,
      secrets: [...recorders.values()].flatMap((recorder) => recorder.secrets),
      recordingOf: (check, address, { port, service }) =>
        recorders.get(keyOf({ source: check.from.name, target: check.target, address, port, service })),
    },
    io,
  );
  for (const chunk of text) io.stdout(chunk);
  return report.summary.exitCode;
}

function keyOf({ address, port, service, source, target }: DialogueAt): string {
  return JSON.stringify([source, target, address, port, service]);
}

/** What is explained: one flow, and as many of its checks as anybody reads. */
function choose(
  requested: string,
  settings: CheckSettings,
): { readonly site: PlannedSite; readonly settings: CheckSettings; readonly leftOut: number } {
  // A scenario may be a path, with slashes of its own.
  const slash = requested.lastIndexOf('/');
  const loaded = loadSite(settings.inventory, slash === -1 ? [] : [requested.slice(0, slash)]);
  const flow = flowNamed(requested.slice(slash + 1), loaded.scenarios);
  const narrowed = (from: readonly string[], to: readonly string[]) => {
    const filtered = { ...settings, filters: { from, to, flow: [flow] } };
    return { settings: filtered, site: { ...loaded, plan: planOf(loaded, filtered) } };
  };
  const whole = narrowed(settings.filters.from, settings.filters.to);
  const planned = whole.site.plan.flows[0];
  if (planned === undefined || planned.checks.length <= mostChecks) return { ...whole, leftOut: 0 };
  const [from, to] = firstPairs(planned);
  const some = narrowed(from, to);
  return { ...some, leftOut: planned.checks.length - countChecks(some.site.plan) };
}

/** The only flow of that id, as `SCENARIO/FLOW`. Throws an ExpectedError where there is none, or more than one. */
function flowNamed(id: string, scenarios: readonly BoundScenario[]): string {
  const flows = scenarios.flatMap(({ name, scenario }) => scenario.flows.map((flow) => ({ name, id: flow.id })));
  const named = flows.filter((flow) => matchesFlow(id, flow.name, flow.id)).map(({ name }) => `${name}/${id}`);
  if (named.length === 1) return named[0]!;
  if (named.length > 1)
    throw new ExpectedError(`${id} is a flow of several scenarios; give one of ${named.join(', ')}`);
  throw new ExpectedError(`unknown flow "${id}"; ${suggestName(id, new Set(flows.map((flow) => flow.id)))}`);
}

/**
 * The sources and destinations of the first checks, as many as are told. Where one of several hosts has to do, the hosts
 * of a source are judged together: they are not parted.
 */
function firstPairs({ checks, flow }: PlannedFlow): readonly [from: string[], to: string[]] {
  const from = new Set<string>();
  const to = new Set<string>();
  for (const check of checks) {
    const pairs = new Set([...from, check.from.name]).size * new Set([...to, check.to.name]).size;
    const together = flow.match.hosts === 'any' && from.has(check.from.name);
    if (pairs > mostChecks && from.size > 0 && !together) break;
    from.add(check.from.name);
    to.add(check.to.name);
  }
  return [[...from], [...to]];
}

function countChecks({ flows }: Plan): number {
  return flows.reduce((sum, { checks }) => sum + checks.length, 0);
}
