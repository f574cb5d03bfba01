import { spawn } from 'node:child_process';
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { listenerPrograms } from '#src/listen/programs.js';
import { openListeners } from '#src/listen/session.js';
import { type ListenerSession, probeToken } from '#src/model/listening.js';
import type { RemoteProgram } from '#src/remote-program/bootstrap.js';
import { python2Prefix, systemPath } from '../lab/interpreters.js';
import { Machine } from '../lab/machine.js';
import { ProcessVantage } from '../sweep/process-vantage.js';
import { never } from '../vantage/fixtures.js';

export const run = '0123456789abcdef';
export const answer = 'fedcba9876543210';

/** What a program of the listeners is run by. */
export interface Contestant {
  readonly title: string;
  readonly program: 'python' | 'perl';
  /** What it says of itself. */
  readonly interpreter: RegExp;
  readonly alsoNeeded: readonly string[];
}

export const contestants: readonly Contestant[] = [
  { title: 'python 3', program: 'python', interpreter: /python\S* 3\.\d+\.\d+$/, alsoNeeded: [] },
  { title: 'python 2.7', program: 'python', interpreter: / 2\.7\.\d+$/, alsoNeeded: ['python2.7'] },
  { title: 'perl', program: 'perl', interpreter: /perl 5\.\d+\.\d+$/, alsoNeeded: [] },
];

export function programsOf({ program }: Contestant): readonly RemoteProgram[] {
  return listenerPrograms.filter(({ name }) => name === program);
}

export interface Question {
  readonly to: string;
  readonly port: number;
  /** Said one after the other. */
  readonly says: readonly string[];
  /** The address that the client connects from. */
  readonly from?: string;
  /** Whether none is expected: then it is not waited for long. */
  readonly unanswered?: boolean;
}

/** What source 7 asks a port of 127.0.0.1. */
export function question(port: number, more: Partial<Question> = {}): Question {
  return { to: '127.0.0.1', port, says: [`${probeToken(run, 7)}\n`], ...more };
}

/** A machine with a network of its own, where listeners run by one interpreter; everything ends with the test. */
export class Node {
  readonly machine: Machine;
  readonly #contestant: Contestant;
  readonly #t: ExecutionContext;
  readonly #folder: string;

  private constructor(t: ExecutionContext, machine: Machine, contestant: Contestant) {
    this.machine = machine;
    this.#contestant = contestant;
    this.#t = t;
    this.#folder = mkdtempSync(join(tmpdir(), 'portolan-listen-'));
    // Commands may be another user's.
    chmodSync(this.#folder, 0o755);
    const prefix = contestant.title === 'python 2.7' ? python2Prefix() : undefined;
    if (prefix !== undefined) symlinkSync(join(prefix, 'bin', 'python2.7'), join(this.#folder, 'python3'));
  }

  static async start(t: ExecutionContext, contestant: Contestant, setup: readonly string[] = []): Promise<Node> {
    const node = new Node(t, await Machine.start('node', setup), contestant);
    t.teardown(async () => {
      await node.machine.stop();
      rmSync(node.#folder, { recursive: true });
    });
    return node;
  }

  /** Logs in; `prefix` is what commands are run by there. */
  vantage(prefix: readonly string[] = []): ProcessVantage {
    const vantage = new ProcessVantage(['nsenter', ...this.machine.networkOnly, ...prefix], {
      PATH: `${this.#folder}:${systemPath}`,
    });
    this.#t.teardown(() => {
      for (const process of vantage.processes) process.kill();
    });
    return vantage;
  }

  /** A program that the node finds first. */
  install(name: string, script: string): void {
    writeFileSync(join(this.#folder, name), script, { mode: 0o755 });
  }

  open(vantage: ProcessVantage = this.vantage(), sudo = false): Promise<ListenerSession> {
    return openListeners(vantage, { run, answer, sudo, limitSeconds: 3600 }, never, programsOf(this.#contestant));
  }

  /** The processes that listen for us, as the test process sees them. */
  programs(): readonly number[] {
    const network = readlinkSync(`/proc/${this.machine.pid}/ns/net`);
    return readdirSync('/proc')
      .filter((entry) => /^\d+$/.test(entry))
      .filter((pid) => {
        try {
          // The program is an argument of its interpreter.
          return (
            readlinkSync(`/proc/${pid}/ns/net`) === network &&
            readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('ip_local_port_range')
          );
        } catch {
          return false;
        }
      })
      .map(Number);
  }

  /** Asks from the node itself. */
  async ask(questions: readonly Question[]): Promise<readonly (string | null)[]> {
    const text = await this.machine.run('python3', [join(sources, 'ask.py')], JSON.stringify(questions));
    return JSON.parse(text) as (string | null)[];
  }

  /** Runs python until the test is over, and returns once it has printed something. */
  async occupy(script: string): Promise<number> {
    const child = spawn(
      'nsenter',
      [...this.machine.networkOnly, 'python3', '-c', `${script}\nprint(1, flush=True)\nsys.stdin.read()`],
      { stdio: ['pipe', 'pipe', 'inherit'], env: { PATH: systemPath } },
    );
    this.#t.teardown(() => child.kill('SIGKILL'));
    await new Promise((resolve) => child.stdout.once('data', resolve));
    return child.pid!;
  }

  /** Rows of the kernel's tables of sockets: whatever state they are in. */
  async sockets(): Promise<readonly string[]> {
    const table = await this.machine.run('cat', ['/proc/net/tcp', '/proc/net/tcp6']);
    return table.split('\n').filter((line) => /^ *\d+:/.test(line));
  }
}

const sources = new URL('../../test/listen/', import.meta.url).pathname;
