import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { execa } from 'execa';
import { systemPath } from './interpreters.js';

export interface LabProcess {
  /** As the test process sees it. */
  readonly pid: number;
  readonly command: string;
}

/** Runs a shell as the first process of new namespaces. */
function hold(script: string) {
  const namespaces = ['--net', '--mount', '--uts', '--pid', '--fork', '--kill-child', '--mount-proc'];
  return execa('unshare', [...namespaces, '--propagation', 'private', 'sh', '-c', script], {
    stdin: 'pipe',
    reject: false,
    cleanup: false,
    env: { PATH: systemPath },
  });
}

/**
 * A machine of the lab: a network, mount, hostname and PID namespace, held by a shell that waits for the end of its
 * standard input. Nothing survives it: killing the first process of a PID namespace kills the rest, and when the test
 * process dies the input ends.
 */
export class Machine {
  readonly name: string;
  readonly #holder: ReturnType<typeof hold>;

  private constructor(name: string, holder: ReturnType<typeof hold>) {
    this.name = name;
    this.#holder = holder;
  }

  /** Starts a machine; `setup` are shell commands that run inside before it counts as started. */
  static async start(name: string, setup: readonly string[]): Promise<Machine> {
    const script = [
      'set -e',
      'exec 3<&0',
      `hostname ${name}`,
      'ip link set lo up',
      ...setup,
      'echo started',
      'cat <&3 >/dev/null &',
      'wait $!',
    ].join('\n');
    const holder = hold(script);
    const machine = new Machine(name, holder);
    await machine.#started();
    return machine;
  }

  #started(): Promise<void> {
    return new Promise((resolve, reject) => {
      let output = '';
      this.#holder.stdout.on('data', (chunk: Buffer) => {
        output += chunk.toString();
        if (/^started$/m.test(output)) resolve();
      });
      void this.#holder.then(({ stderr }) => reject(new Error(`lab machine ${this.name} did not start: ${stderr}`)));
    });
  }

  /** What the machine's own processes wrote to standard error: sshd's log. */
  get log(): NodeJS.ReadableStream {
    return this.#holder.stderr;
  }

  /** The process whose namespaces are the machine's, for `ip link … netns PID`. */
  get pid(): number {
    const { pid } = this.#holder;
    if (pid === undefined) throw new Error(`lab machine ${this.name} has no process`);
    return pid;
  }

  /** Arguments of `nsenter` for the machine's network alone: what runs there is no process of the machine. */
  get networkOnly(): readonly string[] {
    return [`--net=/proc/${this.pid}/ns/net`];
  }

  /** Arguments of `nsenter` for everything: what runs there is a process of the machine, with its files. */
  get inside(): readonly string[] {
    const namespaces = `/proc/${this.pid}/ns`;
    return [
      `--net=${namespaces}/net`,
      `--mount=${namespaces}/mnt`,
      `--uts=${namespaces}/uts`,
      `--pid=${namespaces}/pid_for_children`,
    ];
  }

  /** Runs a program in the machine's network, with the test machine's own files. */
  async run(file: string, args: readonly string[], input = ''): Promise<string> {
    const { stdout } = await execa('nsenter', [...this.networkOnly, file, ...args], {
      input,
      env: { PATH: systemPath },
    });
    return stdout;
  }

  /** Runs a batch of `ip` commands in the machine's network. */
  async ip(commands: readonly string[]): Promise<void> {
    await this.run('ip', ['-batch', '-'], `${commands.join('\n')}\n`);
  }

  /** Runs a program as one of the machine's processes, with the machine's files; never rejects for its exit code. */
  async runInside(file: string, args: readonly string[], options: { readonly timeoutMs?: number } = {}) {
    return execa('nsenter', [...this.inside, file, ...args], {
      reject: false,
      stdin: 'ignore',
      env: { PATH: systemPath },
      ...(options.timeoutMs === undefined ? {} : { timeout: options.timeoutMs }),
    });
  }

  /** Every live process of the machine but its first. */
  processes(): readonly LabProcess[] {
    const namespace = readlinkSync(`/proc/${this.pid}/ns/pid_for_children`);
    const found: LabProcess[] = [];
    for (const entry of readdirSync('/proc')) {
      if (!/^\d+$/.test(entry)) continue;
      try {
        if (readlinkSync(`/proc/${entry}/ns/pid`) !== namespace) continue;
        const status = readFileSync(`/proc/${entry}/status`, 'utf8');
        const isFirst = /^NSpid:.*\s1$/m.test(status);
        if (isFirst || /^State:\s+[ZX]/m.test(status)) continue;
        const command = readFileSync(`/proc/${entry}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
        // One that is ending has let go of its memory, and its command line with it.
        if (command !== '') found.push({ pid: Number(entry), command });
      } catch {
        // It ended while it was looked at.
      }
    }
    return found;
  }

  async stop(): Promise<void> {
    this.#holder.kill('SIGKILL');
    await this.#holder;
  }
}
