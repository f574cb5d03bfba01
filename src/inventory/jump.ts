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
