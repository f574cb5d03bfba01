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
  /**
   * Resolves where the key is accepted, with `trusted` false where it is accepted against the evidence: then no password
   * may be sent. Rejects with a {@link VantageFailure}.
   */
  verify(key: Buffer): Promise<{ readonly trusted: boolean }>;
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

  async #verify(settings: LoginSettings, key: Buffer): Promise<{ trusted: boolean }> {
    const { exact, host } = await this.#files.entries(settings);
    const judgement = judge(exact, host, key);
    if (judgement.kind === 'known') return { trusted: true };
    if (
      judgement.kind === 'unknown' &&
      judgement.others.length === 0 &&
      settings.strictHostKeyChecking === 'accept-new'
    ) {
      await this.#accept(settings, key);
      return { trusted: true };
    }
    const refusal = sentence(settings, judgement, key);
    if (settings.strictHostKeyChecking !== 'no' || judgement.kind === 'revoked') throw new VantageFailure(refusal);
    this.#warn(`strictHostKeyChecking is "no", so this is only a warning: ${refusal}`);
    return { trusted: judgement.kind === 'unknown' };
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

function sentence(
  settings: LoginSettings,
  judgement: Exclude<HostKeyJudgement, { kind: 'known' }>,
  key: Buffer,
): string {
  const presented = `${hostKeyType(key)} key ${fingerprint(key)}`;
  const name = nameOf(settings);
  const file = settings.knownHostsFiles[0]!;
  const start = `cannot log in to ${place(settings)}:`;
  const scan = `ssh-keyscan ${settings.port === 22 ? '' : `-p ${settings.port} `}${settings.hostname}`;
  switch (judgement.kind) {
    case 'revoked':
      return `${start} it presented the ${presented}, which ${at(judgement.entry)} marks as revoked; do not use this host until its key has been replaced`;
    case 'changed':
      return (
        `${start} ITS HOST KEY HAS CHANGED: it presented the ${presented}, but ${at(judgement.entry)} holds another ` +
        `${judgement.entry.keyType} key; somebody may be in between. If the host was reinstalled, remove the old key with ` +
        `"ssh-keygen -R '${name}' -f ${judgement.entry.file}" and add the new one`
      );
    case 'certificate':
      return (
        `${start} ${at(judgement.entry)} trusts a certificate authority for it, and host certificates need the openssh ` +
        `transport, which this version does not have; add the host's own key (${presented}) to ${file}`
      );
    case 'unknown': {
      const types = [...new Set(judgement.others.map((entry) => entry.keyType))];
      const known =
        types.length === 0
          ? `no key of ${name} is in ${list([...settings.knownHostsFiles, ...settings.globalKnownHostsFiles])}`
          : `${at(judgement.others[0]!)} knows it by its ${list(types)} key only`;
      return (
        `${start} its host key is unknown: it presented the ${presented}, and ${known}; compare the fingerprint with the ` +
        `host's own, then run "${scan} >> ${file}", or set strictHostKeyChecking to "accept-new"`
      );
    }
  }
}

function at(entry: KnownHostsEntry): string {
  return entry.line === 0 ? entry.file : `${entry.file}:${entry.line}`;
}
