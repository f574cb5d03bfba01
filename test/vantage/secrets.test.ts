import test from 'ava';
import { Secrets } from '#src/vantage/secrets.js';
import { context } from './fixtures.js';

test('a secret that was read or typed is struck out of every text', async (t) => {
  const secrets = new Secrets(context({ environment: { OPS_PASSWORD: 'hunter2' }, ask: async () => 'open sesame' }));
  await secrets.obtain('password', { env: 'OPS_PASSWORD' }, 'Password: ');
  await secrets.obtain('passphrase', 'prompt', 'Passphrase: ');
  t.is(secrets.scrub('no hunter2 and no open sesame'), 'no *** and no ***');
});

test('a topic is asked about once, also by many at once, and again once forgotten', async (t) => {
  let asked = 0;
  const ask = async () => {
    asked += 1;
    return `answer ${asked}`;
  };
  const secrets = new Secrets(context({ ask }));
  const obtain = () => secrets.obtain('password of ops', 'prompt', 'Password: ');
  t.deepEqual(await Promise.all([obtain(), obtain()]), [{ value: 'answer 1' }, { value: 'answer 1' }]);
  await secrets.forget('password of ops', 'another answer');
  t.deepEqual(await obtain(), { value: 'answer 1' });
  await secrets.forget('password of ops', 'answer 1');
  t.deepEqual(await obtain(), { value: 'answer 2' });
});

test('an empty variable is a missing one', async (t) => {
  const secrets = new Secrets(context({ environment: { OPS_PASSWORD: '' } }));
  t.deepEqual(await secrets.obtain('password', { env: 'OPS_PASSWORD' }, 'Password: '), {
    missing: 'the environment variable OPS_PASSWORD, which the inventory names, is not set',
  });
});
