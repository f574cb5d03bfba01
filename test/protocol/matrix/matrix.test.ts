import { once } from 'node:events';
import { connect } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import pLimit from 'p-limit';
import type { Said } from '#src/model/dialogue.js';
import type { ServiceDefinition } from '#src/protocol/definition.js';
import { services } from '#src/protocol/registry.js';
import { createCertificates } from '../../lab/certificates.js';
import { testNeeding } from '../../needing.js';
import { dialogueContext } from '../context.js';
import { type MatrixServer, type Standing, servers } from './servers.js';
import { type StandIn, startCloser, startSilent } from './stand-ins.js';

// Every dialogue of the registry with every server: who is identified, and by nobody else.

// Long enough for a busy machine, and all of it is waited for where a server and a dialogue have nothing to say to each
// other; so that is done for many at once.
const timeoutMs = 4000;
const inTurn = pLimit(100);

/** A dialogue with settings by which it can identify a server of the matrix: `redis`, `redis tls`, `ldap starttls`. */
interface Speaker {
  readonly name: string;
  readonly definition: ServiceDefinition;
  readonly settings: Readonly<Record<string, unknown>>;
}

// The certificate of the matrix is vouched for by nobody; whoever can be told so is not to mind.
const unverified = { verify: 'no' };
const speakers = services.flatMap(speakersOf).filter(({ definition, settings }) => definition.speaks(settings));

function speakersOf(definition: ServiceDefinition): readonly Speaker[] {
  const { service: name, settings } = definition;
  const plain = settings.safeParse(unverified).data ?? settings.parse({});
  const withTls = ['tls', 'starttls'].flatMap((key) => {
    const parsed = settings.safeParse({ [key]: unverified });
    return parsed.success ? [{ name: `${name} ${key}`, definition, settings: parsed.data }] : [];
  });
  return [{ name, definition, settings: plain }, ...withTls];
}

async function converse({ definition, settings }: Speaker, { address, port }: Omit<Standing, 'stop'>): Promise<Said> {
  const socket = connect({ host: address, port });
  await once(socket, 'connect');
  return definition.converse(socket, settings, dialogueContext({ target: address, address, port, timeoutMs }));
}

async function converseWithAll(place: Omit<Standing, 'stop'>): Promise<ReadonlyMap<string, Said>> {
  const pairs = speakers.map((speaker) => inTurn(async () => [speaker.name, await converse(speaker, place)] as const));
  return new Map(await Promise.all(pairs));
}

const certificates = createCertificates();
const standing = new Map<string, Promise<Standing>>();

// All of them before the first word: to start them takes the machine's whole strength.
test.before(async () => {
  const tls = await certificates.issue({ commonName: 'lab' });
  for (const { name, unavailable, start } of servers) if (unavailable === undefined) standing.set(name, start(tls));
  await Promise.allSettled(standing.values());
});
test.after.always(async () => {
  certificates.remove();
  await Promise.allSettled([...standing.values()].map(async (server) => (await server).stop()));
});

// No server of these can be had; docs/protocols.md says what they are held to instead. Db2's has tests with Derby.
const recorded = ['db2', 'gpfdist', 'kafka', 'oracle', 'tds'];

test('every dialogue that speaks identifies a server here, but those of whom none can be had', (t) => {
  const identifying = new Set(servers.flatMap((server) => server.is));
  const idle = speakers.map(({ name }) => name).filter((name) => !identifying.has(name));
  t.deepEqual([...new Set(idle.map((name) => name.replace(/ .*/, '')))].sort(), recorded);
  t.deepEqual(
    [...identifying].filter((name) => !speakers.some((speaker) => speaker.name === name)),
    [],
  );
});

for (const server of servers) {
  testNeeding(server.unavailable, `${server.name} is ${server.is.join(' and ')}, and nothing else`, async (t) => {
    const place = await standing.get(server.name)!;
    for (const [name, said] of await converseWithAll(place)) {
      if (server.is.includes(name)) t.is(said.outcome, 'open', `${name}: ${said.detail}`);
      else notMistaken(t, server, name, said);
      t.notRegex(said.detail, new RegExp(`${place.port}|${place.address.replaceAll('.', '\\.')}`));
    }
  });
}

const silence = /^connected, then silent for \d/;

function notMistaken(t: ExecutionContext, { told, speaksFirst }: MatrixServer, name: string, said: Said): void {
  t.not(said.outcome, 'open', `${name}: ${said.detail}`);
  const unheard = said.outcome === 'reset' || silence.test(said.detail);
  if (speaksFirst || !unheard) t.regex(said.detail, told, `${name}: ${said.outcome}`);
}

async function withStandIn(t: ExecutionContext, start: () => Promise<StandIn>, outcome: Said['outcome']) {
  const standIn = await start();
  t.teardown(() => standIn.stop());
  for (const [name, said] of await converseWithAll(standIn)) t.is(said.outcome, outcome, `${name}: ${said.detail}`);
  t.deepEqual(standIn.broken, []);
}

test('who accepts and closes is no service, and is left with FIN', (t) => withStandIn(t, startCloser, 'reset'));

test('who accepts and says nothing is no service, and is left with FIN', (t) =>
  withStandIn(t, startSilent, 'mismatch'));
