import { openSession } from '#src/sweep/session.js';
import { labTest } from '../lab/lab-test.js';
import { holdToAsking } from './asking-contract.js';
import { finalAnswers, sweepAll } from './final-answers.js';
import { answered, inside, machine, nothingLeft, quiet } from './node.js';
import { answer, listenForTokens } from './token-listeners.js';

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

const token = { text: 'portolan-preflight fedcba9876543210 1', paddedTo: 0 };
const address = '10.9.0.1';
const item = { id: 0, target: address, allowOwnAddress: true, ask: true } as const;

for (const engine of ['python', 'perl'] as const) {
  labTest(`${engine}: few descriptors make asking slower, not wrong`, async (t) => {
    const node = await machine(t);
    t.teardown(await listenForTokens(node, address, token.text, { ours: '20000-20499' }));
    const session = await openSession(inside(node, ['prlimit', '--nofile=40:40']), { engine }, quiet);
    const events = await sweepAll(session, [{ ...item, ports: [[20000, 20599]] }], { token });
    t.deepEqual(finalAnswers(events), {
      [address]: { [`token ${answer}`]: '20000-20499', ECONNREFUSED: '20500-20599' },
    });
    await session.close();
  });

  labTest(`${engine}: an interrupted sweep leaves those that were asked, and the next one asks anew`, async (t) => {
    const node = await machine(t);
    const spec = { ours: '20000-20499', silent: '20500-20509' };
    t.teardown(await listenForTokens(node, address, token.text, spec));
    const session = await openSession(inside(node), { engine }, quiet);
    const interrupt = new AbortController();
    const half = answered(500);
    void half.reached.then(() => interrupt.abort());
    const limits = { token, timeoutMs: 30_000 };
    const all = [{ ...item, ports: [[20000, 20509]] as const }];
    t.deepEqual(finalAnswers(await sweepAll(session, all, limits, interrupt.signal, half.tell)), {
      [address]: { [`token ${answer}`]: '20000-20499', 'untried interrupted': '20500-20509' },
    });
    const again = await sweepAll(session, [{ ...item, ports: [[20000, 20499]] }], limits);
    t.deepEqual(finalAnswers(again), { [address]: { [`token ${answer}`]: '20000-20499' } });
    await session.close();
    await nothingLeft(node);
  });

  labTest(`${engine}: a connection that met itself is asked nothing`, async (t) => {
    const node = await machine(t, ['echo 20000 20003 > /proc/sys/net/ipv4/ip_local_port_range']);
    const session = await openSession(inside(node), { engine }, quiet);
    for (let round = 0; round < 5; round++) {
      const events = await sweepAll(session, [{ ...item, ports: [[20000, 20003]] }], { seed: round, token });
      const answers = finalAnswers(events)[address]!;
      t.false(
        Object.keys(answers).some((each) => /token/.test(each)),
        JSON.stringify(answers),
      );
    }
    await session.close();
  });
}
