import type { CauseName } from './causes.js';
import type { Explained } from './finding.js';
import type { Member, SymptomGroup } from './symptom-group.js';

/**
 * Puts together what one fault brought about: nobody can be logged in to on a host that answers nobody, and of a group of
 * which one host has to answer, the one that shows why it does not explains the others.
 */
export function joined(groups: readonly SymptomGroup[]): readonly Explained[] {
  const explained = groups.map((group): Explained => ({ group, followers: [] }));
  const silent = new Map(
    explained
      .filter(({ group }) => group.cause === 'host-silent')
      .map((each) => [each.group.at(0).destination.host, each]),
  );
  const open = explained.filter(({ group }) => group.cause === 'no-host-answers');
  const shown = open.length === 0 ? new Map<string, Explained>() : explanations(explained);
  return explained.flatMap((each) => {
    const { cause } = each.group;
    if (cause === 'no-login') return follow(each, ({ source }) => silent.get(source.host));
    if (cause === 'no-host-answers') return follow(each, ({ source }) => shown.get(source.idStart));
    return [each];
  });
}

/** What is left of a group when those that follow from another finding have gone there. */
function follow(each: Explained, leaderOf: (member: Member) => Explained | undefined): readonly Explained[] {
  const left: Explained[] = [];
  for (const part of each.group.split(leaderOf)) {
    const leader = leaderOf(part.at(0));
    if (leader === undefined) left.push({ group: part, followers: [] });
    else leader.followers.push(part);
  }
  return left;
}

/** These leave the question why open. */
const notShowing: ReadonlySet<CauseName> = new Set([
  'no-host-answers',
  'no-login',
  'no-engine',
  'connection-lost',
  'interrupted',
  'engine-failed',
]);

/** By source and flow, the first finding that shows why a host of the flow does not answer there. */
function explanations(explained: readonly Explained[]): ReadonlyMap<string, Explained> {
  const shown = new Map<string, Explained>();
  for (const each of explained) {
    if (notShowing.has(each.group.cause)) continue;
    for (const { sight, source } of each.group)
      if (sight.weight === 0 && !sight.unlistened && !shown.has(source.idStart)) shown.set(source.idStart, each);
  }
  return shown;
}
