import type { Transcript } from '../model/dialogue.js';
import { type ExitCode, ExpectedError } from '../model/errors.js';
import type { Host } from '../model/inventory.js';
import { probeToken } from '../model/listening.js';
import type { Observations } from '../model/observation.js';
import type { Plan } from '../model/plan.js';
import type { DialogueAt } from '../observe/node-dialogues.js';
import { type ObserveDependencies, observe } from '../observe/observe.js';
import { observeProving, type ProvingDependencies } from '../observe/proving.js';
import { planProvingWork } from '../plan/proving-work.js';
import { servicesOf } from '../plan/services.js';
import { type Proving, wantedPorts } from '../plan/wanted-ports.js';
import { planWork } from '../plan/work.js';
import { connectThrough } from '../protocol/http/connect.js';
import { authorityOf } from '../protocol/http/request.js';
import { services } from '../protocol/registry.js';
import { estimate } from '../report/plan-time.js';
import { openSession } from '../sweep/session.js';
import { PreAuthWindow, unlimitedPreAuth } from '../vantage/pre-auth-budget.js';
import { createTransports } from '../vantage/registry.js';
import type { CommandIo } from './io.js';
import { listenersLast, secretWord, startListeners } from './listening.js';
import { prepareMaterials } from './materials.js';
import type { CheckSettings } from './options.js';
import type { PlannedSite } from './planning.js';
import { progressText } from './progress-text.js';

const heartbeatMs = 1000;

/** Nobody listens in but the report's clock. */
const unheard: Transcript = { note() {}, sent() {}, received() {}, phase() {} };

/** What was seen of a site, and the signal's own exit code, 130 or 143, where one ended the run early. */
export interface Observed {
  readonly observations: Observations;
  readonly interruption: ExitCode | undefined;
}

export interface ObservingOptions {
  /** Who listens in on a dialogue. */
  readonly transcriptOf?: (dialogue: DialogueAt) => Transcript;
  /** Which flows are proven with temporary listeners; undefined: none. */
  readonly proving?: Proving | undefined;
}

/**
 * Observes a site with the real transports and engines, and draws the progress meanwhile.
 */
export async function observeSite(
  { inventory, plan }: PlannedSite,
  settings: CheckSettings,
  io: CommandIo,
  { transcriptOf = () => unheard, proving }: ObservingOptions = {},
): Promise<Observed> {
  const hosts = new Map([...inventory.members].filter((entry): entry is [string, Host] => entry[1].kind === 'host'));
  const observations = await observePlan(plan, hosts, settings, io, { transcriptOf, proving });
  return { observations, interruption: observations.interrupted ? interruptionCode(io.signal) : undefined };
}

/** The signal's own exit code, 130 or 143. */
function interruptionCode({ reason }: AbortSignal): ExitCode {
  if (!(reason instanceof ExpectedError)) throw reason;
  return reason.exitCode;
}

async function observePlan(
  plan: Plan,
  hosts: ReadonlyMap<string, Host>,
  settings: CheckSettings,
  io: CommandIo,
  { proving, transcriptOf }: Required<ObservingOptions>,
): Promise<Observations> {
  const { ask, environment, signal } = io;
  const materials = await prepareMaterials(servicesOf(plan), environment);
  const window = new PreAuthWindow();
  const preAuth = settings.rate === 0 ? unlimitedPreAuth : window;
  const transports = createTransports({ hosts, environment, ask, warn: (sentence) => io.warn(sentence), preAuth });
  const startedAt = io.now().getTime();
  let draw = () => {};
  const clock = setInterval(() => draw(), heartbeatMs);
  try {
    const dependencies: ObserveDependencies = {
      connect: (host, aborted) => transports.connect(host, aborted),
      openSession: (vantage, aborted) => openSession(vantage, {}, aborted),
      dialogues: new Map(services.map((each) => [each.service, each])),
      preAuth,
      materials,
      connectThrough: (stream, context) => connectThrough(stream, authorityOf(context.target, context.port), context),
      transcriptOf,
      onProgress: (progress) => {
        draw = () => io.progress(progressText(progress, io.now().getTime() - startedAt, window.waiting));
        draw();
      },
    };
    if (proving !== undefined)
      return await observeProving(plan, settings, { ...dependencies, ...provingBy(plan, proving, settings) }, signal);
    return await observe(plan, (host) => planWork(plan, host), settings, dependencies, signal);
  } finally {
    clearInterval(clock);
    io.progress(undefined);
    await transports.close();
  }
}

/** One word for the run's probes, and each host's listeners and work. */
function provingBy(
  plan: Plan,
  proving: Proving,
  settings: CheckSettings,
): Pick<ProvingDependencies, 'listen' | 'workOf'> {
  const reckoned = settings.rate === 0 ? 0 : estimate(plan, settings).seconds;
  const terms = { run: secretWord(), limitSeconds: listenersLast(reckoned) };
  const wanted = wantedPorts(plan, proving);
  const numbers = new Map(
    [...plan.members.values()].filter(({ kind }) => kind === 'host').map(({ name }, number) => [name, number]),
  );
  return {
    listen: (vantage, host, own, aborted) =>
      startListeners(vantage, host, wanted.get(host.name) ?? [], own, terms, aborted),
    workOf: (host, listeners) => planProvingWork(plan, host, listeners, probeToken(terms.run, numbers.get(host.name)!)),
  };
}
