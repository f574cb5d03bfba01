import type { HostKeyDoubt, HostKeyProblem } from '../model/host-key-problem.js';
import { VantageFailure } from '../model/vantage.js';
import { HostKeyFiles, nameOf } from './host-key-files.js';
import {
  fingerprint,
  type HostKeyJudgement,
  hostKeyAlgorithms,
  hostKeyType,
  judgeHostKey,
  type KnownHostsEntry,
} from './known-hosts.js';
import type { LoginSettings } from './login-settings.js';
import { list, place } from './sentences.js';

/** What a host's key may be: made before the handshake, because it decides the algorithms to offer. */
export interface HostKeyPolicy {
  readonly algorithms: ReturnType<typeof hostKeyAlgorithms>;
  /** Resolves where the key is accepted. Rejects with a {@link VantageFailure}. */
  verify(key: Buffer): Promise<AcceptedHostKey>;
}

export interface AcceptedHostKey {
  /** False where it is accepted against the evidence: then no password may be sent. */
  readonly trusted: boolean;
  readonly doubt?: HostKeyDoubt;
}

/** Checks host keys as `ssh` does, without anybody to ask. */
export class HostKeys {
  readonly #files = new HostKeyFiles();
  readonly #warn: (sentence: string) => void;

  constructor(warn: (sentence: string) => void) {
    this.#warn = warn;
  }

  async policy(settings: LoginSettings): Promise<HostKeyPolicy> {
    const { exact, host } = await this.#files.entries(settings);
    return {
      algorithms: hostKeyAlgorithms(exact.length > 0 ? exact : host),
      verify: (key) => this.#verify(settings, key),
    };
  }

  async #verify(settings: LoginSettings, key: Buffer): Promise<AcceptedHostKey> {
    const { exact, host } = await this.#files.entries(settings);
    const judgement = judge(exact, host, key);
    if (judgement.kind === 'known') return { trusted: true };
    if (judgement.kind === 'unknown' && settings.strictHostKeyChecking === 'accept-new') {
      await this.#accept(settings, key);
      return { trusted: true };
    }
    const presented = `${hostKeyType(key)} key ${fingerprint(key)}`;
    const refusal = refusalOf(judgement);
    const why = refusedHostKey(settings, presented, refusal);
    const sentence = `cannot log in to ${place(settings)}: ${why}`;
    const problem = problemOf(refusal);
    if (settings.strictHostKeyChecking !== 'no' || judgement.kind === 'revoked')
      throw new VantageFailure(sentence, { hostKeyProblem: problem });
    this.#warn(`strictHostKeyChecking is "no", so this is only a warning: ${sentence}`);
    const trusted = judgement.kind === 'unknown';
    return problem === undefined ? { trusted } : { trusted, doubt: overruled(settings, problem, why) };
  }

  async #accept(settings: LoginSettings, key: Buffer): Promise<void> {
    const what = `the ${hostKeyType(key)} key ${fingerprint(key)} of ${place(settings)}`;
    try {
      const file = await this.#files.add(settings, key);
      if (file !== undefined) this.#warn(`accepted ${what}, seen for the first time, and added it to ${file}`);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.#warn(`accepted ${what}, seen for the first time, but could not keep it: ${why}`);
    }
  }
}

function judge(exact: readonly KnownHostsEntry[], host: readonly KnownHostsEntry[], key: Buffer): HostKeyJudgement {
  const judgement = judgeHostKey(exact, key);
  if (judgement.kind !== 'unknown') return judgement;
  const bare = judgeHostKey(host, key);
  return bare.kind === 'known' || bare.kind === 'revoked' ? bare : judgement;
}

/** What was wrong with a host's key. */
export type HostKeyRefusal =
  | { readonly kind: 'revoked'; readonly where: string }
  | { readonly kind: 'changed'; readonly where: string; readonly file: string; readonly keyType: string }
  | { readonly kind: 'certificate'; readonly where: string }
  | { readonly kind: 'unknown' };

/** The stable word for it; undefined where nothing speaks against the key but that nobody knows it. */
export function problemOf({ kind }: HostKeyRefusal): HostKeyProblem | undefined {
  return kind === 'changed' || kind === 'revoked' ? kind : undefined;
}

/** What the report says of a login that `strictHostKeyChecking` "no" let go on. */
export function overruled(settings: LoginSettings, kind: HostKeyProblem, why: string): HostKeyDoubt {
  const said = `logged in to ${place(settings)} although ${why}; the login went on because strictHostKeyChecking is "no"`;
  return { kind, said };
}

/** The sentence for a host whose key was refused; `presented` is the key it showed, `ssh-ed25519 key SHA256:…`. */
export function refusedHostKey(settings: LoginSettings, presented: string, refusal: HostKeyRefusal): string {
  const name = nameOf(settings);
  const file = settings.knownHostsFiles[0]!;
  const scan = `ssh-keyscan ${settings.port === 22 ? '' : `-p ${settings.port} `}${settings.hostname}`;
  switch (refusal.kind) {
    case 'revoked':
      return `it presented the ${presented}, which ${refusal.where} marks as revoked; do not use this host until its key has been replaced`;
    case 'changed':
      return (
        `ITS HOST KEY HAS CHANGED: it presented the ${presented}, but ${refusal.where} ${known(presented, refusal.keyType)}; ` +
        'somebody may be in between. If the host was reinstalled, remove the old key with ' +
        `"ssh-keygen -R '${name}' -f ${refusal.file}" and add the new one`
      );
    case 'certificate':
      return (
        `${refusal.where} trusts a certificate authority for it, which the ssh2 transport cannot ask; set "transport": ` +
        `"openssh" for this host, or add the host's own key (${presented}) to ${file}`
      );
    case 'unknown':
      return (
        `its host key is unknown: it presented the ${presented}, and no key of ${name} is in ` +
        `${list([...settings.knownHostsFiles, ...settings.globalKnownHostsFiles])}; compare the fingerprint with the ` +
        `host's own, then run "${scan} >> ${file}", or set strictHostKeyChecking to "accept-new"`
      );
  }
}

function known(presented: string, keyType: string): string {
  return presented.startsWith(keyType) ? `holds another ${keyType} key` : `knows it by its ${keyType} key only`;
}

function refusalOf(judgement: Exclude<HostKeyJudgement, { kind: 'known' }>): HostKeyRefusal {
  switch (judgement.kind) {
    case 'revoked':
    case 'certificate':
      return { kind: judgement.kind, where: at(judgement.entry) };
    case 'changed':
      return {
        kind: 'changed',
        where: at(judgement.entry),
        file: judgement.entry.file,
        keyType: judgement.entry.keyType,
      };
    case 'unknown':
      return { kind: 'unknown' };
  }
}

function at(entry: KnownHostsEntry): string {
  return entry.line === 0 ? entry.file : `${entry.file}:${entry.line}`;
}
