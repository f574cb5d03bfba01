import type { ExecutionContext } from 'ava';
import { missingPam, type PamSshd, startPamSshd } from '../lab/pam.js';
import { testNeeding } from '../needing.js';
import { context, hostOf, never, opensshFor, output, refusal, ssh2For, sshdFor, vantageFor } from './fixtures.js';

const pamTest = (title: string, implementation: (t: ExecutionContext) => Promise<void>) =>
  testNeeding(missingPam(), title, implementation);

async function bastionFor(t: ExecutionContext, methods: string): Promise<PamSshd> {
  const bastion = await startPamSshd(methods);
  t.teardown(() => bastion.stop());
  return bastion;
}

/** Somebody who reads the questions, and types slowly. */
function person(answer: (question: string) => string) {
  const questions: string[] = [];
  let busy = 0;
  const ask = async (question: string) => {
    busy += 1;
    if (busy > 1) throw new Error(`two questions at a time: ${question}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
    busy -= 1;
    questions.push(question);
    return answer(question);
  };
  return { ask, questions };
}

const askedFor = (bastion: PamSshd) => (question: string) =>
  question.includes('One-time password') ? bastion.nextCode() : bastion.password;

const code = "bastion: One-time password (OATH) for `root': ";

pamTest('openssh: hosts behind a bastion ask for its one-time password once', async (t) => {
  const bastion = await bastionFor(t, 'publickey,keyboard-interactive');
  const target = await sshdFor(t, { address: '127.0.0.2' });
  const { ask, questions } = person(askedFor(bastion));
  const own = hostOf(bastion, {}, 'bastion');
  const behind = [1, 2, 3, 4].map((index) => hostOf(target, { jump: 'bastion' }, `n${index}`));
  const hosts = new Map([own, ...behind].map((one) => [one.name, one]));
  const transport = opensshFor(t, context({ ask, hosts }));
  const vantages = await Promise.all([own, ...behind].map((one) => vantageFor(t, transport, one)));
  t.is(await output(vantages[0]!, 'echo in'), 'in\n');
  t.is(await output(vantages.at(-1)!, 'echo in'), 'in\n');
  t.deepEqual(questions, ['bastion: Password: ', code]);
  await Promise.all(vantages.map((vantage) => vantage.close()));
});

pamTest('openssh: what was mistyped is asked for again, and the question says why', async (t) => {
  const bastion = await bastionFor(t, 'publickey,keyboard-interactive');
  let mistakes = 1;
  const { ask, questions } = person((question) => {
    if (question.includes('One-time password') && mistakes-- > 0) return '000000';
    return askedFor(bastion)(question);
  });
  await vantageFor(t, opensshFor(t, context({ ask })), hostOf(bastion, {}, 'bastion'));
  const again = 'bastion asks again, because it refused the last answer:';
  t.deepEqual(questions, ['bastion: Password: ', code, `${again} Password: `, code.replace('bastion:', again)]);
});

pamTest('openssh: a person whose answers were refused is not asked by every further host', async (t) => {
  const bastion = await bastionFor(t, 'publickey,keyboard-interactive');
  const target = await sshdFor(t, { address: '127.0.0.2' });
  const { ask, questions } = person(() => 'wrong');
  const hosts = new Map([['bastion', hostOf(bastion, {}, 'bastion')]]);
  const transport = opensshFor(t, context({ ask, hosts }));
  const sentence = await refusal(t, transport, hostOf(target, { jump: 'bastion' }));
  t.true(sentence.endsWith('and keyboard-interactive (3 times); the server accepts keyboard-interactive'), sentence);
  const asked = questions.length;
  t.is(await refusal(t, transport, hostOf(target, { jump: 'bastion' })), sentence);
  t.is(questions.length, asked);
});

for (const methods of ['publickey,keyboard-interactive', 'keyboard-interactive', 'keyboard-interactive,publickey']) {
  pamTest(`twenty hosts behind a bastion with ${methods} ask for its one-time password once`, async (t) => {
    const bastion = await bastionFor(t, methods);
    const target = await sshdFor(t, { address: '127.0.0.2' });
    const { ask, questions } = person(askedFor(bastion));
    const own = hostOf(bastion, {}, 'bastion');
    const behind = Array.from({ length: 20 }, (_, index) => hostOf(target, { jump: 'bastion' }, `n${index}`));
    const hosts = new Map([own, ...behind].map((one) => [one.name, one]));
    // The bastion is a vantage as well: that is no reason to ask for another one-time password.
    const transport = ssh2For(t, context({ ask, hosts }), { timeouts: { login: 3000 } });
    const vantages = await Promise.all([own, ...behind].map((one) => vantageFor(t, transport, one)));
    t.is(await output(vantages.at(-1)!, 'echo in'), 'in\n');
    t.deepEqual(questions, ['bastion: Password: ', code]);
  });
}

pamTest(
  'the password of a bastion may come from the environment, and the one-time password from a person',
  async (t) => {
    const bastion = await bastionFor(t, 'publickey,keyboard-interactive');
    const { ask, questions } = person(askedFor(bastion));
    const environment = { HOME: '/nonexistent', BASTION_PASSWORD: bastion.password };
    const own = hostOf(bastion, { password: { env: 'BASTION_PASSWORD' } }, 'bastion');
    await vantageFor(t, ssh2For(t, context({ ask, environment })), own);
    t.deepEqual(questions, [code]);
  },
);

pamTest('what was mistyped is asked for again, and the question says why', async (t) => {
  const bastion = await bastionFor(t, 'publickey,keyboard-interactive');
  let mistakes = 1;
  const { ask, questions } = person((question) => {
    if (question.includes('One-time password') && mistakes-- > 0) return '000000';
    return askedFor(bastion)(question);
  });
  await vantageFor(t, ssh2For(t, context({ ask })), hostOf(bastion, {}, 'bastion'));
  const again = 'bastion asks again, because it refused the last answer:';
  t.deepEqual(questions, ['bastion: Password: ', code, `${again} Password: `, code.replace('bastion:', again)]);
});

pamTest('a bastion that was lost asks again, and the question says that it was lost', async (t) => {
  const bastion = await bastionFor(t, 'publickey,keyboard-interactive');
  const target = await sshdFor(t, { address: '127.0.0.2' });
  const { ask, questions } = person(askedFor(bastion));
  const hosts = new Map([['bastion', hostOf(bastion, {}, 'bastion')]]);
  const transport = ssh2For(t, context({ ask, hosts }));
  const behind = hostOf(target, { jump: 'bastion' });
  const first = await transport.connect(behind, never);
  bastion.signalSessions('SIGKILL');
  await first.lost;
  await first.close();
  await vantageFor(t, transport, behind);
  const where = `bastion (${bastion.user}@127.0.0.1:${bastion.port})`;
  const again = `bastion asks again, because the connection to ${where} was lost: the other side closed it:`;
  t.deepEqual(questions.slice(2), [`${again} Password: `, code.replace('bastion:', again)]);
});

pamTest('a person whose answers were refused is not asked by every further host', async (t) => {
  const bastion = await bastionFor(t, 'publickey,keyboard-interactive');
  const target = await sshdFor(t, { address: '127.0.0.2' });
  const { ask, questions } = person(() => 'wrong');
  const hosts = new Map([['bastion', hostOf(bastion, {}, 'bastion')]]);
  const transport = ssh2For(t, context({ ask, hosts }));
  const sentence = await refusal(t, transport, hostOf(target, { jump: 'bastion' }));
  t.true(sentence.endsWith('and keyboard-interactive (3 times); the server accepts keyboard-interactive'), sentence);
  const asked = questions.length;
  t.is(await refusal(t, transport, hostOf(target, { jump: 'bastion' })), sentence);
  t.is(questions.length, asked);
});

pamTest('where nobody is at a terminal, the sentence says what was asked and what to do', async (t) => {
  const bastion = await bastionFor(t, 'publickey,keyboard-interactive');
  const sentence = await refusal(t, ssh2For(t, context()), hostOf(bastion, {}, 'bastion'));
  t.true(
    sentence.includes(
      'and keyboard-interactive (it asks "Password:", and nobody is at a terminal to ask; run Portolan at a terminal, or open ' +
        'a connection with ssh and ControlMaster beforehand and set "transport" to "openssh")',
    ),
    sentence,
  );
});
