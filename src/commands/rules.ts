import { ExpectedError } from '../model/errors.js';
import type { Member } from '../model/inventory.js';
import { suggestName } from '../model/nearest.js';
import type { Report, ReportCheck } from '../model/report.js';
import { matchesFlow, matchesMember } from '../model/selector.js';
import { assertSomethingToProbe, makePlan } from '../plan/make-plan.js';
import { services } from '../protocol/registry.js';
import { columns } from '../report/columns.js';
import { everyPhase, everySource } from '../rules/every-source.js';
import type { NftChain } from '../rules/formats/format.js';
import { ruleFormats } from '../rules/formats/registry.js';
import { wantedByPlan } from '../rules/from-plan.js';
import { wantedByReport } from '../rules/from-report.js';
import { type ChangeRequest, oneLine } from '../rules/request.js';
import type { CommandIo } from './io.js';
import { readReport } from './saved-report.js';
import { loadSite } from './site.js';

/** The flags of `portolan rules`, as commander hands them over. */
export interface RulesFlags {
  readonly inventory?: string;
  readonly from: readonly string[];
  readonly to: readonly string[];
  readonly flow: readonly string[];
  readonly format: string;
  readonly failed?: string;
  readonly nftChain?: string;
}

/**
 * `portolan rules`: prints the firewall change request, of a plan or of what failed in a saved report; connects to
 * nothing. Throws an ExpectedError where a plan asks for nothing.
 */
export function runRules(requested: readonly string[], flags: RulesFlags, { stdout, width }: CommandIo): void {
  const format = ruleFormats.get(flags.format);
  if (format === undefined)
    throw new ExpectedError(`unknown format "${flags.format}"; ${suggestName(flags.format, ruleFormats.keys())}`);
  if (flags.nftChain !== undefined && format.name !== 'nftables')
    throw new ExpectedError('--nft-chain is for rules of nftables; give --format nftables too');
  const nftChain = nftChainOf(flags.nftChain ?? 'inet filter forward');
  if (flags.failed !== undefined && requested.length > 0)
    throw new ExpectedError('--failed takes its flows from the report; choose among them with --flow SCENARIO/FLOW');
  const request = flags.failed === undefined ? ofPlan(requested, flags) : ofReport(flags.failed, flags);
  if (request.rules.length === 0) {
    stdout('nothing failed that a firewall rule would mend\n');
    for (const note of request.notes) stdout(`${note}\n`);
    return;
  }
  const style = {
    columns: (rows: readonly (readonly string[])[], indent: string) => columns(rows, width, indent),
    nftChain,
  };
  for (const chunk of format.render(request, style)) stdout(chunk);
}

function ofPlan(requested: readonly string[], flags: RulesFlags): ChangeRequest {
  const { inventory, scenarios } = loadSite(flags.inventory, requested);
  const { from, to, flow } = flags;
  const plan = makePlan(everyPhase(scenarios), everySource(inventory.members), {
    phase: 'check',
    filters: { from, to, flow },
    sample: undefined,
    dialogues: services,
  });
  assertSomethingToProbe(plan);
  const { notes, rules } = wantedByPlan(plan, inventory.members);
  if (rules.length === 0)
    throw new ExpectedError('nothing to let through: no flow of the plan is expected to be open or reachable');
  const names = scenarios.map(({ name }) => name).join(', ');
  const origin = `Firewall change request by portolan rules, made from the plan of ${names} for ${inventory.file}.`;
  return { origin: [origin, ...narrowing(flags)].map(oneLine), rules, notes };
}

function ofReport(file: string, flags: RulesFlags): ChangeRequest {
  const report = readReport(file);
  const members = membersFor(flags.inventory);
  const { notes, rules } = wantedByReport(report, chosen(report, file, members, flags), members);
  const { command, id, ticket } = report.run;
  const run = `run ${id} of portolan ${command}${ticket === null ? '' : `, ticket ${ticket}`}`;
  const origin = `Firewall change request by portolan rules, made from what failed in ${file} (${run}).`;
  return { origin: [origin, ...narrowing(flags)].map(oneLine), rules, notes };
}

function narrowing({ flow, from, to }: RulesFlags): readonly string[] {
  const given = Object.entries({ from, to, flow }).flatMap(([option, values]) =>
    values.map((value) => `--${option} ${value}`),
  );
  return given.length === 0 ? [] : [`Only a part of it was asked for: ${given.join(' ')}.`];
}

/** Of an inventory that is not named, and cannot be used, nothing is asked: the report is enough. */
function membersFor(inventory: string | undefined): ReadonlyMap<string, Member> {
  try {
    return loadSite(inventory, []).inventory.members;
  } catch (error) {
    if (inventory === undefined && error instanceof ExpectedError) return new Map();
    throw error;
  }
}

/** The checks that the filters name. Throws an {@link ExpectedError} where one of them names none. */
function chosen(
  { checks }: Report,
  file: string,
  members: ReadonlyMap<string, Member>,
  { flow, from, to }: RulesFlags,
): readonly ReportCheck[] {
  const isEnd = (selector: string, name: string | null) =>
    name !== null && matchesMember(selector, members.get(name) ?? { name, roles: [] });
  const filters = [
    ...[{ option: '--from', selectors: from, matches: (it: ReportCheck, each: string) => isEnd(each, it.from) }],
    ...[{ option: '--to', selectors: to, matches: (it: ReportCheck, each: string) => isEnd(each, it.to) }],
    {
      option: '--flow',
      selectors: flow,
      matches: (it: ReportCheck, each: string) => matchesFlow(each, it.scenario, it.flow),
    },
  ];
  for (const { matches, option, selectors } of filters)
    for (const selector of selectors)
      if (!checks.some((check) => matches(check, selector)))
        throw new ExpectedError(`${option} ${selector} matches no check of ${file}`);
  return checks.filter((check) =>
    filters.every(({ matches, selectors }) => selectors.length === 0 || selectors.some((each) => matches(check, each))),
  );
}

/** Throws an {@link ExpectedError} for what nft would not take. */
function nftChainOf(text: string): NftChain {
  const word = '[A-Za-z][\\w./-]*';
  const [, family, table, chain] = new RegExp(`^(ip|ip6|inet|bridge) +(${word}) +(${word})$`).exec(text.trim()) ?? [];
  if (family === undefined)
    throw new ExpectedError(
      `--nft-chain "${text}" is not a chain; expected family, table and chain, such as "inet filter forward"`,
    );
  return { family: family as NftChain['family'], table: table!, chain: chain! };
}
