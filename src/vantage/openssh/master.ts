import { readFile } from 'node:fs/promises';
import { type Login, VantageFailure } from '../../model/vantage.js';
import { lossOf } from '../connection.js';
import { silenceUntilLost } from '../keepalive.js';
import type { LoginSettings } from '../login-settings.js';
import { place, printable } from '../sentences.js';
import { openControlSocket } from './control-socket.js';
import { readLoginLog } from './login-log.js';
import { MultiplexedSessions } from './multiplexed.js';

/** An ssh that is logged in and carries sessions for this run. */
export interface Master {
  /** The host's name. */
  readonly host: string;
  readonly controlPath: string;
  readonly sessions: MultiplexedSessions;
  readonly login: Login;
  /** How many other masters it goes through. */
  readonly depth: number;
  /** Resolves when it is gone, for whichever reason. */
  readonly gone: Promise<void>;
  /** Resolves with the reason when it is lost; stays pending for ever when it is closed by `close`. */
  readonly lost: Promise<VantageFailure>;
  /** Lets go of it, and ends it where this run has started it. Never rejects. */
  close(): Promise<void>;
}

/** Takes up a master that is ours, once its ssh has logged in. Rejects with an Error where it is not to be had. */
export function ownMaster(
  settings: LoginSettings,
  files: { readonly controlPath: string; readonly logFile: string },
  login: Login,
  through: Master | undefined,
): Promise<Master> {
  const { controlPath, logFile } = files;
  const depth = depthOf(through);
  const why = async () => {
    // The one that was lost first is the one to name.
    const behind = through === undefined ? undefined : await lossOf(through);
    if (behind !== undefined) return (behind.cause as VantageFailure | undefined) ?? behind;
    const text = await readFile(logFile, 'utf8').catch(() => '');
    return causeOf(readLoginLog(text).messages, depth);
  };
  const end = async () => {
    const control = await openControlSocket(controlPath).catch(() => undefined);
    await control?.terminate();
  };
  return takeUp({ settings, controlPath, login, depth, why, end });
}

/** The number of masters that a login through one goes through. */
export function depthOf(through: Master | undefined): number {
  return through === undefined ? 0 : through.depth + 1;
}

/** Sessions of their own on a master that others use as well: to close them ends nothing else. */
export function shareOf(settings: LoginSettings, master: Master): Promise<Master> {
  const { controlPath, depth, login } = master;
  const why = async () => {
    const loss = await lossOf(master);
    return loss ?? 'the other side closed it';
  };
  return takeUp({ settings, controlPath, login, depth, why, end: async () => {} });
}

/**
 * Takes up the master that the user's own ControlPath names; undefined where none is alive there. It is the user's: it is
 * not ended.
 */
export async function usersMaster(settings: LoginSettings, controlPath: string): Promise<Master | undefined> {
  const login: Login = { address: undefined, notes: [`uses the ssh connection that is open at ${controlPath}`] };
  const why = async () => `the ssh that held it open at ${controlPath} ended`;
  return takeUp({ settings, controlPath, login, depth: 0, why, end: async () => {} }).catch(() => undefined);
}

interface Terms extends Pick<Master, 'controlPath' | 'login' | 'depth'> {
  readonly settings: LoginSettings;
  /** Why it is gone: a clause, or the loss of what it went through. */
  readonly why: () => Promise<string | VantageFailure>;
  /** Ends the master itself. */
  readonly end: () => Promise<void>;
}

async function takeUp({ end, settings, why, ...rest }: Terms): Promise<Master> {
  const control = await openControlSocket(rest.controlPath);
  const sessions = new MultiplexedSessions(await control.proxy());
  let closing: Promise<void> | undefined;
  const lost = new Promise<VantageFailure>((resolve) => {
    void sessions.gone.then(async () => {
      if (closing !== undefined) return;
      const cause = await why();
      const [clause, options] = typeof cause === 'string' ? [cause, {}] : [cause.message, { cause }];
      resolve(new VantageFailure(`the connection to ${place(settings)} was lost: ${clause}`, options));
    });
  });
  return {
    ...rest,
    host: settings.host,
    sessions,
    lost,
    gone: sessions.gone,
    close() {
      closing ??= end().then(() => sessions.close());
      return closing;
    },
  };
}

/** Why ssh lost its connection, from what it said last. */
function causeOf(messages: readonly string[], depth: number): string {
  const loggedIn = messages.findLastIndex((line) => line.startsWith('Authenticated to '));
  const said = messages.slice(loggedIn + 1).filter((line) => !/^(?:Transferred: |Bytes per second: )/.test(line));
  if (said.some((line) => /^Timeout, server/.test(line))) {
    return `it answered nothing for ${silenceUntilLost(depth) / 1000} s: the network was cut, or the host hangs`;
  }
  if (said.length === 0 || said.some((line) => /closed by remote host/.test(line))) return 'the other side closed it';
  return printable(said.at(-1)!);
}
