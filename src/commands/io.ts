import type { Ask } from '../model/vantage.js';

/** What a command knows of the outside world, so that only `cli.ts` touches the process and the console. */
export interface CommandIo {
  /** Writes results. */
  stdout(text: string): void;
  /** Writes one line of diagnostics, out of the progress's way. */
  warn(sentence: string): void;
  /** Columns of the terminal behind stdout; 80 where there is none. */
  readonly width: number;
  readonly color: boolean;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly ask: Ask;
  /** Draws the state of a run, where stderr is a terminal; undefined clears it. */
  progress(line: string | undefined): void;
  /** Aborted by SIGINT and SIGTERM. */
  readonly signal: AbortSignal;
  now(): Date;
}
