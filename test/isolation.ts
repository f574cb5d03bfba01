import { spawnSync } from 'node:child_process';

// The tests log in as root over sshds of this machine, and what root's shell does at a login is no part of any test: a
// version manager there took 60 s for each login where its lock was left over from a session that a test had killed.
const quietShells =
  'for file in ~root/.bashrc ~root/.bash_profile ~root/.bash_login ~root/.profile ~root/.zshenv; do ' +
  'if [ -f "$file" ]; then mount --bind /dev/null "$file"; fi; done';

const isolate = [
  'unshare',
  '--net',
  '--mount',
  '--propagation',
  'private',
  'sh',
  '-c',
  `ip link set lo up && ${quietShells} && exec "$@"`,
  'sh',
];

/** Whether this process may make network namespaces: the lab's hosts are some. */
export function canIsolate(): boolean {
  return (
    process.platform === 'linux' && process.getuid?.() === 0 && spawnSync('unshare', ['-n', '-m', 'true']).status === 0
  );
}

/** The command in network and mount namespaces of its own, so that nothing it sends can leave the machine. */
export function isolated(command: readonly string[]): readonly string[] {
  return [...isolate, ...command];
}
