import type { Member } from '../model/inventory.js';
import { type PortSet, parsePorts, singlePort } from '../model/port-set.js';
import type { Report, ReportCheck, ReportOutcome } from '../model/report.js';
import { isFailedDenial, isFailedPath, isFirewallMatter, wantsPassage } from './firewall-matter.js';
import type { Wanted } from './from-plan.js';
import { RuleMerger } from './merge.js';
import { oneLine, type Party, type Purpose, partyOf, purposeOf } from './request.js';
import { sourceParty } from './source-address.js';

// More would bury the note; the report has them all.
const mostNamed = 8;

/**
 * What has to be let through for what failed in a report to pass, as far as a firewall may be why it failed. `members` are
 * those of an inventory, where there is one: their addresses are used where the report does not know the source's.
 */
export function wantedByReport(
  { findings, run }: Pick<Report, 'findings' | 'run'>,
  checks: Iterable<ReportCheck>,
  members: ReadonlyMap<string, Member>,
): Wanted {
  const merger = new RuleMerger();
  const purposes = new Map<string, Purpose>();
  const others = new Map<string, { readonly outcomes: Set<string>; checks: number }>();
  const findingOf = new Map(findings.map((finding) => [finding.id, finding]));
  const leftOut = new Set<Report['findings'][number]>();
  const passing = new Map<string, string[]>();
  let unknown = 0;
  for (const check of checks) {
    if (check.kind === 'path' && check.status === 'unknown') unknown++;
    const flow = `${check.scenario}/${check.flow}`;
    if (isFailedDenial(check)) passing.set(flow, [...(passing.get(flow) ?? []), ...whatPasses(check)]);
    if (wantsPassage(check))
      for (const outcome of check.outcomes) {
        const finding = findingOf.get(outcome.finding ?? '');
        if (finding !== undefined && outcome.untried === 'rate-ban') leftOut.add(finding);
      }
    if (!isFailedPath(check)) continue;
    let purpose = purposes.get(flow);
    if (purpose === undefined) {
      purpose = purposeOf(flow, check.title, check.severity, check.cite);
      purposes.set(flow, purpose);
    }
    const failed = check.outcomes.filter(({ status }) => status === 'fail');
    const causeOf = (outcome: ReportOutcome) => findingOf.get(outcome.finding ?? '')?.cause;
    const matters = failed.filter((outcome) => isFirewallMatter(outcome, causeOf(outcome)));
    for (const outcome of matters) {
      const { party, ports } = destinationOf(check, outcome);
      merger.add(sourceOf(check, outcome, party, members), party, ports, purpose);
    }
    if (matters.length === failed.length) continue;
    const other = others.get(flow) ?? { outcomes: new Set(), checks: 0 };
    other.checks++;
    for (const outcome of failed) {
      if (matters.includes(outcome)) continue;
      other.outcomes.add(outcome.outcome);
      const finding = findingOf.get(outcome.finding ?? '');
      if (finding !== undefined && looksLikeRule(outcome)) leftOut.add(finding);
    }
    others.set(flow, other);
  }
  const notes = [
    ...(others.size === 0 ? [] : [othersNote(others)]),
    ...[...leftOut].slice(0, mostNamed).map(({ id, summary }) => `no rule mends ${id}: ${summary}`),
    ...(leftOut.size > mostNamed ? [`and ${leftOut.size - mostNamed} more findings that no rule mends`] : []),
    ...[...passing]
      .slice(0, mostNamed)
      .map(
        ([flow, pairs]) => `open or reached although it must not be, to be closed by a rule: ${flow} (${some(pairs)})`,
      ),
    ...(passing.size > mostNamed ? [`and ${passing.size - mostNamed} more flows that must be closed and are not`] : []),
    ...(unknown === 0 ? [] : [`${counted(unknown, 'check')} could not be tested: what they need is not in here`]),
    ...(run.complete ? [] : ['the report covers a part of the documented flows only']),
    ...(run.interrupted ? ['the run was interrupted: what it did not come to is not in here'] : []),
  ];
  return { rules: merger.rules(), notes: notes.map(oneLine) };
}

/** `x -> y: 80 open`. */
function whatPasses({ from, fromRole, outcomes, to, toRole }: ReportCheck): readonly string[] {
  return outcomes
    .filter(({ status }) => status === 'fail')
    .map(({ outcome, ports }) => `${from ?? fromRole} -> ${to ?? toRole}: ${ports} ${outcome}`);
}

function some(texts: readonly string[]): string {
  const shown = texts.slice(0, mostNamed).join('; ');
  return texts.length > mostNamed ? `${shown}; and ${texts.length - mostNamed} more` : shown;
}

/** What would be asked for, were it not known better: of the rest the outcome alone says that no firewall is the cause. */
function looksLikeRule({ evidence, outcome }: ReportOutcome): boolean {
  return evidence !== undefined || outcome === 'timeout' || outcome === 'unreachable' || outcome === 'rejected';
}

function sourceOf(
  { from, sourceAddress }: ReportCheck,
  outcome: ReportOutcome,
  { address }: Party,
  members: ReadonlyMap<string, Member>,
): Party {
  const name = from!;
  const seen = outcome.sourceAddress ?? sourceAddress;
  if (seen !== null) return partyOf(name, seen);
  const member = members.get(name);
  return member === undefined ? partyOf(name, name) : sourceParty(member, address, undefined);
}

/** Where the packets went: the literal where it is known, or the proxy that did not let itself be reached. */
function destinationOf(
  { address, to, via }: ReportCheck,
  outcome: ReportOutcome,
): { readonly party: Party; readonly ports: PortSet } {
  if (via !== undefined) {
    const [, bracketed, plain, port] = /^(?:\[(.*)\]|(.*)):(\d+)$/.exec(via) ?? [];
    return { party: partyOf('HTTP proxy', bracketed ?? plain ?? via), ports: singlePort(Number(port)) };
  }
  const target = address ?? to!;
  const literal = outcome.address ?? target;
  const name = literal === target ? to! : `${to} (${target})`;
  return { party: partyOf(name, literal), ports: parsePorts(outcome.ports) ?? [] };
}

function othersNote(
  others: ReadonlyMap<string, { readonly outcomes: ReadonlySet<string>; readonly checks: number }>,
): string {
  const flows = [...others].map(
    ([flow, { checks, outcomes }]) => `${flow} (${counted(checks, 'check')}: ${[...outcomes].join(', ')})`,
  );
  const more = flows.length > mostNamed ? ` and ${flows.length - mostNamed} more flows` : '';
  return `failed, but not a firewall matter: ${flows.slice(0, mostNamed).join(', ')}${more}`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
