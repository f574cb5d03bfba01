import type { ExecutionContext } from 'ava';
import type { SweepEvent } from '#src/model/sweep.js';
import { Machine } from '../lab/machine.js';
import { until } from '../until.js';
import { ProcessVantage } from './process-vantage.js';

export const quiet: AbortSignal = new AbortController().signal;

/** A node of its own, 10.9.0.1, whose programs run in its namespaces. */
export async function machine(t: ExecutionContext, setup: readonly string[] = []): Promise<Machine> {
  const made = await Machine.start('node', ['ip addr add 10.9.0.1/32 dev lo', ...setup]);
  t.teardown(() => made.stop());
  return made;
}

/** A vantage of that node. */
export function inside(made: Machine, more: readonly string[] = [], environment?: NodeJS.ProcessEnv): ProcessVantage {
  return new ProcessVantage(['nsenter', ...made.inside, ...more], environment);
}

/** What runs on it, without the process that holds it. */
export function ours(node: Machine) {
  return node.processes().filter(({ command }) => command !== 'cat');
}

/** Fails unless nothing runs there any more within the ten seconds that are promised. */
export async function nothingLeft(node: Machine): Promise<void> {
  await until(() => ours(node).length === 0, 10_000, `nothing of ours is left: ${JSON.stringify(ours(node))}`);
}

/** Signals those that are still there: the end of one may be the end of another. */
export function signal(processes: readonly { readonly pid: number }[], name: NodeJS.Signals): void {
  for (const { pid } of processes)
    try {
      process.kill(pid, name);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
}

/** Resolves once so many probes were answered. */
export function answered(probes: number) {
  let seen = 0;
  let resolve: () => void;
  const reached = new Promise<void>((settle) => {
    resolve = settle;
  });
  const tell = (event: SweepEvent) => {
    if (event.type === 'progress') seen += event.probes;
    if (seen >= probes) resolve();
  };
  return { reached, tell };
}

export const silentRange = { id: 0, target: '10.9.0.1', ports: [[20000, 20599]], allowOwnAddress: true } as const;
