import { openSession } from '#src/sweep/session.js';
import { createLab } from '../lab/lab.js';
import { labTest } from '../lab/lab-test.js';
import { holdToContract } from './engine-contract.js';
import { finalAnswers, sweepAll } from './final-answers.js';
import { logIn } from './lab-vantage.js';

labTest('python 3 tells every answer apart, and who sent it', (t) =>
  holdToContract(t, { engine: 'python', interpreters: ['python3'] }),
);

labTest(
  'python 2.7 tells every answer apart, and who sent it',
  (t) => holdToContract(t, { engine: 'python', interpreters: ['python2'] }),
  { alsoNeeded: ['python2.7'] },
);

labTest('perl tells apart what connect tells', (t) => holdToContract(t, { engine: 'perl', interpreters: ['perl'] }));

labTest('a node without python and perl is probed through its sshd', (t) =>
  holdToContract(t, { engine: 'dial', interpreters: [] }),
);

labTest('a node without these whose sshd does not forward is probed by its bash', (t) =>
  holdToContract(t, { engine: 'bash', interpreters: ['bash'], sshd: ['AllowTcpForwarding no'] }),
);

labTest('a node with nothing but sh and OpenBSD netcat is probed by that', (t) =>
  holdToContract(t, { engine: 'nc', interpreters: ['nc'], sshd: ['AllowTcpForwarding no'] }),
);

/** A bash that was built without /dev/tcp, as Debian's once was. */
const withoutDevTcp = {
  '/bin/bash': '#!/bin/sh\necho "p: /dev/tcp/127.0.0.1/1: No such file or directory" >&2\nexit 1\n',
};

labTest('a node with none of these is unprobed, and what was looked for is said', async (t) => {
  const src = {
    interpreters: ['bash'],
    sshd: ['AllowTcpForwarding no'],
    shell: '/bin/sh',
    programs: withoutDevTcp,
  } as const;
  const lab = await createLab({ hosts: { src } });
  t.teardown(() => lab.close());
  const session = await openSession(await logIn(t, lab, lab.host('src')), {}, new AbortController().signal);
  t.is(session.engine, undefined);
  t.true(session.facts.addresses?.includes('10.10.0.11'));
  const events = await sweepAll(session, [{ id: 0, target: '10.10.0.12', ports: [[1, 3]], allowOwnAddress: false }]);
  t.deepEqual(finalAnswers(events), { '10.10.0.12': { 'untried no-engine': '1-3' } });
  t.regex(JSON.stringify(events), /looked for python 3\.4 .*; perl 5\.14 .*; an sshd that forwards .*; bash 4\.2/);
  await session.close();
});
