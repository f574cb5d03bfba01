import { setTimeout as delay } from 'node:timers/promises';
import type { EngineName } from '../model/engine.js';
import { type NodeFacts, noFacts } from '../model/observation.js';
import type { NodeSession } from '../model/sweep.js';
import { type Vantage, VantageFailure } from '../model/vantage.js';
import { bootstrapScript, furtherScript } from '../remote-program/bootstrap.js';
import { type Channel, type OpenChannel, openChannel } from '../remote-program/channel.js';
import { blindSpots, sentences } from './blind-spots.js';
import { DialSession } from './dial-session.js';
import { lastEngines, type ProgramEngine, programEngines } from './engines.js';
import { type FactRow, nodeFacts } from './facts.js';
import { NoEngineSession } from './no-engine-session.js';
import { ProgramSession } from './program-session.js';
import { decodeMessage, type Message } from './wire.js';

export interface SessionOptions {
  /** Tries no other engine; undefined: the best one that the node has. Where it cannot run there, `dial` takes over. */
  readonly engine?: EngineName | undefined;
}

/** A slow node under load has taken seconds to start an interpreter; a command that never speaks takes for ever. */
const readyMs = 20_000;

/**
 * Starts an engine on a logged-in node: one exec, which also brings the node's facts. Where nothing can be run, the
 * session dials through sshd and has no facts. Rejects with a {@link VantageFailure} when the connection is lost, and
 * with the signal's reason.
 */
export async function openSession(
  vantage: Vantage,
  options: SessionOptions,
  signal: AbortSignal,
): Promise<NodeSession> {
  signal.throwIfAborted();
  const over = new AbortController();
  const lost = vantage.lost.then((failure) => Promise.reject(failure));
  const aborted = new Promise<never>((_, reject) => {
    // A run's one signal is shared by all nodes, and Node warns of a leak at the eleventh listener.
    const own = AbortSignal.any([signal, over.signal]);
    own.addEventListener('abort', () => reject(own.reason), { once: true });
  });
  const bootstrapped = bootstrap(vantage, options.engine, AbortSignal.any([signal, over.signal]));
  bootstrapped.catch(() => {});
  try {
    return await Promise.race([bootstrapped, lost, aborted]);
  } finally {
    lost.catch(() => {});
    aborted.catch(() => {});
    over.abort();
  }
}

async function bootstrap(vantage: Vantage, engine: EngineName | undefined, over: AbortSignal): Promise<NodeSession> {
  let opened: OpenChannel<Message>;
  try {
    opened = await openChannel(vantage, decodeMessage);
  } catch (error) {
    if (!(error instanceof VantageFailure)) throw error;
    // A node that runs no command may still forward; where the connection broke, the loss is known by now or at once.
    await delay(200);
    return withoutExec(vantage, error.message);
  }
  const { channel, nonce } = opened;
  const abandon = () => channel.kill();
  over.addEventListener('abort', abandon);
  const wanted = ({ name }: ProgramEngine) => engine === undefined || name === engine;
  channel.send(bootstrapScript(nonce, programEngines.filter(wanted), true));
  const greeting = await greetingOf(channel);
  if (typeof greeting === 'string') {
    over.removeEventListener('abort', abandon);
    channel.kill();
    await delay(200);
    return withoutExec(vantage, greeting);
  }
  const { facts } = greeting;
  const last = lastEngines.filter(wanted);
  let chosen = greeting;
  if (programOf(chosen) === undefined && last.length > 0 && !(engine === undefined && (await vantage.forwards()))) {
    channel.send(furtherScript(last));
    const further = await greetingOf(channel);
    if (typeof further !== 'string') chosen = further;
  }
  over.removeEventListener('abort', abandon);
  const found = programOf(chosen);
  if (found !== undefined) {
    const { features, interpreter } = chosen;
    const identity = {
      engine: found.name,
      interpreter,
      blindSpots: sentences(found.blindSpots(features)),
      facts,
      asksTokens: found.asksTokens,
    };
    return new ProgramSession(identity, channel, vantage);
  }
  channel.end();
  if (engine !== undefined || (await vantage.forwards())) return new DialSession(vantage, facts, undefined);
  return new NoEngineSession(facts, []);
}

/** Of a node on which nothing can be run, and why. */
async function withoutExec(vantage: Vantage, why: string): Promise<NodeSession> {
  if (await vantage.forwards()) return new DialSession(vantage, noFacts, why);
  return new NoEngineSession(noFacts, [`${blindSpots['node-unknown']} (${why})`]);
}

function programOf(greeting: Greeting): ProgramEngine | undefined {
  return [...programEngines, ...lastEngines].find(({ name }) => name === greeting.engine);
}

interface Greeting {
  readonly engine: string;
  readonly interpreter: string;
  readonly features: string;
  readonly facts: NodeFacts;
}

/** What the program says of itself and the node; a clause that says what happened instead where it does not. */
async function greetingOf(channel: Channel<Message>): Promise<Greeting | string> {
  const rows: FactRow[] = [];
  let ready: Extract<Message, { type: 'ready' }> | undefined;
  const complete = new Promise<Greeting>((resolve) => {
    channel.onMessage = (message) => {
      if (message.type === 'ready') ready = message;
      if (message.type === 'fact') rows.push(message);
      if (message.type === 'facts-end' && ready !== undefined) {
        channel.onMessage = () => {};
        resolve({ ...ready, facts: nodeFacts(rows) });
      }
    };
  });
  const patience = new AbortController();
  const ended = channel.ended.then((how) => `sh -s ${how}, without running the script on its stdin`);
  const tooLong = delay(readyMs, `sh -s said nothing for ${readyMs / 1000} s`, { signal: patience.signal });
  tooLong.catch(() => {});
  const greeting = await Promise.race([complete, ended, tooLong]);
  patience.abort();
  return greeting;
}
