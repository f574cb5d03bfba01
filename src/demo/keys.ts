import ssh2 from 'ssh2';

export interface KeyPair {
  /** As OpenSSH keeps it, without a passphrase. */
  readonly private: string;
  /** As authorized_keys has it. */
  readonly public: string;
}

/** A new ed25519 key pair. ssh2 leaves out the zero bytes that one public key in 256 begins with: that one is not used. */
export function generateKeyPair(): KeyPair {
  for (;;) {
    const pair = ssh2.utils.generateKeyPairSync('ed25519');
    if (!(ssh2.utils.parseKey(pair.public) instanceof Error)) return pair;
  }
}
