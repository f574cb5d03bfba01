import type { SourcePath } from '../source/node.js';
import type { Problems } from '../source/problems.js';
import type { SourceDocument } from '../source/read.js';
import { isAddress } from './address.js';
import type { InventoryFile } from './schema.js';

const expected = 'expected a host of the inventory or [user@]host[:port]';

/** Refuses jump hosts that cannot be jumped from: there is one jump, from a host that is logged in to directly. */
export function refuseJumps(
  file: InventoryFile,
  names: ReadonlyMap<string, SourcePath>,
  document: SourceDocument,
  problems: Problems,
): void {
  const check = (jump: string | undefined, path: SourcePath, own: string | undefined) => {
    if (jump === undefined) return;
    const what = `${path.join('.')} is "${jump}"`;
    const [section, key] = names.get(jump) ?? [];
    if (section === undefined) {
      if (!isJumpText(jump)) problems.add(document, path, what, expected);
      return;
    }
    const host = section === 'hosts' ? file.hosts[key as string] : undefined;
    const further = host?.ssh?.jump ?? file.defaults?.ssh?.jump;
    if (section === 'endpoints') problems.add(document, path, what, `that is an endpoint; ${expected}`);
    else if (own === key) problems.add(document, path, what, 'a host cannot be its own jump host');
    else if ((host?.transport ?? file.defaults?.transport) === 'local') {
      problems.add(document, path, what, 'that is this machine; leave "jump" out');
    } else if (further !== undefined && further !== jump) {
      problems.add(document, path, what, `"${jump}" itself is behind "${further}"; only one jump host is possible`);
    }
  };
  check(file.defaults?.ssh?.jump, ['defaults', 'ssh', 'jump'], undefined);
  for (const [key, host] of Object.entries(file.hosts)) check(host.ssh?.jump, ['hosts', key, 'ssh', 'jump'], key);
}

function isJumpText(text: string): boolean {
  const match = /^(?:[^@]+@)?(?:\[([^\]]+)\]|([^:]+))(?::(\d{1,5}))?$/.exec(text);
  if (match === null) return false;
  const port = match[3] === undefined ? 22 : Number(match[3]);
  return isAddress(match[1] ?? match[2]!) && port >= 1 && port <= 65535;
}
