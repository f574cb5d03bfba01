import type { Accept, BindResult, ListenerRecord, PortHolder, PortSettings } from '#src/model/listening.js';
import type { Observations } from '#src/model/observation.js';
import { type PortSet, parsePorts } from '#src/model/port-set.js';

// Records of temporary listeners written by hand, in as few words as a test needs.

export function ports(text: string): PortSet {
  const parsed = parsePorts(text);
  if (parsed === undefined) throw new Error(`not a set of ports: ${text}`);
  return parsed;
}

export const settings: PortSettings = {
  uid: 1000,
  user: 'ops',
  unprivilegedPortStart: 1024,
  ephemeralPorts: ports('32768-60999'),
  reservedPorts: [],
  clockSkew: { ms: 0, uncertaintyMs: 1 },
};

/** One address, and what binding its ports brought: `{ '8563': 'ok', '80': 'EACCES' }`. */
interface Tried {
  /** Left out: every address. */
  readonly address?: string;
  /** Left out: they are to be listened on. */
  readonly listen?: boolean;
  readonly binds: Readonly<Record<string, string>>;
}

interface RecordOptions extends Partial<Omit<ListenerRecord, 'host' | 'items' | 'binds'>> {
  readonly tried?: readonly Tried[];
}

export function record(host: string, { tried = [], ...rest }: RecordOptions = {}): ListenerRecord {
  const items = tried.map(({ address, binds, listen = true }, id) => ({
    ...{ id, address, listen, ports: ports(Object.keys(binds).join(',')) },
  }));
  const binds = tried.flatMap((each, item) =>
    Object.entries(each.binds).map(
      ([text, errno]): BindResult => ({ item, ports: ports(text), errno: errno === 'ok' ? undefined : errno }),
    ),
  );
  return {
    ...{ host, items, binds, holders: [], accepts: [], answer: `word of ${host}`, settings },
    ...{ interpreter: '/usr/bin/python3 3.11', withoutRoot: undefined, error: undefined },
    ...rest,
  };
}

/** Of a node where nothing could be run. */
export function failedRecord(host: string, error: string): ListenerRecord {
  return { ...record(host), settings: undefined, interpreter: undefined, error };
}

/** A listener, of `mysqld` by pid 812 where nothing else is said. */
export function listener(port: number, address: string, more: Partial<PortHolder> = {}): PortHolder {
  return {
    ...{ port, address, kind: 'listener', peer: undefined, uid: 27, user: 'mysql', pid: 812, process: 'mysqld' },
    ...{ command: undefined, unit: undefined, otherNamespace: false },
    ...more,
  };
}

/** What nobody but root may see of a listener. */
export const unseen = { pid: undefined, process: undefined, user: undefined } as const;

export function client(port: number, address: string, peer: string): PortHolder {
  return listener(port, address, { kind: 'client', peer, process: 'curl', pid: 9, user: 'ops', uid: 1000 });
}

/** `source` is a number of a source's place in the plan; left out: the connection ended without a token. */
export function accept(text: string, peer: string, source?: number): Accept {
  return { address: '10.0.0.2', peer, source, ports: ports(text) };
}

/** The same run with temporary listeners, before the installation. */
export function proving(
  seen: Observations,
  records: readonly ListenerRecord[],
  largeLost: Readonly<Record<string, readonly string[]>> = {},
): Observations {
  const listeners = new Map(records.map((record) => [record.host, record]));
  return { ...seen, listeners, largeLost: new Map(Object.entries(largeLost)) };
}
