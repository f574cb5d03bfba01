/** A remote program's first line: which one runs, by what interpreter. */
export interface Ready {
  readonly type: 'ready';
  readonly engine: string;
  /** `/usr/bin/python3 3.11.2`. */
  readonly interpreter: string;
  /** What it can do that not every one of its kind can, as it says so itself. */
  readonly features: string;
}

/** Reads the fields of `ready ENGINE INTERPRETER VERSION FEATURES`. */
export function decodeReady(fields: readonly string[]): Ready | undefined {
  const [engine, interpreter, version, features] = fields;
  if (engine === undefined || interpreter === undefined || version === undefined || features === undefined) return;
  return { type: 'ready', engine, interpreter: `${unescapeWord(interpreter)} ${version}`, features };
}

/** A text that was sent as one word: `%20` for a blank, `-` for nothing. */
export function unescapeWord(text: string): string {
  return text === '-' ? '' : text.replaceAll('%20', ' ').replaceAll('%25', '%');
}
