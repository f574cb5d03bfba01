import type { Duplex } from 'node:stream';
import * as z from 'zod';
import type { DialogueContext, Said } from '../../model/dialogue.js';
import { portSet } from '../../model/port-set.js';
import { Conversation, type Heard } from '../conversation.js';
import { Deadline } from '../deadline.js';
import { defineService } from '../definition.js';
import { type Greeting, mayBeMysql, parseFirstPacket, type ServerError } from './greeting.js';
import { handshakeResponse, moreAnswer, quitCommand, switchAnswer } from './login.js';
import { closedEarly, closedLate, greeted, type LoginEnd, silent, stranger, turnedAway } from './outcome.js';
import { readPacket, writePacket } from './packet.js';
import { parseReply } from './reply.js';

const settings = z.lazy(() =>
  z.strictObject({
    user: z
      .string()
      .min(1)
      .meta({ description: 'Who completes the handshake: without a password and privileges. Default: --mysql-user.' })
      .optional(),
  }),
);
type Settings = z.infer<typeof settings>;

/**
 * MySQL and what speaks like it: MariaDB, OceanBase, OBProxy. A server that keeps a host cache counts every connection
 * that ends before its handshake, a bare connect too, and at max_connect_errors blocks the source for everybody; a login
 * that is refused does not count (measured on MariaDB 10.11; performance_schema.host_cache). So this dialogue always
 * brings the handshake to its end, as a user without password or privileges, and takes the refusal for its answer.
 * TLS is not needed for that: with require_secure_transport a login in the clear is refused without being counted.
 */
export const mysql = defineService({
  service: 'mysql',
  title: 'greets as MySQL does, or refuses in its words',
  settings,
  bareConnects: 'punished',
  // OBServer, OBProxy, MySQL, MySQL's second instance in the FineOps documents, MySQL's administration port. Not 33060: its
  // X protocol does not count connects, and greets in a way that this dialogue does not speak.
  guardedPorts: portSet([
    [2881, 2881],
    [2883, 2883],
    [3306, 3307],
    [33062, 33062],
  ]),
  converse,
});

// How long an interrupted run still waits for a handshake to end, and how much of that for the greeting.
const graceMs = 1000;
const greetingGraceMs = 600;
// How much of the time is kept for the answer to a login that was sent to a silent server.
const answerMs = 700;
// Login, a switch of the plugin, a question: more than this is a loop.
const mostReplies = 8;

async function converse(stream: Duplex, { user }: Settings, context: DialogueContext): Promise<Said> {
  const { mysqlUser, signal, timeoutMs, transcript } = context;
  const talk: Talk = {
    // Interrupted or not, the handshake is brought to its end.
    conversation: new Conversation(stream, { timeoutMs, transcript }),
    user: user ?? mysqlUser,
    start: performance.now(),
    greetingDeadline: new Deadline(Math.max(timeoutMs - answerMs, timeoutMs / 2)),
    deadline: new Deadline(timeoutMs),
  };
  const hurry = () => {
    talk.greetingDeadline.within(greetingGraceMs);
    talk.deadline.within(graceMs);
  };
  if (signal.aborted) hurry();
  signal.addEventListener('abort', hurry, { once: true });
  try {
    const { answer, ranOut } = await open(talk);
    await talk.conversation.end();
    // An answer that came in spite of the interruption is worth keeping; "nothing came" then is none.
    if (signal.aborted && ranOut) throw signal.reason;
    return answer;
  } finally {
    signal.removeEventListener('abort', hurry);
    talk.greetingDeadline.cancel();
    talk.deadline.cancel();
  }
}

/** `ranOut`: the other side had not finished when the time was up. */
type Conclusion = { readonly answer: Said; readonly ranOut: boolean };

interface Talk {
  readonly conversation: Conversation;
  readonly user: string;
  readonly start: number;
  readonly greetingDeadline: Deadline;
  readonly deadline: Deadline;
}

type Opening = Greeting | ServerError | { readonly kind: 'stranger' };

async function open(talk: Talk): Promise<Conclusion> {
  const opening = await talk.conversation.hear(understandOpening, talk.greetingDeadline);
  if (opening.kind === 'silence' && opening.bytes.length === 0) return loginUnasked(talk);
  if (opening.kind === 'heard' && opening.value.kind === 'greeting') {
    login(talk, opening.value);
    return hearLogin(talk, opening.value);
  }
  return notGreeted(talk, opening);
}

/**
 * Nothing was said. A server that is looking up the name of its client, or is short of threads, greets late, and to hang
 * up on it would count as a broken handshake: so the login is sent unasked. An empty answer needs no scramble, and the
 * server will find it when it gets there (measured: a MariaDB stopped throughout counts nothing when it goes on). A server
 * of another protocol mostly says what it is when it reads this.
 */
async function loginUnasked(talk: Talk): Promise<Conclusion> {
  const silentMs = performance.now() - talk.start;
  login(talk, undefined);
  const opening = await talk.conversation.hear(understandOpening, talk.deadline);
  if (opening.kind === 'heard' && opening.value.kind === 'greeting') return hearLogin(talk, opening.value);
  if (opening.kind === 'closed' && opening.bytes.length === 0) return { answer: closedLate(silentMs), ranOut: false };
  return notGreeted(talk, opening);
}

function login({ conversation, user }: Talk, greeting: Greeting | undefined): void {
  conversation.say(writePacket({ sequence: 1, payload: handshakeResponse(user, greeting) }));
}

async function notGreeted(talk: Talk, opening: Heard<Opening>): Promise<Conclusion> {
  if (opening.kind === 'heard' && opening.value.kind === 'error')
    return { answer: turnedAway(opening.value), ranOut: false };
  if (opening.kind === 'closed') return { answer: closedEarly(opening.bytes), ranOut: false };
  if (opening.kind === 'silence' && opening.bytes.length === 0)
    return { answer: silent(performance.now() - talk.start), ranOut: true };
  return { answer: stranger(await talk.conversation.firstLine()), ranOut: false };
}

function understandOpening(bytes: Buffer): { readonly value: Opening; readonly length: number } | undefined {
  if (!mayBeMysql(bytes)) return { value: { kind: 'stranger' }, length: 0 };
  const packet = readPacket(bytes);
  if (packet === undefined) return undefined;
  const opening = parseFirstPacket(packet.value.payload);
  return opening === undefined ? { value: { kind: 'stranger' }, length: 0 } : { value: opening, length: packet.length };
}

async function hearLogin(talk: Talk, greeting: Greeting): Promise<Conclusion> {
  const end = await hearReplies(talk);
  if (end.kind === 'ok') talk.conversation.say(writePacket({ sequence: 0, payload: quitCommand }));
  return { answer: greeted(greeting, talk.user, end), ranOut: end.kind === 'silence' };
}

async function hearReplies({ conversation, deadline, start }: Talk): Promise<LoginEnd> {
  for (let count = 0; count < mostReplies; count++) {
    const heard = await conversation.hear(readPacket, deadline);
    if (heard.kind === 'silence') return { kind: 'silence', afterMs: performance.now() - start };
    if (heard.kind === 'closed') return { kind: 'closed' };
    const reply = parseReply(heard.value.payload);
    const answer = (payload: Buffer) => conversation.say(writePacket({ sequence: heard.value.sequence + 1, payload }));
    switch (reply?.kind) {
      case 'ok':
      case 'error':
        return reply;
      case 'switch':
        answer(switchAnswer(reply.plugin));
        break;
      case 'more':
        // caching_sha2_password: 3 says that all is well, and an OK follows.
        if (reply.data[0] !== 3) answer(moreAnswer);
        break;
      case undefined:
        return { kind: 'unreadable' };
    }
  }
  return { kind: 'unreadable' };
}
