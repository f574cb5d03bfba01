import { existsSync } from 'node:fs';
import test, { type ExecutionContext, type Implementation } from 'ava';
import { interpretersOnPath, pathOf } from './interpreters.js';

const tools = ['ip', 'nft', 'sshd', 'ssh-keygen', 'unshare', 'nsenter', 'mount', 'hostname'];

/** Why the lab cannot be built here; undefined where it can. */
export function missingPrerequisite(alsoNeeded: readonly string[] = []): string | undefined {
  if (process.platform !== 'linux') return `network namespaces need Linux, and this is ${process.platform}`;
  if (process.getuid?.() !== 0) return 'network namespaces need root';
  if (process.env.PORTOLAN_TEST_NAMESPACE !== '1') {
    return 'the run is not in a network namespace of its own; start it with `npm test` or `node dist-test/run.js`';
  }
  if (!existsSync('/proc/self/ns/pid_for_children')) return 'the kernel has no PID namespaces';
  const missing = [...tools, ...alsoNeeded].filter((tool) => pathOf(tool) === undefined);
  if (missing.length > 0) return `not installed: ${missing.join(', ')}`;
  if (interpretersOnPath('python3').length === 0) return 'no python3 in the directories of sshd’s PATH';
  if (interpretersOnPath('perl').length === 0) return 'no perl in the directories of sshd’s PATH';
  return undefined;
}

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
  if (reason === undefined) test(title, implementation as Implementation<[]>);
  else if (process.env.PORTOLAN_REQUIRE_LAB === '1') test(title, (t) => t.fail(`the lab is required: ${reason}`));
  else test.skip(`${title} (skipped: ${reason})`, implementation as Implementation<[]>);
}
