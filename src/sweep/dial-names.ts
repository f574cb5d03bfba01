import { randomBytes } from 'node:crypto';
import { isIP } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Vantage } from '../model/vantage.js';
import { ProofOfLife } from './proof-of-life.js';
import { interrupted, type Untried } from './remainder.js';

const resolverMs = 8000;

export type Resolution =
  | { readonly kind: 'addresses'; readonly addresses: readonly string[]; readonly resolveMs: number }
  | { readonly kind: 'failure'; readonly detail: string }
  /** The node could not be asked. */
  | { readonly kind: 'unasked'; readonly answer: Untried };

/** Resolves a name on the node by `getent`, the resolver that the node's own programs use. */
export async function resolveOnNode(vantage: Vantage, name: string, signal: AbortSignal): Promise<Resolution> {
  if (!/^[\w][\w.-]*$/.test(name)) return { kind: 'failure', detail: `"${name}" is no host name` };
  const mark = randomBytes(8).toString('hex');
  const patience = new AbortController();
  let process: Awaited<ReturnType<Vantage['exec']>>;
  try {
    process = await vantage.exec('sh -s');
  } catch (error) {
    return unasked(name, error instanceof Error ? error.message : String(error));
  }
  let output = '';
  let askedAt = 0;
  process.stdout.setEncoding('utf8');
  process.stdin.on('error', () => {});
  process.stderr.resume();
  const complete = new Promise<string>((resolve) => {
    process.stdout.on('data', (text: string) => {
      output += text;
      // Asked only now: how long the login shell took to start is not the resolver's time.
      if (askedAt === 0 && output.includes(`${mark} begin\n`)) {
        askedAt = performance.now();
        process.stdin.end(`getent ahosts '${name}'; echo ${mark} status $?; echo ${mark} end\n`);
      }
      if (output.includes(`${mark} end`)) resolve('complete');
    });
  });
  process.stdin.write(`PATH=\${PATH:+$PATH:}/usr/bin:/bin; export LC_ALL=C PATH; echo; echo ${mark} begin\n`);
  const ended = process.exited.then(() => delay(100, 'complete'));
  const tooLong = delay(resolverMs, 'late', { signal: AbortSignal.any([signal, patience.signal]) }).catch(() => 'late');
  const outcome = await Promise.race([complete, ended, tooLong]);
  const resolveMs = performance.now() - askedAt;
  patience.abort();
  process.kill();
  if (signal.aborted) return { kind: 'unasked', answer: interrupted };
  const resolution = read(output, mark, name, resolveMs);
  if (resolution !== undefined) return resolution;
  // A resolver that hangs and a connection that died look alike.
  const dead = await new ProofOfLife(vantage, signal).wanted();
  if (dead !== undefined) return { kind: 'unasked', answer: dead };
  return outcome === 'late'
    ? { kind: 'failure', detail: `the resolver gave no answer within ${resolverMs / 1000} s` }
    : unasked(name, 'the node runs no sh');
}

function unasked(name: string, why: string): Resolution {
  const detail = `${name} could not be resolved on the node: ${why}`;
  return { kind: 'unasked', answer: { kind: 'untried', cause: 'no-engine', detail } };
}

/** Undefined where the answer is not complete. */
function read(output: string, mark: string, name: string, resolveMs: number): Resolution | undefined {
  const body = output.split(`${mark} begin\n`)[1];
  const status = new RegExp(`${mark} status (\\d+)\n`).exec(output)?.[1];
  if (body === undefined || status === undefined) return undefined;
  if (status === '127' || status === '126') return unasked(name, 'the node has no getent');
  const addresses = [...new Set(body.split('\n').map((line) => line.split(/\s+/)[0]!))].filter((text) => isIP(text));
  if (addresses.length > 0) return { kind: 'addresses', addresses, resolveMs };
  return { kind: 'failure', detail: `getent knows no address of ${name} (exit code ${status})` };
}
