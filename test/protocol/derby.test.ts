import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { db2 } from '#src/protocol/db2.js';
import { describeStranger } from '#src/protocol/stranger.js';
import { type Derby, derbyUnavailable, startDerby } from '../lab/derby.js';
import { testNeeding } from '../needing.js';
import { dialogueContext } from './context.js';

// DRDA against a real server: Apache Derby speaks it as Db2 does.

const unavailable = derbyUnavailable();
let derby: Derby;

test.before(async () => {
  if (unavailable === undefined) derby = await startDerby(15270);
});
test.after.always(async () => {
  await derby?.stop();
});

async function dial(): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port: derby.port });
  await once(socket, 'connect');
  return socket;
}

testNeeding(unavailable, 'Derby is identified twenty times over, and complains of nothing', async (t) => {
  for (let count = 0; count < 20; count++) {
    const said = await db2.converse(await dial(), {}, dialogueContext({ timeoutMs: 10_000 }));
    t.is(said.outcome, 'open');
    t.regex(said.detail, /^Apache Derby CSS1014\d\/10\.14\.\d\.\d .* answers in Db2's protocol$/);
    t.is(said.warning, 'Apache Derby answers where Db2 was expected');
  }
  // What it does complain of is a connection that speaks another protocol.
  t.is(derby.log(), '');
  const stranger = await dial();
  stranger.end('GET / HTTP/1.0\r\n\r\n');
  const [answer] = await once(stranger, 'data');
  t.is(describeStranger(answer), 'a DRDA server, such as Db2 or Derby, answers');
  for (let count = 0; count < 50 && derby.log() === ''; count++) await sleep(100);
  t.regex(derby.log(), /DRDA_Proto_SYNTAXRM/);
});
