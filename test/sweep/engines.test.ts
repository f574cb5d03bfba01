import { labTest } from '../lab/lab-test.js';
import { holdToContract } from './engine-contract.js';

labTest('python 3 tells every answer apart, and who sent it', (t) =>
  holdToContract(t, { engine: 'python', interpreters: ['python3'], blindness: 'none' }),
);

labTest(
  'python 2.7 tells every answer apart, and who sent it',
  (t) => holdToContract(t, { engine: 'python', interpreters: ['python2'], blindness: 'none' }),
  { alsoNeeded: ['python2.7'] },
);

labTest('perl tells apart what connect tells', (t) =>
  holdToContract(t, { engine: 'perl', interpreters: ['perl'], blindness: 'no error queue' }),
);

labTest('a node without python and perl is probed through its sshd', (t) =>
  holdToContract(t, { engine: 'dial', interpreters: [], blindness: 'sshd hides immediate errors' }),
);
