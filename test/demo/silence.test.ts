import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { startSilence } from '#src/demo/silence.js';

test('a silent port answers neither yes nor no, and refuses again once it is stopped', async (t) => {
  const port = 18991;
  const silence = await startSilence('127.0.0.1', port);
  if (silence === undefined) {
    if (process.platform === 'linux') t.fail('Linux drops what does not fit into the queue');
    else t.log('this kernel answers with a full queue, too');
    t.pass();
    return;
  }
  const socket = connect({ host: '127.0.0.1', port });
  const answered = Promise.race([once(socket, 'connect'), once(socket, 'error')]).then(() => 'an answer');
  t.is(await Promise.race([answered, sleep(1500, 'silence')]), 'silence');
  socket.destroy();
  await silence.stop();
  const [error] = (await once(connect({ host: '127.0.0.1', port }), 'error')) as [NodeJS.ErrnoException];
  t.is(error.code, 'ECONNREFUSED');
});
