import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { packagedPath } from '../../packaged.js';
import type { PrivateFolder } from './private-folder.js';

/** A question that an ssh asks. */
export interface Prompt {
  readonly text: string;
  /** ssh only tells something and goes on by itself: a FIDO key waits to be touched. */
  readonly notice: boolean;
}

/** Answers one login's questions; undefined where there is no answer. Never rejects. */
export type Answerer = (prompt: Prompt) => Promise<string | undefined>;

/** The run's end of `askpass-program.ts`: answers what the ssh processes of a run ask. */
export class Askpass {
  readonly #server: Server;
  readonly #environment: Readonly<Record<string, string>>;
  readonly #answerers = new Map<string, Answerer>();
  /** Those that wait for an answer, by login. */
  readonly #waiting = new Map<Socket, string | undefined>();
  #count = 0;

  private constructor(server: Server, environment: Readonly<Record<string, string>>) {
    this.#server = server;
    this.#environment = environment;
    server.on('connection', (socket) => this.#serve(socket));
    server.unref();
  }

  static async start(folder: PrivateFolder, display: string | undefined): Promise<Askpass> {
    // SSH_ASKPASS is run with the question as its only argument.
    const words = [process.execPath, packagedPath('dist/vantage/openssh/askpass-program.js')].map(quote);
    const program = await folder.program('askpass', `#!/bin/sh\nexec ${words.join(' ')} "$@"\n`);
    const socket = folder.fresh();
    const server = createServer().listen(socket);
    await once(server, 'listening');
    return new Askpass(server, {
      PORTOLAN_ASKPASS: socket,
      SSH_ASKPASS: program,
      SSH_ASKPASS_REQUIRE: 'force',
      // Before OpenSSH 8.4 (2020) it was a display, and no terminal, that made ssh run the program.
      DISPLAY: display ?? 'none:0',
    });
  }

  /** The variables with which an ssh asks `answerer`, until `done` is called. */
  register(answerer: Answerer): { readonly environment: Readonly<Record<string, string>>; readonly done: () => void } {
    this.#count += 1;
    const login = String(this.#count);
    this.#answerers.set(login, answerer);
    const done = () => {
      this.#answerers.delete(login);
      for (const [socket, asking] of this.#waiting) if (asking === login) socket.destroy();
    };
    return { environment: { ...this.#environment, PORTOLAN_LOGIN: login }, done };
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#waiting.keys()) socket.destroy();
  }

  #serve(socket: Socket): void {
    this.#waiting.set(socket, undefined);
    socket.on('error', () => {});
    socket.once('close', () => this.#waiting.delete(socket));
    createInterface(socket).once('line', async (line) => {
      const { kind, login, prompt } = JSON.parse(line) as { kind: string; login: string; prompt: string };
      this.#waiting.set(socket, login);
      const answerer = this.#answerers.get(login);
      // A question to be answered with yes or no guards something that this program has no opinion of.
      const answer = kind === 'confirm' ? undefined : await answerer?.({ text: prompt, notice: kind === 'none' });
      socket.end(answer === undefined ? '' : JSON.stringify(answer));
    });
  }
}

function quote(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
