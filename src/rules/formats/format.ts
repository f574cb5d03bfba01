import type { ChangeRequest } from '../request.js';

/** A chain of nftables: `inet filter forward`. */
export interface NftChain {
  readonly family: 'ip' | 'ip6' | 'inet' | 'bridge';
  readonly table: string;
  readonly chain: string;
}

export interface FormatStyle {
  /** Rows of cells as lines, in columns as wide as there is room for. */
  columns(rows: readonly (readonly string[])[], indent: string): readonly (readonly string[])[];
  /** Where rules of nftables go. */
  readonly nftChain: NftChain;
}

/** A function from a change request to text, in chunks: for review, never to be applied unread. */
export interface RuleFormat {
  readonly name: string;
  readonly description: string;
  render(request: ChangeRequest, style: FormatStyle): Iterable<string>;
}
