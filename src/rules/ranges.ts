import ipaddr from 'ipaddr.js';
import { familyOf } from './request.js';

interface Range {
  first: bigint;
  last: bigint;
}

const bitsOf = { 4: 32, 6: 128 } as const;

/** Literals of one family as `10.10.0.11-10.10.0.14`, runs of consecutive ones joined; they cover nothing else. */
export function addressRanges(addresses: readonly string[], family: 4 | 6): readonly string[] {
  return rangesOf(addresses).map(({ first, last }) =>
    first === last ? textOf(first, family) : `${textOf(first, family)}-${textOf(last, family)}`,
  );
}

/** The fewest CIDR blocks that cover literals of one family, and nothing else. */
export function cidrBlocks(addresses: readonly string[], family: 4 | 6): readonly string[] {
  const bits = bitsOf[family];
  const blocks: string[] = [];
  for (const { first, last } of rangesOf(addresses)) {
    let at = first;
    while (at <= last) {
      let host = 0;
      while (host < bits && at % (2n << BigInt(host)) === 0n && at + (2n << BigInt(host)) - 1n <= last) host++;
      blocks.push(`${textOf(at, family)}/${bits - host}`);
      at += 1n << BigInt(host);
    }
  }
  return blocks;
}

/** The same, single addresses without their length. */
export function addressBlocks(addresses: readonly string[], family: 4 | 6): readonly string[] {
  const single = `/${bitsOf[family]}`;
  return cidrBlocks(addresses, family).map((block) =>
    block.endsWith(single) ? block.slice(0, -single.length) : block,
  );
}

function rangesOf(addresses: readonly string[]): readonly Range[] {
  const numbers = addresses.map(numberOf).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const ranges: Range[] = [];
  for (const number of numbers) {
    const previous = ranges.at(-1);
    if (previous !== undefined && number <= previous.last + 1n) previous.last = number;
    else ranges.push({ first: number, last: number });
  }
  return ranges;
}

function numberOf(address: string): bigint {
  return ipaddr
    .parse(address)
    .toByteArray()
    .reduce((number, byte) => (number << 8n) | BigInt(byte), 0n);
}

function textOf(number: bigint, family: 4 | 6): string {
  const bytes = Array.from({ length: bitsOf[family] / 8 }, (_, index) => Number((number >> BigInt(index * 8)) & 0xffn));
  const text = ipaddr.fromByteArray(bytes.reverse()).toString();
  if (familyOf(text) !== family) throw new Error(`${text} is no address of IPv${family}`);
  return text;
}
