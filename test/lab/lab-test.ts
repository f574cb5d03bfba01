import type { ExecutionContext } from 'ava';
import pLimit from 'p-limit';
import { testNeeding } from '../needing.js';
import { missingPrerequisite } from './prerequisites.js';

/** ava starts all tests of a file at once. Labs share the machine's cores: with many, a node looks slower than any is. */
const inTurn = pLimit(3);

/** A test that needs the lab, and the tools or interpreters that are named beside. */
export function labTest(
  title: string,
  implementation: (t: ExecutionContext) => unknown,
  { alsoNeeded = [] }: { readonly alsoNeeded?: readonly string[] } = {},
): void {
  testNeeding(missingPrerequisite(alsoNeeded), title, (t) => inTurn(async () => implementation(t)));
}
