import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import type { Ask } from '../model/vantage.js';

interface Terminal {
  readonly input: NodeJS.ReadStream;
  readonly output: NodeJS.WriteStream;
  /** In raw mode the terminal sends no signal: Ctrl-C at a question is handed on, to mean what it means elsewhere. */
  onInterrupt(): void;
}

/** Asks at the terminal, one question at a time, secrets without echo; without a terminal nobody is asked. */
export function terminalAsk(terminal: Terminal): Ask {
  const { input, output } = terminal;
  let previous: Promise<unknown> = Promise.resolve();
  return (question, { secret }) => {
    if (!input.isTTY || !output.isTTY) return Promise.resolve(undefined);
    const answer = previous.then(() => askOnce(terminal, question, secret));
    previous = answer.catch(() => undefined);
    return answer;
  };
}

function askOnce(
  { input, output, onInterrupt }: Terminal,
  question: string,
  secret: boolean,
): Promise<string | undefined> {
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  // The reader first: it turns the terminal's echo off, and an answer may be typed as soon as the question is seen.
  const reader = createInterface({ input, output: secret ? silent : output, terminal: true });
  output.write(`${question} `);
  return new Promise((resolve) => {
    reader.on('SIGINT', () => {
      reader.close();
      onInterrupt();
    });
    reader.once('line', (line) => {
      resolve(line);
      reader.close();
    });
    reader.once('close', () => {
      if (secret) output.write('\n');
      resolve(undefined);
    });
  });
}
