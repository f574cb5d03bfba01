import { ExpectedError } from '../model/errors.js';
import { parseCount, parseDuration } from './duration.js';

/** The flags that choose what is planned, as commander hands them over. */
export interface PlanFlags {
  readonly inventory?: string;
  readonly from: readonly string[];
  readonly to: readonly string[];
  readonly flow: readonly string[];
  readonly sample?: string;
  readonly rate: string;
  readonly totalRate: string;
  readonly seed?: string;
}

/** The flags of `portolan check`, as commander hands them over. */
export interface CheckFlags extends PlanFlags {
  readonly reporter: readonly string[];
  readonly timeout: string;
  readonly parallel: string;
  readonly mysqlUser: string;
  readonly diagnose: boolean;
  readonly ticket?: string;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
  readonly listen?: boolean;
}

/** The flags of `portolan preflight`, as commander hands them over. */
export interface PreflightFlags extends Omit<CheckFlags, 'listen'> {
  readonly listenClosed?: boolean;
  readonly browserPorts: string;
}

export interface PlanSettings {
  readonly inventory: string | undefined;
  readonly filters: {
    readonly from: readonly string[];
    readonly to: readonly string[];
    readonly flow: readonly string[];
  };
  readonly sample: number | undefined;
  readonly rate: number;
  readonly totalRate: number;
  readonly seed: number;
}

export interface CheckSettings extends PlanSettings {
  readonly reporters: readonly string[];
  readonly timeoutMs: number;
  readonly parallel: number;
  readonly mysqlUser: string;
  readonly diagnose: boolean;
  readonly ticket: string | null;
  readonly verbosity: 0 | 1 | 2;
  /** Idle ports of `reachable` flows are proven with temporary listeners. */
  readonly listen: boolean;
}

export interface PreflightSettings extends CheckSettings {
  /** Listen for `closed` flows too. */
  readonly listenClosed: boolean;
  /** The ports that browsers refuse: the document's, or those that have come since too. */
  readonly extendedBrowserPorts: boolean;
}

const highestSeed = 2 ** 31 - 1;

/** Throws an {@link ExpectedError} naming the option that is off. */
export function planSettings(flags: PlanFlags): PlanSettings {
  const seed = flags.seed === undefined ? Math.floor(Math.random() * highestSeed) : parseCount(flags.seed, '--seed', 0);
  return {
    inventory: flags.inventory,
    filters: { from: flags.from, to: flags.to, flow: flags.flow },
    sample: flags.sample === undefined ? undefined : parseCount(flags.sample, '--sample', 1),
    rate: parseCount(flags.rate, '--rate', 0),
    totalRate: parseCount(flags.totalRate, '--total-rate', 0),
    seed,
  };
}

/** Throws an {@link ExpectedError} naming the option that is off. */
export function checkSettings(flags: CheckFlags): CheckSettings {
  if (flags.quiet && flags.verbose) throw new ExpectedError('--quiet and --verbose contradict each other; give one');
  return {
    ...planSettings(flags),
    reporters: flags.reporter,
    timeoutMs: parseDuration(flags.timeout, '--timeout'),
    parallel: parseCount(flags.parallel, '--parallel', 1),
    mysqlUser: flags.mysqlUser,
    diagnose: flags.diagnose,
    ticket: flags.ticket ?? null,
    verbosity: flags.quiet ? 0 : flags.verbose ? 2 : 1,
    listen: flags.listen ?? false,
  };
}

/** Throws an {@link ExpectedError} naming the option that is off. */
export function preflightSettings({ browserPorts, listenClosed = false, ...flags }: PreflightFlags): PreflightSettings {
  if (browserPorts !== 'documented' && browserPorts !== 'extended')
    throw new ExpectedError(`--browser-ports ${browserPorts}: expected documented or extended`);
  return { ...checkSettings(flags), listenClosed, extendedBrowserPorts: browserPorts === 'extended' };
}
