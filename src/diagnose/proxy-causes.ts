import { type Cause, type Circumstances, from, permit, to } from './cause.js';
import { listNames, listTexts } from './names.js';

const proxy = (seen: Circumstances) => `the proxy ${listNames(seen.proxies)}`;

/** The reasons without the proxy's name, which is said once. */
const said = (seen: Circumstances) =>
  listTexts([...new Set(seen.reasons.map((reason) => reason.replace(/^by proxy \S+: /, '')))], 2);

/** What lies with the HTTP proxy on the way. */
export const proxyCauses = {
  'proxy-not-reached': {
    scope: 'proxy',
    owner: 'network',
    summary: (seen) =>
      `${from(seen)} cannot connect to ${proxy(seen)}, and so not to ${to(seen)} (${said(seen)}): this is about the way to the proxy alone.`,
    remedy: (seen) =>
      `Look whether ${proxy(seen)} runs and whether its name and port in the inventory ("via") are right; else ask the network team to permit ${from(seen)} to connect to it.`,
  },
  'proxy-refuses': {
    scope: 'proxy',
    owner: 'network',
    summary: (seen) =>
      `${from(seen)} is answered by ${proxy(seen)}, but gets no connection to ${to(seen)} (${said(seen)}).`,
    remedy: (seen) =>
      `Where the proxy forbids it, ask whoever runs it to ${permit(seen)}. Where it says that it cannot connect, look whether the service of ${to(seen)} runs, and at the firewalls between the proxy and it.`,
  },
} satisfies Readonly<Record<string, Cause>>;
