import { labTest } from '../lab/lab-test.js';
import { holdToAsking } from './asking-contract.js';

labTest('python 3 hears whether one of our listeners answers, and who else does', (t) =>
  holdToAsking(t, { engine: 'python', interpreters: ['python3'] }),
);

labTest(
  'python 2.7 hears whether one of our listeners answers, and who else does',
  (t) => holdToAsking(t, { engine: 'python', interpreters: ['python2'] }),
  { alsoNeeded: ['python2.7'] },
);

labTest('perl hears whether one of our listeners answers, and who else does', (t) =>
  holdToAsking(t, { engine: 'perl', interpreters: ['perl'] }),
);
