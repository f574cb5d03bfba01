import type { Transcript } from '../model/dialogue.js';
import { type ExitCode, ExpectedError } from '../model/errors.js';
import type { Host } from '../model/inventory.js';
import type { Observations } from '../model/observation.js';
import type { Plan } from '../model/plan.js';
import type { DialogueAt } from '../observe/node-dialogues.js';
import { observe } from '../observe/observe.js';
import { servicesOf } from '../plan/services.js';
import { planWork } from '../plan/work.js';
import { connectThrough } from '../protocol/http/connect.js';
import { authorityOf } from '../protocol/http/request.js';
import { services } from '../protocol/registry.js';
import { openSession } from '../sweep/session.js';
import { PreAuthWindow, unlimitedPreAuth } from '../vantage/pre-auth-budget.js';
import { createTransports } from '../vantage/registry.js';
import type { CommandIo } from './io.js';
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

/**
 * Observes a site with the real transports and engines, and draws the progress meanwhile. `transcriptOf`: who listens in
 * on a dialogue.
 */
export async function observeSite(
  { inventory, plan }: PlannedSite,
  settings: CheckSettings,
  io: CommandIo,
  transcriptOf: (dialogue: DialogueAt) => Transcript = () => unheard,
): Promise<Observed> {
  const hosts = new Map([...inventory.members].filter((entry): entry is [string, Host] => entry[1].kind === 'host'));
  const observations = await observePlan(plan, hosts, settings, io, transcriptOf);
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
  transcriptOf: (dialogue: DialogueAt) => Transcript,
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
    return await observe(
      plan,
      (host) => planWork(plan, host),
      settings,
      {
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
      },
      signal,
    );
  } finally {
    clearInterval(clock);
    io.progress(undefined);
    await transports.close();
  }
}
