import test, { type ExecutionContext, type Implementation } from 'ava';

/**
 * A test that needs more than Node. Where something is missing it is skipped and says so in its title, and fails when
 * `PORTOLAN_REQUIRE_LAB=1`: a skip must not pass for a proof.
 */
export function testNeeding(
  missing: string | undefined,
  title: string,
  implementation: (t: ExecutionContext) => unknown,
): void {
  if (missing === undefined) test(title, implementation as Implementation<[]>);
  else if (process.env.PORTOLAN_REQUIRE_LAB === '1') test(title, (t) => t.fail(`the lab is required: ${missing}`));
  else test.skip(`${title} (skipped: ${missing})`, implementation as Implementation<[]>);
}
