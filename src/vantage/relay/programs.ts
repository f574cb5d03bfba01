import type { RemoteProgram } from '../../remote-program/bootstrap.js';

/** The relay in the languages that a node may have, best first. */
export const relayPrograms: readonly RemoteProgram[] = [
  { name: 'python', files: ['src/remote/node.py', 'src/remote/relay.py'], variable: 'python_program' },
  { name: 'perl', files: ['src/remote/node.pl', 'src/remote/relay.pl'], variable: 'perl_program' },
  { name: 'bash', files: ['src/remote/relay.bash'], variable: 'bash_program' },
];
