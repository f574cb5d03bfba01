import type { RemoteProgram } from '../remote-program/bootstrap.js';

/** The listeners in the languages that a node may have, best first. Nothing else that nodes have can listen. */
export const listenerPrograms: readonly RemoteProgram[] = [
  {
    name: 'python',
    files: [
      'src/remote/node.py',
      'src/remote/ports.py',
      'src/remote/doors.py',
      'src/remote/visitors.py',
      'src/remote/listen.py',
    ],
    variable: 'python_program',
  },
  {
    name: 'perl',
    files: [
      'src/remote/node.pl',
      'src/remote/ports.pl',
      'src/remote/doors.pl',
      'src/remote/visitors.pl',
      'src/remote/listen.pl',
    ],
    variable: 'perl_program',
  },
];
