import type { Duplex } from 'node:stream';
import * as z from 'zod';
import type { DialogueContext, Said } from '../model/dialogue.js';
import { conduct, type Understand } from './conversation.js';
import { defineService } from './definition.js';
import { identified, notUnderstood, strange } from './outcome.js';
import { overTls, tlsRules, unlessOverTls } from './over-tls.js';

// https://kafka.apache.org/protocol, "ApiVersions": the one request that a broker answers before any authentication, and
// in its version 0, which every broker since 0.10 understands. No broker can be had for the tests: they are held to the
// bytes of the protocol guide.
const apiVersions = 18;
const unsupportedVersion = 35;
// Any number will do, as long as nothing else says it.
const correlationId = 0x706f7274;
const clientId = Buffer.from('portolan');
// Brokers have less than a hundred APIs, of 6 bytes each.
const longestAnswer = 16384;

const settings = z.lazy(() =>
  z.strictObject({
    tls: tlsRules.meta({ description: 'The listener speaks TLS; the rules for it.' }).optional(),
  }),
);

const service = 'kafka';

/** Kafka brokers, and what speaks like them. That a broker answers here says nothing of its advertised.listeners. */
export const kafka = defineService({
  service,
  title: 'answers ApiVersions, which Kafka brokers do before any login',
  settings,
  bareConnects: unlessOverTls,
  label: ({ tls }) => (tls === undefined ? '' : 'with TLS'),
  converse: (stream, { tls }, context) =>
    tls === undefined ? talk(stream, context) : overTls(service, stream, tls, context, talk),
});

function talk(stream: Duplex, context: DialogueContext): Promise<Said> {
  return conduct(stream, context, async (conversation) => {
    conversation.say(request());
    const heard = await conversation.hear(understandAnswer);
    if (heard.kind !== 'heard') return notUnderstood(service, conversation, heard, 'Kafka answers ApiVersions');
    return heard.value === 'stranger' ? strange(service, conversation) : judge(heard.value);
  });
}

function request(): Buffer {
  const bytes = Buffer.alloc(14);
  bytes.writeInt32BE(10 + clientId.length, 0);
  bytes.writeInt16BE(apiVersions, 4);
  bytes.writeInt16BE(0, 6);
  bytes.writeInt32BE(correlationId, 8);
  bytes.writeInt16BE(clientId.length, 12);
  return Buffer.concat([bytes, clientId]);
}

interface ApiVersions {
  readonly error: number;
  readonly apis: number;
}

/** Length, correlation id, error, number of APIs; of each its key and the first and last version. */
const understandAnswer: Understand<ApiVersions | 'stranger'> = (bytes) => {
  const stranger = { value: 'stranger', length: 0 } as const;
  if (bytes.length < 4) return undefined;
  const length = bytes.readUInt32BE(0);
  if (length < 10 || length > longestAnswer) return stranger;
  if (bytes.length >= 8 && bytes.readInt32BE(4) !== correlationId) return stranger;
  if (bytes.length < 4 + length) return undefined;
  const apis = bytes.readInt32BE(10);
  if (length !== 10 + 6 * apis) return stranger;
  return { value: { error: bytes.readInt16BE(8), apis }, length: 4 + length };
};

function judge({ error, apis }: ApiVersions): Said {
  if (error === 0) return identified(service, `a Kafka broker answered ApiVersions with ${apis} APIs`);
  if (error === unsupportedVersion)
    return identified(service, 'a Kafka broker answered ApiVersions, in a later version only (35)');
  return identified(
    service,
    `a Kafka broker answered ApiVersions with error ${error}`,
    `the broker refuses even ApiVersions, with error ${error}: clients will not get further`,
  );
}
