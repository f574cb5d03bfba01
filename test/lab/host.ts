import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type HostFiles, writeHostFiles } from './files.js';
import type { InterpreterName } from './interpreters.js';
import { generateKey, type KeyPair } from './keys.js';
import { type LabProcess, Machine } from './machine.js';

export interface HostSpec {
  /** Names of the lab's networks; the first one's address is the host's. */
  readonly networks?: readonly string[];
  readonly shell?: string;
  readonly home?: Readonly<Record<string, string>>;
  /** What a host has of these; without bash, its user's shell is sh. */
  readonly interpreters?: readonly InterpreterName[];
  readonly programs?: Readonly<Record<string, string>>;
  readonly sshd?: readonly string[];
  readonly motd?: string;
  /** Lines of /etc/hosts instead of the names of all the lab's hosts. */
  readonly names?: readonly string[];
}

export interface Interface {
  /** The network's and the interface's name. */
  readonly network: string;
  readonly address: string;
  /** Undefined in a lab without IPv6. */
  readonly address6: string | undefined;
  readonly prefixLength: number;
  /** `ip` commands that lead to the other networks; the kernel forgets them when the cable is cut. */
  readonly routes: readonly string[];
}

/** A host of the lab: a machine with real sshd, its own users, names and interpreters. */
export class LabHost {
  readonly name: string;
  readonly machine: Machine;
  readonly interfaces: readonly Interface[];
  /** Where the test process, and Portolan, log in. */
  readonly managementAddress: string;
  readonly managementAddress6: string | undefined;
  readonly hostKey: KeyPair;
  readonly #files: HostFiles;

  private constructor(parts: {
    name: string;
    machine: Machine;
    interfaces: readonly Interface[];
    managementAddress: string;
    managementAddress6: string | undefined;
    hostKey: KeyPair;
    files: HostFiles;
  }) {
    this.name = parts.name;
    this.machine = parts.machine;
    this.interfaces = parts.interfaces;
    this.managementAddress = parts.managementAddress;
    this.managementAddress6 = parts.managementAddress6;
    this.hostKey = parts.hostKey;
    this.#files = parts.files;
  }

  static async start(
    name: string,
    spec: HostSpec,
    place: {
      readonly folder: string;
      readonly interfaces: readonly Interface[];
      readonly managementAddress: string;
      readonly managementAddress6: string | undefined;
      readonly names: readonly string[];
      readonly authorizedKey: string;
    },
  ): Promise<LabHost> {
    const { folder, interfaces, managementAddress, managementAddress6 } = place;
    mkdirSync(join(folder, 'etc/ssh'), { recursive: true });
    const hostKey = await generateKey(join(folder, 'etc/ssh/ssh_host_ed25519_key'));
    const interpreters = spec.interpreters ?? ['python3', 'perl', 'bash', 'nc'];
    const settings = {
      shell: spec.shell ?? (interpreters.includes('bash') ? '/bin/bash' : '/bin/sh'),
      home: spec.home ?? {},
      interpreters,
      programs: spec.programs ?? {},
      sshd: spec.sshd ?? [],
      motd: spec.motd ?? '',
      names: spec.names ?? place.names,
    };
    const files = writeHostFiles(folder, settings, place.authorizedKey);
    const machine = await Machine.start(name, [...files.mounts, '/usr/sbin/sshd -D -e &']);
    const host = new LabHost({ name, machine, interfaces, managementAddress, managementAddress6, hostKey, files });
    await host.#sshdListens();
    return host;
  }

  /** Its address on a network, on its first one by default. */
  address(network?: string): string {
    const found = network === undefined ? this.interfaces[0] : this.interfaces.find((it) => it.network === network);
    if (found === undefined) throw new Error(`host ${this.name} is not on network ${network}`);
    return found.address;
  }

  /** Its IPv6 address on its first network. */
  get address6(): string {
    const { address6 } = this.interfaces[0]!;
    if (address6 === undefined) throw new Error(`host ${this.name} has no IPv6 address: the lab was made without`);
    return address6;
  }

  /** Cuts a network's cable; `management` is the one Portolan logs in through. */
  async unplug(network: string): Promise<void> {
    await this.machine.ip([`link set ${network} down`]);
  }

  /** Mends a cable, and the routes and the IPv6 address that went with it. */
  async plug(network: string): Promise<void> {
    const own = this.interfaces.find((it) => it.network === network);
    const address6 = network === 'management' ? this.managementAddress6 : own?.address6;
    const again = address6 === undefined ? [] : [`addr replace ${address6}/64 dev ${network} nodad`];
    await this.machine.ip([`link set ${network} up`, ...again, ...(own?.routes ?? [])]);
  }

  /** Replaces /etc/hosts: what the host's resolver knows beside localhost. */
  setNames(lines: readonly string[]): void {
    writeFileSync(join(this.#files.folder, 'etc/hosts'), ['127.0.0.1 localhost', ...lines, ''].join('\n'));
  }

  /** Has the host ask a DNS server, port 53, for what its /etc/hosts does not know. */
  setNameServer(address: string): void {
    writeFileSync(join(this.#files.folder, 'etc/resolv.conf'), `nameserver ${address}\noptions timeout:5 attempts:1\n`);
    writeFileSync(join(this.#files.folder, 'etc/nsswitch.conf'), 'hosts: files dns\n');
  }

  /** Everything that runs there but sshd's listener, and sessions where `sessions` is false. */
  processes({ sessions = true } = {}): readonly LabProcess[] {
    return this.machine.processes().filter(({ command }) => {
      if (command.includes('[listener]') || command === 'cat') return false;
      return sessions || !isSession(command);
    });
  }

  /** sshd's listener; its sessions are processes of their own. */
  get sshdPid(): number {
    const listener = this.machine.processes().find(({ command }) => command.includes('[listener]'));
    if (listener === undefined) throw new Error(`sshd does not run on ${this.name}`);
    return listener.pid;
  }

  /** sshd accepts (the kernel does) and says nothing any more. */
  hangSshd(): void {
    process.kill(this.sshdPid, 'SIGSTOP');
  }

  /** Kills the sessions that are logged in, as a reboot or an administrator does. */
  killSessions(): void {
    for (const { pid, command } of this.machine.processes()) {
      if (!isSession(command) || command.includes('[listener]')) continue;
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // A session is two processes, and the one may end by the other's end.
      }
    }
  }

  async #sshdListens(): Promise<void> {
    let log = '';
    for (;;) {
      const [chunk] = (await once(this.machine.log, 'data')) as [Buffer];
      log += chunk.toString();
      if (log.includes('Server listening on 0.0.0.0')) return;
      if (/fatal|Missing privilege|no hostkeys/i.test(log)) throw new Error(`sshd on ${this.name}: ${log}`);
    }
  }
}

/** `sshd: ops@notty`, or sshd as it starts a session. */
function isSession(command: string): boolean {
  return /^(?:\S*\/)?sshd(?::| )/.test(command);
}
