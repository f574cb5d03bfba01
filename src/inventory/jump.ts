import { isIP } from 'node:net';
import type { Member } from '../model/inventory.js';
import { type JumpText, parseJump } from '../model/jump.js';
import type { SourcePath } from '../source/node.js';
import type { Problems } from '../source/problems.js';
import type { SourceDocument } from '../source/read.js';
import { isAddress } from './address.js';
import type { InventoryFile } from './schema.js';

const expected = 'expected hosts of the inventory or [user@]host[:port], separated by commas, or "none"';

/** Refuses jump hosts that cannot be jumped from. */
export function refuseJumps(
  file: InventoryFile,
  names: ReadonlyMap<string, SourcePath>,
  document: SourceDocument,
  problems: Problems,
): void {
  const check = (jump: string | undefined, path: SourcePath, own: string | undefined) => {
    if (jump === undefined) return;
    const what = `${path.join('.')} is "${jump}"`;
    const add = (then: string) => problems.add(document, path, what, then);
    const steps = parseJump(jump);
    if (steps === undefined) {
      add(expected);
      return;
    }
    const texts = steps.map(({ text }) => text);
    const twice = texts.find((text, index) => texts.indexOf(text) !== index);
    if (twice !== undefined) add(`"${twice}" is in it twice`);
    for (const step of steps) {
      const [section, key] = names.get(step.text) ?? [];
      const which = steps.length === 1 ? 'that' : `"${step.text}"`;
      if (section === undefined) {
        if (!isPlace(step)) add(expected);
      } else if (section === 'endpoints') add(`${which} is an endpoint; ${expected}`);
      else if (own === key) add('a host cannot be its own jump host');
      else if ((file.hosts[key as string]?.transport ?? file.defaults?.transport) === 'local') {
        add(`${which} is this machine; leave ${steps.length === 1 ? '"jump"' : 'it'} out`);
      } else if (typeof file.hosts[key as string]?.transport === 'object')
        add(`${which} is reached by a command, and no SSH goes through it`);
    }
  };
  check(file.defaults?.ssh?.jump, ['defaults', 'ssh', 'jump'], undefined);
  for (const [key, host] of Object.entries(file.hosts)) check(host.ssh?.jump, ['hosts', key, 'ssh', 'jump'], key);
}

function isPlace({ host }: JumpText): boolean {
  return isIP(host) !== 0 || isAddress(host);
}

/**
 * Refuses hosts of the ssh2 transport behind a host of openssh: Portolan would log in there without the certificate or the
 * proxy that its ssh has. The other way round ssh can do all that ssh2 can.
 */
export function refuseMixedWays(
  file: InventoryFile,
  members: ReadonlyMap<string, Member>,
  names: ReadonlyMap<string, SourcePath>,
  document: SourceDocument,
  problems: Problems,
): void {
  const told = new Set<string>();
  for (const [name, host] of members) {
    if (host.kind !== 'host' || host.transport !== 'ssh2') continue;
    const between = parseJump(host.ssh.jump ?? 'none')?.find(({ text }) => {
      const jump = members.get(text);
      return jump?.kind === 'host' && jump.transport === 'openssh';
    })?.text;
    const entry = names.get(name);
    if (between === undefined || entry === undefined) continue;
    const start = file.hosts[entry[1] as string]?.ssh?.jump === undefined ? ['defaults'] : entry;
    const path = [...start, 'ssh', 'jump'];
    const where = path.join('.');
    if (told.has(where)) continue;
    told.add(where);
    problems.add(
      document,
      path,
      `${where} leads through "${between}", whose transport is openssh, to "${name}", whose transport is ssh2`,
      'expected the same for both, or openssh for the host behind',
    );
  }
}

/** Refuses jump hosts that are behind each other, once for each circle. */
export function refuseCircles(
  members: ReadonlyMap<string, Member>,
  names: ReadonlyMap<string, SourcePath>,
  document: SourceDocument,
  problems: Problems,
): void {
  /** The rest of a way is as it is written; its first host is reached by that host's own. */
  const behind = (name: string): string | undefined => {
    const member = members.get(name);
    if (member?.kind !== 'host' || member.ssh.jump === undefined) return undefined;
    const first = parseJump(member.ssh.jump)?.[0]?.text;
    return first !== undefined && members.has(first) ? first : undefined;
  };
  const done = new Set<string>();
  for (const start of members.keys()) {
    const way: string[] = [];
    let name: string | undefined = start;
    while (name !== undefined && !done.has(name)) {
      done.add(name);
      way.push(name);
      name = behind(name);
    }
    const from = name === undefined ? -1 : way.indexOf(name);
    if (from === -1) continue;
    const circle = way.slice(from);
    const steps = circle.map((one, index) => `${one} is behind ${circle[(index + 1) % circle.length]}`);
    const path = [...(names.get(circle[0]!) ?? []), 'ssh', 'jump'];
    problems.add(document, path, `a circle of jump hosts: ${steps.join(', ')}`, 'one of them must be reached directly');
  }
}
