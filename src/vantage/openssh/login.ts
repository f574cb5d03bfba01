import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { HostKeyProblem } from '../../model/host-key-problem.js';
import { type Login, VantageFailure } from '../../model/vantage.js';
import { LostBeforeHandshake } from '../handshake-pacing.js';
import type { Interactive } from '../interactive.js';
import { literalAddress, notForwarded, throughDoubtful } from '../jump.js';
import { hung } from '../login-sentences.js';
import type { LoginSettings } from '../login-settings.js';
import { Patience } from '../patience.js';
import type { Secrets } from '../secrets.js';
import { addressAndPort, place } from '../sentences.js';
import type { Askpass } from './askpass.js';
import { hostKeyDoubt } from './host-key-failure.js';
import { type LoginPlan, masterArguments } from './login-arguments.js';
import { type LoginFailure, loginFailure } from './login-failure.js';
import { type LoginLog, readLoginLog } from './login-log.js';
import { LoginPrompts } from './login-prompts.js';
import { type Master, ownMaster } from './master.js';
import type { PrivateFolder } from './private-folder.js';

/** How long ssh may go without a sign of progress once it has connected, in milliseconds: see `loginTimeouts` of ssh2. */
export const loginSilenceMs = 40_000;
/** How long the last words of a client that has failed are waited for. */
const lastWordsMs = 300;

/** What every login of a run shares. */
export interface LoginParts {
  /** The program to run. */
  readonly client: string;
  /** Arguments that come first: which configuration to read. */
  readonly clientArguments: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly folder: PrivateFolder;
  readonly askpass: Askpass;
  readonly secrets: Secrets;
  readonly interactive: Interactive;
  readonly silenceMs: number;
}

type Ending =
  | { readonly kind: 'exit'; readonly code: number | null }
  | { readonly kind: 'not-started'; readonly error: NodeJS.ErrnoException }
  | { readonly kind: 'hung' }
  | { readonly kind: 'hopeless' }
  | { readonly kind: 'aborted' };

/**
 * Has ssh log in to a host, and takes up the master that it leaves in the background. Rejects with a
 * {@link VantageFailure}, with a `LostBeforeHandshake` where another try is worth while, or with the signal's reason; ssh
 * has then ended.
 */
export async function logIn(plan: LoginPlan, parts: LoginParts, signal: AbortSignal): Promise<Master> {
  signal.throwIfAborted();
  const { settings } = plan;
  const controlPath = parts.folder.fresh();
  const logFile = `${controlPath}.log`;
  const readLog = async () => readLoginLog(await readFile(logFile, 'utf8').catch(() => ''));
  const prompts = new LoginPrompts(settings, parts.interactive, readLog);
  const cannot = (what: string, hostKeyProblem?: HostKeyProblem) =>
    new VantageFailure(parts.secrets.scrub(`cannot log in to ${place(settings)}: ${what}`), { hostKeyProblem });

  const { ending, stderr } = await runClient(plan, parts, { controlPath, logFile }, prompts, signal);
  if (ending.kind === 'aborted') throw signal.reason;
  if (ending.kind === 'not-started') {
    const why =
      ending.error.code === 'ENOENT' ? 'is not installed on this machine' : `did not start: ${ending.error.message}`;
    throw cannot(
      `the openssh transport needs the ssh client, and "${parts.client}" ${why}; install it (openssh-client), or set ` +
        '"transport": "ssh2" for this host',
    );
  }
  const log = await readLog();
  if (ending.kind === 'hung') {
    const phase = log.exchanged ? 'its answer to the login' : 'its part of the key exchange';
    throw cannot(log.greeted ? hung(phase, parts.silenceMs) : `ssh said nothing for ${parts.silenceMs / 1000} s`);
  }
  if (ending.kind === 'exit' && ending.code === 0) {
    const { doubt, refusal, warning } = hostKeyDoubt(settings, log);
    const own = doubt === undefined ? throughDoubtful(plan.through?.login ?? {}) : { hostKeyDoubt: doubt };
    const login = { ...loginOf(log, settings), ...own };
    const master = await ownMaster(settings, { controlPath, logFile }, login, plan.through).catch((error: Error) => {
      throw cannot(`ssh logged in, but cannot be spoken to: ${error.message}`);
    });
    if (warning !== undefined) parts.interactive.warn(warning);
    if (refusal === undefined) return master;
    await master.close();
    throw cannot(refusal, 'revoked');
  }
  const why = log.greeted || plan.through === undefined ? undefined : await whyUnreached(plan.through, settings);
  if (why !== undefined) throw cannot(why);
  const failure = loginFailure({
    ...{ settings, log, stderr, answered: prompts.tried, hopeless: ending.kind === 'hopeless' },
    byProxyCommand: log.addresses.length === 0 && plan.through === undefined,
  });
  throw asError(failure, cannot(failure.sentence, failure.hostKeyProblem));
}

function asError({ again }: LoginFailure, error: VantageFailure): Error {
  return again ? new LostBeforeHandshake(error.message) : error;
}

/** Runs ssh until it has gone to the background, or has failed. */
async function runClient(
  plan: LoginPlan,
  parts: LoginParts,
  files: { readonly controlPath: string; readonly logFile: string },
  prompts: LoginPrompts,
  signal: AbortSignal,
): Promise<{ ending: Ending; stderr: string }> {
  let size = 0;
  let settle: (ending: Ending) => void = () => {};
  const ended = new Promise<Ending>((resolve) => {
    settle = resolve;
  });
  const patience = new Patience(async () => {
    const grown = (await readFile(files.logFile).catch(() => Buffer.alloc(0))).length;
    if (grown === size) settle({ kind: 'hung' });
    size = grown;
    patience.expect('ssh', parts.silenceMs);
  });
  const { done, environment } = parts.askpass.register((prompt) => patience.whileAsking(prompts.answer(prompt)));
  const onAbort = () => settle({ kind: 'aborted' });
  signal.addEventListener('abort', onAbort, { once: true });
  void prompts.hopeless.then(() => settle({ kind: 'hopeless' }));
  const { execa } = await import('execa');
  const child = execa(parts.client, [...parts.clientArguments, ...masterArguments(plan, parts.client, files)], {
    // In a session of its own: without a terminal to ask at, and out of reach of Ctrl-C.
    ...({ detached: true, cleanup: false, reject: false, buffer: false, extendEnv: false } as const),
    ...({ stdin: 'ignore', stdout: 'ignore', stderr: 'pipe' } as const),
    env: { ...parts.environment, ...environment, LC_ALL: 'C' },
  });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => {
    stderr = (stderr + chunk.toString()).slice(-10_000);
  });
  const lastWords = once(child.stderr, 'end').catch(() => {});
  child.once('exit', (code) => settle({ kind: 'exit', code }));
  void child.then((result) => {
    if (result.exitCode === undefined && result.signal === undefined) {
      settle({ kind: 'not-started', error: (result.cause ?? result) as NodeJS.ErrnoException });
    }
  });
  patience.expect('ssh', parts.silenceMs);
  const ending = await ended;
  // What it said last may lie behind its exit; a proxy command that goes on keeps the stream open.
  if (ending.kind === 'exit' && ending.code !== 0) await Promise.race([lastWords, delay(lastWordsMs)]);
  patience.end();
  signal.removeEventListener('abort', onAbort);
  if (ending.kind !== 'exit' && ending.kind !== 'not-started') {
    child.kill('SIGKILL');
  }
  done();
  prompts.end();
  // A proxy command goes on with this stderr as its own, but must not keep this process alive.
  (child.stderr as unknown as { unref(): void }).unref();
  return { ending, stderr };
}

/** Asks the jump host why sshd was not reached: `ssh -W` says of every cause the same. Undefined: now it is. */
async function whyUnreached(through: Master, { hostname, port }: LoginSettings): Promise<string | undefined> {
  const failure = await through.sessions.whyNotForwarded(hostname, port);
  if (failure === undefined) return undefined;
  return `the jump host ${through.host} ${notForwarded(failure, addressAndPort(hostname, port))}`;
}

/** By which address ssh logged in, and what became of others. */
function loginOf({ addresses, messages }: LoginLog, { hostname }: LoginSettings): Login {
  const address = addresses.at(-1) ?? literalAddress(hostname);
  const failed = messages.flatMap((line) => {
    const [, other, why] = /^connect to address (\S+) port \d+: (.*)$/.exec(line) ?? [];
    return other === undefined ? [] : [`${other}: ${why}`];
  });
  const notes = failed.length === 0 ? [] : [`${failed.join(', ')}; logged in by ${address}`];
  return { address, notes };
}
