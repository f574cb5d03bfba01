import test, { type ExecutionContext, type Implementation } from 'ava';
import pLimit from 'p-limit';
import { missingPrerequisite } from './prerequisites.js';

/** ava starts all tests of a file at once. Labs share the machine's cores: with many, a node looks slower than any is. */
const inTurn = pLimit(3);

/**
 * A test that needs the lab. Where a prerequisite is missing it is skipped and says so in its title, and fails when
 * `PORTOLAN_REQUIRE_LAB=1`: a skip must not pass for a proof.
 */
export function labTest(
  title: string,
  implementation: (t: ExecutionContext) => unknown,
  { alsoNeeded = [] }: { readonly alsoNeeded?: readonly string[] } = {},
): void {
  const reason = missingPrerequisite(alsoNeeded);
  const limited = (t: ExecutionContext) => inTurn(async () => implementation(t));
  if (reason === undefined) test(title, limited as Implementation<[]>);
  else if (process.env.PORTOLAN_REQUIRE_LAB === '1') test(title, (t) => t.fail(`the lab is required: ${reason}`));
  else test.skip(`${title} (skipped: ${reason})`, limited as Implementation<[]>);
}
