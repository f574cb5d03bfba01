import { compactNames } from '../model/compact-names.js';
import type { ChangeRequest, Place, ProposedRule, Purpose } from './request.js';

/** What every text begins with: sentences on what it is, and what it is not. */
export function headOf({ origin }: ChangeRequest): readonly string[] {
  return [...origin, 'Review before applying; Portolan never applies it.'];
}

/** `exa-n[11:14]`: what the addresses are called. */
export function namesText(places: readonly Place[]): string {
  return compactNames([...new Set(places.flatMap(({ names }) => names))]).join(', ');
}

/** `10.10.0.[11:14]`. */
export function addressesText(places: readonly Place[]): string {
  return compactNames(places.map(({ address }) => address)).join(', ');
}

/** `1. exa-n[11:14] -> ldap-1`: a rule's heading among others. */
export function headingOf({ destinations, sources }: ProposedRule, index: number): string {
  return `${index + 1}. ${namesText(sources)} -> ${namesText(destinations)}`;
}

/** A purpose on one line: its flow, what it is for, and what asks for it. */
export function purposeText({ document, flow, title }: Purpose): string {
  return `${flow}: ${title} (${document})`;
}

/** For a comment that has little room: the flows, and what asks for them. */
export function shortPurposes({ purposes }: ProposedRule): string {
  return purposes.map(({ document, flow }) => `${flow} (${document})`).join('; ');
}

/** The text, or as much of it as so many bytes of UTF-8 hold, which then ends in three dots. */
export function cutTo(text: string, bytes: number): string {
  if (Buffer.byteLength(text) <= bytes) return text;
  let cut = '';
  for (const character of text) {
    if (Buffer.byteLength(cut + character) > bytes - 3) break;
    cut += character;
  }
  return `${cut}...`;
}

/** Lines as comments. */
export function comments(sentences: readonly string[]): string {
  return sentences.map((sentence) => `# ${sentence}\n`).join('');
}
