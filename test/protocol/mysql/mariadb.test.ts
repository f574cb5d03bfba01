import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { mysql } from '#src/protocol/mysql/dialogue.js';
import { type Mariadb, mariadbUnavailable, startMariadb } from '../../lab/servers/mariadb.js';
import { dialogueContext } from '../context.js';

// Of a real MariaDB with name resolution, so that it keeps a host cache, and a limit that a few mistakes would reach.

const unavailable = mariadbUnavailable();
if (unavailable !== undefined && process.env.PORTOLAN_REQUIRE_LAB === '1') throw new Error(unavailable);
if (unavailable !== undefined) console.warn(`Skipped: MySQL dialogue against MariaDB: ${unavailable}`);
const lab = unavailable === undefined ? test.serial : test.serial.skip;

const port = 13306;
// An address of its own on lo: a client that connects to it comes from it, too.
const source = '10.99.0.2';
const blocked = '127.0.0.3';
const unwelcome = '127.0.0.4';
const late = '127.0.0.5';
const crowd = '127.0.0.6';

let server: Mariadb;

test.before(async () => {
  if (unavailable !== undefined) return;
  spawnSync('ip', ['address', 'add', `${source}/32`, 'dev', 'lo']);
  server = await startMariadb({
    port,
    hosts: {
      '127.0.0.1': 'localhost',
      [source]: 'source.portolan.test',
      [blocked]: 'blocked.portolan.test',
      [unwelcome]: 'unwelcome.elsewhere.test',
      [late]: 'late.portolan.test',
      [crowd]: 'crowd.portolan.test',
    },
    options: ['--max-connect-errors=5', '--plugin-load-add=auth_ed25519'],
  });
  await server.sql(
    "CREATE USER 'application'@'%.portolan.test' IDENTIFIED BY ''; GRANT USAGE ON *.* TO 'application'@'%.portolan.test'",
  );
});

test.after.always(async () => {
  await server?.stop();
});

async function dial(from: string): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port, localAddress: from });
  await once(socket, 'connect');
  return socket;
}

async function converse(from: string, user = 'portolan', timeoutMs = 3500) {
  return mysql.converse(await dial(from), { user }, dialogueContext({ timeoutMs }));
}

async function connectErrors(from: string): Promise<number> {
  return Number(
    await server.sql(
      `SELECT COALESCE(SUM(SUM_CONNECT_ERRORS), -1) FROM performance_schema.host_cache WHERE IP = '${from}'`,
    ),
  );
}

lab('forty dialogues leave no connect error behind, and a real client from the same host still logs in', async (t) => {
  for (let count = 0; count < 40; count++) {
    const answer = await converse(source);
    t.is(answer.outcome, 'open');
    t.regex(answer.detail, /^MariaDB \d+\.\d+\.\d+ greeted and refused the login \(1045\)$/);
    t.is(answer.warning, undefined);
  }
  t.is(await connectErrors(source), 0);
  const { exitCode, output } = await server.login('application', source);
  t.is(exitCode, 0, output);
  t.is(output, 'application@%.portolan.test');
});

lab('an account without a password is logged in, and leaves politely', async (t) => {
  const aborted = async () => Number((await server.sql("SHOW GLOBAL STATUS LIKE 'Aborted_clients'")).split('\t')[1]);
  const before = await aborted();
  const answer = await converse(source, 'application');
  t.is(answer.outcome, 'open');
  t.regex(answer.detail, /^MariaDB \S+ greeted and logged application in$/);
  t.is(await aborted(), before);
});

lab('a server that demands TLS refuses the login in the clear without counting it', async (t) => {
  await server.sql('SET GLOBAL require_secure_transport = ON');
  try {
    for (let count = 0; count < 7; count++) t.is((await converse(source)).outcome, 'open');
    t.is((await converse(source, 'application')).outcome, 'open');
    t.is(await connectErrors(source), 0);
  } finally {
    await server.sql('SET GLOBAL require_secure_transport = OFF');
  }
});

lab('a user that the server asks for ed25519, whether it exists or is a decoy, counts no connect error', async (t) => {
  // A decoy takes the plugin of an account chosen by a hash of the name: with enough names some meet this account.
  await server.sql("CREATE USER 'signer'@'%.portolan.test' IDENTIFIED VIA ed25519 USING PASSWORD('secret')");
  try {
    t.regex((await converse(source, 'signer')).detail, /refused the login \(1045\)$/);
    for (let count = 0; count < 20; count++) t.is((await converse(source, `nobody${count}`)).outcome, 'open');
    t.is(await connectErrors(source), 0);
  } finally {
    await server.sql("DROP USER 'signer'@'%.portolan.test'");
  }
});

lab('a source without any account is told so', async (t) => {
  const answer = await converse(unwelcome);
  t.is(answer.outcome, 'open');
  t.is(answer.detail, 'MySQL answers, and allows no login from this source (1130)');
  t.regex(answer.warning ?? '', /no account of the server allows logins/);
});

lab('bare connects block a source, and the dialogue says so and what to do', async (t) => {
  for (let count = 0; count < 6; count++) {
    const socket = await dial(blocked);
    await once(socket, 'data');
    socket.destroy();
    await once(socket, 'close');
  }
  await sleep(200);
  const answer = await converse(blocked);
  t.is(answer.outcome, 'open');
  t.is(answer.detail, 'MySQL answers, and has blocked this source (1129)');
  t.regex(answer.warning ?? '', /mariadb-admin flush-hosts/);
});

lab('a server at its limit of connections is recognised', async (t) => {
  await server.sql('SET GLOBAL max_connections = 10');
  const held: Socket[] = [];
  try {
    // One more than the limit is kept for an administrator.
    for (let count = 0; count < 11; count++) {
      const socket = await dial(crowd);
      await once(socket, 'data');
      held.push(socket);
    }
    const answer = await converse(crowd);
    t.is(answer.outcome, 'open');
    t.is(answer.detail, 'MySQL answers with an error in place of a greeting (1040)');
    t.regex(answer.warning ?? '', /limit of connections/);
  } finally {
    for (const socket of held) socket.destroy();
    await sleep(200);
    await server.sql('SET GLOBAL max_connections = 151');
  }
});

lab('a server that is too slow to greet counts no connect error when it goes on', async (t) => {
  await server.sql('SET GLOBAL max_connections = 151');
  // Known to the host cache first: only validated hosts are counted.
  await converse(late);
  process.kill(server.pid, 'SIGSTOP');
  try {
    const answers = await Promise.all(Array.from({ length: 7 }, () => converse(late, 'portolan', 1000)));
    for (const answer of answers) {
      t.is(answer.outcome, 'mismatch');
      t.regex(answer.detail, /^connected, then silent for 1(\.\d)? s, where MySQL greets first$/);
    }
  } finally {
    process.kill(server.pid, 'SIGCONT');
  }
  await sleep(500);
  t.is(await connectErrors(late), 0);
  t.regex((await converse(late)).detail, /1045/);
});

lab('an interrupted run still finishes the handshake that it began', async (t) => {
  const controller = new AbortController();
  const socket = await dial(source);
  controller.abort(new Error('interrupted'));
  const answer = await mysql.converse(socket, {}, dialogueContext({ timeoutMs: 3500, signal: controller.signal }));
  t.is(answer.outcome, 'open');
  t.is(await connectErrors(source), 0);
});
