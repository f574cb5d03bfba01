import { existsSync } from 'node:fs';
import { interpretersOnPath, pathOf, python2Prefix } from './interpreters.js';

const tools = ['ip', 'nft', 'sshd', 'ssh-keygen', 'unshare', 'nsenter', 'mount', 'hostname'];

/** Why the lab cannot be built here; undefined where it can. */
export function missingPrerequisite(alsoNeeded: readonly string[] = []): string | undefined {
  if (process.platform !== 'linux') return `network namespaces need Linux, and this is ${process.platform}`;
  if (process.getuid?.() !== 0) return 'network namespaces need root';
  if (process.env.PORTOLAN_TEST_NAMESPACE !== '1') {
    return 'the run is not in a network namespace of its own; start it with `npm test` or `node dist-test/run.js`';
  }
  if (!existsSync('/proc/self/ns/pid_for_children')) return 'the kernel has no PID namespaces';
  const isThere = (tool: string) => (tool === 'python2.7' ? python2Prefix() : pathOf(tool)) !== undefined;
  const missing = [...tools, ...alsoNeeded].filter((tool) => !isThere(tool));
  if (missing.length > 0) return `not installed: ${missing.join(', ')}`;
  if (interpretersOnPath('python3').length === 0) return 'no python3 in the directories of sshd’s PATH';
  if (interpretersOnPath('perl').length === 0) return 'no perl in the directories of sshd’s PATH';
  return undefined;
}
