import { randomBytes } from 'node:crypto';
import { PassThrough } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { RemoteProcess } from '../model/vantage.js';
import type { Child, Children } from './child.js';
import { printable } from './sentences.js';

/** A command that did not give a shell. The message is a sentence without the host. */
export class ShellFailure extends Error {}

/**
 * Runs a command in the shell that `argv` starts. The shell reads the command from its stdin, and what is written there
 * from then on is the command's own: so nothing may follow before the shell says, by a mark on its stdout, that it has
 * read as far as that, for dash and busybox read ahead. What stood before the mark, of a profile say, is left out.
 * Rejects with a {@link ShellFailure}.
 */
export async function startShell(
  argv: readonly string[],
  command: string,
  readyMs: number,
  children: Children,
): Promise<RemoteProcess> {
  const [file = '', ...args] = argv;
  const name = `"${argv.join(' ')}"`;
  const child = await children.start(file, args).catch((error: NodeJS.ErrnoException) => {
    throw new ShellFailure(`${name} cannot be started: ${meanings[error.code ?? '']?.(file) ?? error.message}`);
  });
  const mark = randomBytes(8).toString('hex');
  // In two parts, so that a command that is no shell and sends back what it reads does not pass for one.
  child.stdin.write(`echo ${mark.slice(0, 8)}''${mark.slice(8)}; eval ${quoted(command)}; exit $?\n`);
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  child.stderr.pipe(stderr);
  const patience = new AbortController();
  const tooLong = delay(readyMs, 'late' as const, { signal: patience.signal });
  tooLong.catch(() => {});
  const heard = hear(child, mark, stdout);
  const ended = child.exited.then(async (exit) => {
    // A short command is over before its output is read.
    await Promise.race([heard.drained, delay(drainMs, undefined, { ref: false })]);
    return exit;
  });
  const first = await Promise.race([heard.marked, ended, tooLong]);
  patience.abort();
  if (first === 'marked') return { stdin: child.stdin, stdout, stderr, exited: child.exited, kill: child.kill };
  void child.end();
  const said = printable(heard.noise());
  throw new ShellFailure(
    first === 'late'
      ? `${name} gave no shell within ${readyMs / 1000} s${said === '' ? '' : ` (it said: ${said})`}: it has to start one that reads its standard input`
      : `${name} ${endOf(first, said)}${said === '' ? `: ${noShell}` : ''}`,
  );
}

/** What a process may still have in its pipes when it has ended. */
const drainMs = 1000;
const noShell = 'it has to start a shell that reads its standard input; docker, podman and kubectl need -i for that';

const meanings: Readonly<Record<string, (file: string) => string>> = {
  ENOENT: (file) => `there is no program ${file} on this machine; check "transport" in the inventory, and the PATH`,
  EACCES: (file) => `${file} may not be run by this user`,
};

/** `ended with exit code 1: Error response from daemon: No such container: db1`. */
export function endOf(exit: { readonly code: number | null; readonly signal: string | null }, said: string): string {
  const how = exit.signal === null ? `ended with exit code ${exit.code}` : `was ended by ${exit.signal}`;
  return said === '' ? how : `${how}: ${said}`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** Waits for the mark, keeps what came before it, and lets all that comes after it through. */
function hear(child: Child, mark: string, stdout: PassThrough) {
  let before = Buffer.alloc(0);
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => {
    errors = (errors + chunk.toString()).slice(-2000);
  });
  const marked = new Promise<'marked'>((resolve) => {
    const onData = (chunk: Buffer) => {
      before = Buffer.concat([before, chunk]);
      const at = before.indexOf(`${mark}\n`);
      if (at === -1) {
        before = before.subarray(-2000);
        return;
      }
      child.stdout.off('data', onData);
      stdout.write(before.subarray(at + mark.length + 1));
      child.stdout.pipe(stdout);
      resolve('marked');
    };
    child.stdout.on('data', onData);
  });
  const drained = Promise.all(
    [child.stdout, child.stderr].map((stream) => new Promise((resolve) => stream.once('end', resolve))),
  );
  return { marked, drained, noise: () => (errors.trim() === '' ? before.toString() : errors) };
}
