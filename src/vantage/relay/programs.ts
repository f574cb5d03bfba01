import type { RemoteProgram } from '../../remote-program/bootstrap.js';

/** The relay in the languages that a node may have, best first. */
export const relayPrograms: readonly RemoteProgram[] = [
  { name: 'python', files: ['src/remote/node.py', 'src/remote/relay.py'], variable: 'python_program' },
];
