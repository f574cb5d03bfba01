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

/** A dialogue with settings by which it can identify a server of the matrix. */
interface Speaker {
  readonly name: string;
  readonly definition: ServiceDefinition;
  readonly settings: Readonly<Record<string, unknown>>;
}

const speakers = services.map(speakerOf).filter(({ definition, settings }) => definition.speaks(settings));

/** The certificates of the matrix are nobody's: a dialogue that can be told so is not to mind. */
function speakerOf(definition: ServiceDefinition): Speaker {
  const unverified = definition.settings.safeParse({ verify: 'no' });
  const settings = unverified.success ? unverified.data : definition.settings.parse({});
  return { name: definition.service, definition, settings };
}

async function converse({ definition, settings }: Speaker, { address, port }: Omit<Standing, 'stop'>): Promise<Said> {
  const socket = connect({ host: address, port });
  await once(socket, 'connect');
  return definition.converse(socket, settings, dialogueContext({ target: address, address, port, timeoutMs }));
}

async function converseWithAll(standing: Omit<Standing, 'stop'>): Promise<ReadonlyMap<string, Said>> {
  const pairs = speakers.map((speaker) =>
    inTurn(async () => [speaker.name, await converse(speaker, standing)] as const),
  );
  return new Map(await Promise.all(pairs));
}

const certificates = createCertificates();
const tls = certificates.issue({ commonName: 'lab' });
test.after.always(() => certificates.remove());

for (const server of servers) {
  const identity = server.is.filter((name) => speakers.some((speaker) => speaker.name === name));
  testNeeding(server.unavailable, `${server.name} is ${server.is.join(' and ')}, and nothing else`, async (t) => {
    const standing = await server.start(await tls);
    t.teardown(() => standing.stop());
    for (const [name, said] of await converseWithAll(standing)) {
      if (identity.includes(name)) t.is(said.outcome, 'open', `${name}: ${said.detail}`);
      else notMistaken(t, server, name, said);
      t.notRegex(said.detail, new RegExp(`${standing.port}|${standing.address.replaceAll('.', '\\.')}`));
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
