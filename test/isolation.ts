import { spawnSync } from 'node:child_process';

const isolate = [
  'unshare',
  '--net',
  '--mount',
  '--propagation',
  'private',
  'sh',
  '-c',
  'ip link set lo up && exec "$@"',
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
