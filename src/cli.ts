#!/usr/bin/env node
import type { CommandIo } from './commands/io.js';
import { runProgram } from './commands/program.js';
import { type ExitCode, ExpectedError, exitCodes } from './model/errors.js';
import { packageVersion } from './packaged.js';
import { ProgressLine } from './terminal/progress-line.js';
import { terminalAsk } from './terminal/prompt.js';

// Wires the commands to the process; the only file that touches the process and its streams.

const { stdin, stdout, stderr, env } = process;
const interruption = new AbortController();

function interrupt(code: ExitCode): void {
  // The second one means it: what is left on the nodes ends by itself when its heartbeat stops.
  if (interruption.signal.aborted) process.exit(code);
  interruption.abort(new ExpectedError('interrupted', code));
}

function fail(error: unknown): void {
  if (error instanceof ExpectedError) {
    stderr.write(`portolan: ${error.message}\n`);
    process.exitCode = error.exitCode;
    return;
  }
  const stack = error instanceof Error ? error.stack : String(error);
  stderr.write(`portolan: internal error; this is a bug in portolan, not a result of the check\n${stack}\n`);
  process.exitCode = exitCodes.internal;
}

function commandIo({ color, quiet }: { readonly color: boolean; readonly quiet?: boolean }): CommandIo {
  const colorWanted = color && !env.NO_COLOR && env.TERM !== 'dumb';
  const progress = new ProgressLine(stderr, !quiet && env.TERM !== 'dumb');
  return {
    stdout: (text) => void stdout.write(text),
    warn: (sentence) => progress.write(`portolan: ${sentence}`),
    width: stdout.columns || 80,
    color: colorWanted && stdout.isTTY === true,
    environment: env,
    ask: terminalAsk({ input: stdin, output: stderr, onInterrupt: () => interrupt(exitCodes.interrupted) }),
    progress: (line) => progress.draw(line),
    signal: interruption.signal,
    now: () => new Date(),
  };
}

process.on('SIGINT', () => interrupt(exitCodes.interrupted));
process.on('SIGTERM', () => interrupt(exitCodes.terminated));
process.on('uncaughtException', (error) => {
  fail(error);
  process.exit();
});
// `portolan … | head` closes the pipe early: nothing is wrong with the run.
stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

try {
  const exitCode = await runProgram(process.argv.slice(2), {
    version: packageVersion(),
    stdout: (text) => void stdout.write(text),
    stderr: (text) => void stderr.write(text),
    commandIo,
  });
  process.exitCode = exitCode;
} catch (error) {
  fail(error);
}
