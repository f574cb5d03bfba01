/** What is wrong with an SSH host key: it is another one than the known one, or one that is marked as revoked. */
export type HostKeyProblem = 'changed' | 'revoked';

/** A problem with the key of a host, or of a jump host on the way to it, and the sentence that tells it. */
export interface HostKeyDoubt {
  readonly kind: HostKeyProblem;
  readonly said: string;
}
