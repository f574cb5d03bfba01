import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import type { DialogueContext, Materials, Said } from '../model/dialogue.js';
import type { DialogueProblem } from '../model/observation.js';
import type { ServiceName } from '../model/service.js';
import { Conversation } from './conversation.js';
import { Deadline } from './deadline.js';
import { closedEarly, mismatch, seconds } from './outcome.js';
import { describeStranger } from './stranger.js';
import { chainOf, describeCertificate, judgeCertificate, subjectOf } from './tls/certificate.js';
import { clientContext } from './tls/client.js';
import { type Refusal, shakeHands } from './tls/handshake.js';
import { asksForCertificate, looksLikeTls } from './tls/record.js';
import { describeRefusal } from './tls/refusal.js';
import { isOlder, type TlsSettings, versionName } from './tls/settings.js';
import { Tap } from './tls/tap.js';

export { type TlsSettings, tlsSettings } from './tls/settings.js';

/** What came of a handshake. */
export type Secured =
  | {
      readonly kind: 'secured';
      /** What is decrypted. To end it sends close_notify, then FIN. */
      readonly stream: Duplex;
      /** For what follows: with what the handshake left of the time. */
      readonly context: DialogueContext;
      /** `TLS 1.3, certificate of db1.example`. */
      readonly detail: string;
      /** The protocol of those offered by ALPN that the server chose; undefined where it chose none. */
      readonly alpn: string | undefined;
      /** Something about the certificate wants attention: makes a pass a `warn`. */
      readonly warning?: string;
    }
  /** The stream has been ended. */
  | { readonly kind: 'failed'; said(service: ServiceName): Said };

interface Offer {
  /** The protocols to offer by ALPN, best first: `['h2']`. */
  readonly alpn?: readonly string[];
}

/**
 * Speaks TLS as a client over any stream, in a session of its own, and holds the server to the settings. OpenSSL's
 * verdict on the certificate is only a part of ours: everything that is wrong is to be told, and `verify: warn` goes on.
 * Rejects with the reason of the signal, and where the files of the settings are of no use: see {@link checkTlsFiles}.
 */
export async function secure(
  stream: Duplex,
  settings: TlsSettings,
  context: DialogueContext,
  { alpn = [] }: Offer = {},
): Promise<Secured> {
  // Not before it is needed: neither a plan nor the help speaks TLS.
  const tls = await import('node:tls');
  const secureContext = clientContext(tls, settings, context.materials);
  const expectedName = (settings.serverName ?? context.target).replace(/\.$/, '');
  const startedAt = performance.now();
  const deadline = new Deadline(context.timeoutMs, context.signal);
  const tap = new Tap(stream);
  const socket = tls.connect({
    socket: tap,
    secureContext,
    rejectUnauthorized: false,
    // Else a wrong name would hide among OpenSSL's reasons.
    checkServerIdentity: () => undefined,
    // RFC 6066, 3: never an address.
    servername: isIP(expectedName) === 0 ? expectedName : '',
    ...(alpn.length === 0 ? {} : { ALPNProtocols: [...alpn] }),
  });
  try {
    const refusal = await shakeHands(socket, deadline);
    const elapsedMs = performance.now() - startedAt;
    const left = { ...context, timeoutMs: Math.max(context.timeoutMs - elapsedMs, 1) };
    if (refusal === undefined) {
      context.transcript.phase('tls', elapsedMs);
      tap.adopt();
      return await judge(socket, expectedName, settings, left);
    }
    const said = await explain(refusal, tap, settings, elapsedMs, context);
    socket.destroy();
    await new Conversation(stream, left).end();
    return { kind: 'failed', said };
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    deadline.cancel();
  }
}

/**
 * Tries the files that TLS settings name, before the first packet. Throws an {@link ExpectedError} where they are of no use.
 * `settings`: of any service; those of TLS are found wherever they are, by the defaults that only they have.
 */
export async function checkTlsFiles(settings: unknown, materials: Materials): Promise<void> {
  if (typeof settings !== 'object' || settings === null) return;
  if ('verify' in settings && 'minimumVersion' in settings)
    clientContext(await import('node:tls'), settings as TlsSettings, materials);
  await Promise.all(Object.values(settings).map((each) => checkTlsFiles(each, materials)));
}

/** What it means that there is no session. */
async function explain(
  refusal: Refusal,
  tap: Tap,
  settings: TlsSettings,
  elapsedMs: number,
  { transcript }: DialogueContext,
): Promise<(service: ServiceName) => Said> {
  if (tap.heard.length > 0 && !looksLikeTls(tap.heard)) {
    const line = await tap.firstLine();
    transcript.received(line);
    return (service) => mismatch(service, `${describeStranger(line)}, without TLS`, 'stranger');
  }
  if (refusal.kind === 'closed') return (service) => closedEarly(service, 'during the TLS handshake');
  if (refusal.kind === 'silence') {
    const silent = tap.heard.length === 0 ? 'then silent' : 'then stuck in the TLS handshake';
    const detail = `connected, ${silent} for ${seconds(elapsedMs)}, where a TLS server answers a ClientHello`;
    return (service) => mismatch(service, detail, 'silent');
  }
  transcript.note(`TLS failed: ${refusal.message}`);
  const shown = settings.clientCertificate !== undefined;
  const why = describeRefusal({ ...refusal, asked: asksForCertificate(tap.heard), shown });
  return (service) => mismatch(service, `answers with TLS, ${why}`);
}

/** Holds the session to the settings. */
async function judge(
  socket: TLSSocket,
  expectedName: string,
  settings: TlsSettings,
  context: DialogueContext,
): Promise<Secured> {
  const protocol = socket.getProtocol() ?? 'unknown';
  const version = versionName(protocol);
  const chain = chainOf(socket);
  const subject = subjectOf(chain[0]);
  const detail = `${version}, certificate of ${subject}`;
  context.transcript.note(`${version} with ${socket.getCipher().standardName}`);
  for (const certificate of chain) context.transcript.note(describeCertificate(certificate));

  // Node knows it by OpenSSL's name, whatever its type says.
  const error = (socket.authorizationError ?? undefined) as unknown as string | undefined;
  const { problem, warning } = judgeCertificate({ chain, error, expectedName, now: new Date() }, settings);
  const say = (what: string) => `its certificate (${subject}) ${what}`;
  const refuse = async (what: string, problem: DialogueProblem): Promise<Secured> => {
    await new Conversation(socket, context).end();
    return { kind: 'failed', said: (service) => mismatch(service, `answers with ${version}, but ${what}`, problem) };
  };
  if (isOlder(protocol, settings.minimumVersion))
    return refuse(`${versionName(settings.minimumVersion)} is the oldest that will do`, 'answer');
  if (problem !== undefined && settings.verify !== 'warn') return refuse(say(problem), 'certificate');
  // A dialogue only sees its stream end: the alert, of a server that thinks long about a certificate, say, is worth telling.
  socket.on('error', ({ message }) => context.transcript.note(`TLS broke off: ${message}`));
  const attention = [problem, warning].filter((each) => each !== undefined).join(', and ');
  return {
    kind: 'secured',
    stream: socket,
    context,
    detail,
    alpn: socket.alpnProtocol || undefined,
    ...(attention === '' ? {} : { warning: say(attention) }),
  };
}
