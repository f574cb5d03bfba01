import type { Transcript } from '../model/dialogue.js';
import type { Host } from '../model/inventory.js';
import type { Observations } from '../model/observation.js';
import type { Plan } from '../model/plan.js';
import { observe } from '../observe/observe.js';
import { servicesOf } from '../plan/services.js';
import { planWork } from '../plan/work.js';
import { services } from '../protocol/registry.js';
import { openSession } from '../sweep/session.js';
import { PreAuthWindow, unlimitedPreAuth } from '../vantage/pre-auth-budget.js';
import { createTransports } from '../vantage/registry.js';
import type { CommandIo } from './io.js';
import { readMaterials } from './materials.js';
import type { CheckSettings } from './options.js';
import { progressText } from './progress-text.js';

const heartbeatMs = 1000;

/** Nobody listens in but the report's clock. */
const unheard: Transcript = { note() {}, sent() {}, received() {}, phase() {} };

/** Observes a plan with the real transports and engines, and draws the progress meanwhile. */
export async function observePlan(
  plan: Plan,
  hosts: ReadonlyMap<string, Host>,
  settings: CheckSettings,
  io: CommandIo,
): Promise<Observations> {
  const { ask, environment, signal } = io;
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
        materials: readMaterials(servicesOf(plan), environment),
        transcriptOf: () => unheard,
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
