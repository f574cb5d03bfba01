import type { Duplex } from 'node:stream';
import * as z from 'zod';
import type { DialogueContext, Said } from '../../model/dialogue.js';
import { type Conversation, conduct } from '../conversation.js';
import { defineService } from '../definition.js';
import { closedEarly, identified, mismatch, seconds } from '../outcome.js';
import { overTls, released, tlsRules } from '../over-tls.js';
import { describeStranger } from '../stranger.js';
import { type Expected, hearExpected } from './expect.js';
import { asText } from './pattern.js';
import { toBytes } from './send.js';
import { type Step, steps } from './settings.js';

const settings = z.lazy(() =>
  z.strictObject({
    tls: tlsRules.meta({ description: 'Speak TLS from the start; the rules for it.' }).optional(),
    steps: steps.default([]).meta({
      description: 'What to say and what has to come, in turn. With none, and without TLS, to connect is enough.',
    }),
  }),
);
type Settings = z.infer<typeof settings>;

const service = 'tcp';

/**
 * Anything else: what to send, and what to expect. After blackbox_exporter's query_response, but that nothing is added to
 * what is sent, and that what a step sends comes before what it expects.
 */
export const tcp = defineService({
  service,
  title: 'answers what its steps expect; with no steps, accepts connections',
  settings,
  bareConnects: 'harmless',
  speaks: ({ steps, tls }) => steps.length > 0 || tls !== undefined,
  label,
  converse: (stream, { steps, tls }, context) => {
    const start = (stream: Duplex, context: DialogueContext) => walk(stream, context, steps, beginning);
    return tls === undefined ? start(stream, context) : overTls(service, stream, tls, context, start);
  },
});

function label({ steps, tls }: Settings): string {
  const count = steps.length === 0 ? [] : [steps.length === 1 ? '1 step' : `${steps.length} steps`];
  return [...count, ...(tls === undefined ? [] : ['with TLS'])].join(' ');
}

/** What one step leaves to the next. */
interface Progress {
  readonly done: number;
  /** What the last pattern matched, whole and by its groups. */
  readonly groups: readonly string[];
  /** Whether the other side has said anything that was expected. */
  readonly heard: boolean;
  /** What was sent and nobody may see, not even where the other side repeats it. */
  readonly secrets: readonly Buffer[];
}

const beginning: Progress = { done: 0, groups: [], heard: false, secrets: [] };

/** Takes the steps that are left, and ends the connection. */
function walk(stream: Duplex, context: DialogueContext, steps: readonly Step[], from: Progress): Promise<Said> {
  return conduct(stream, context, async (conversation) => {
    let progress = from;
    for (const { send, expect, starttls } of steps.slice(from.done)) {
      if (send !== undefined) {
        const { bytes, secrets } = toBytes(send, progress.groups, context.materials);
        conversation.say(bytes, secrets);
        progress = { ...progress, secrets: [...progress.secrets, ...secrets] };
      }
      if (expect !== undefined) {
        const askedAt = conversation.elapsedMs;
        const expected = await hearExpected(conversation, expect);
        if (expected.kind !== 'met')
          return unmet(conversation, expected, progress, {
            expect,
            count: steps.length,
            waitedMs: conversation.elapsedMs - askedAt,
          });
        progress = { ...progress, groups: expected.groups, heard: true };
      }
      progress = { ...progress, done: progress.done + 1 };
      if (starttls !== undefined) {
        const goOn = (stream: Duplex, context: DialogueContext) => walk(stream, context, steps, progress);
        const [plain, left] = released(conversation, context);
        return overTls(service, plain, starttls, left, goOn);
      }
    }
    if (steps.length === 0) return identified(service, 'accepted the connection');
    return identified(
      service,
      steps.length === 1 ? 'answered as expected' : `all ${steps.length} steps went as expected`,
    );
  });
}

interface Question {
  readonly expect: NonNullable<Step['expect']>;
  /** How many steps there are. */
  readonly count: number;
  readonly waitedMs: number;
}

async function unmet(
  conversation: Conversation,
  expected: Exclude<Expected, { readonly kind: 'met' }>,
  { done, heard, secrets }: Progress,
  { expect, count, waitedMs }: Question,
): Promise<Said> {
  const where = `${count === 1 ? '' : `step ${done + 1} of ${count}: `}expected ${quote(expect)}, but`;
  if (expected.kind === 'strange' || expected.bytes.length > 0)
    return mismatch(service, `${where} ${describeStranger(masked(await conversation.firstLine(), secrets))}`);
  if (expected.kind === 'silence') return mismatch(service, `${where} nothing came for ${seconds(waitedMs)}`, 'silent');
  return heard ? mismatch(service, `${where} the connection was closed`) : closedEarly(service);
}

const longestQuote = 60;

function quote(expect: NonNullable<Step['expect']>): string {
  const text = typeof expect === 'string' ? `/${expect}/` : `the bytes ${expect.hex}`;
  return text.length > longestQuote ? `${text.slice(0, longestQuote)}…` : text;
}

/** A server may repeat what it was told. */
function masked(line: Buffer, secrets: readonly Buffer[]): Buffer {
  const texts = secrets.map(asText).filter((secret) => secret !== '');
  return Buffer.from(
    texts.reduce((text, secret) => text.replaceAll(secret, '***'), asText(line)),
    'latin1',
  );
}
