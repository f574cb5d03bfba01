import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import test from 'ava';
import fc from 'fast-check';
import type { DialogueContext } from '#src/model/dialogue.js';
import { ftp, ftps } from '#src/protocol/ftp/dialogue.js';
import { toRules } from '#src/protocol/over-tls.js';
import { createCertificates } from '../../lab/certificates.js';
import { startVsftpd, vsftpdUnavailable } from '../../lab/servers/vsftpd.js';
import { testNeeding } from '../../needing.js';
import { bareConnect, converseAt, writeInPieces } from '../converse.js';
import { converseWith } from '../scripted-server.js';
import { serverTests } from '../server-test.js';
import { patientMs } from '../speak.js';

/** A test with a real vsftpd. */
const vsftpdTest = serverTests(vsftpdUnavailable(), startVsftpd);

const certificates = createCertificates();
test.after.always(() => certificates.remove());
const selfSigned = () => certificates.issue({ commonName: 'lab' });
const scripted = (serve: (socket: Socket) => void, over: Partial<DialogueContext> = {}) =>
  converseWith(ftp, {}, serve, { timeoutMs: patientMs, ...over });
const open = (detail: string) => ({ kind: 'dialogue', service: 'ftp', outcome: 'open', detail }) as const;
const otherwise = (detail: string) => ({ ...open(detail), outcome: 'mismatch', problem: 'stranger' }) as const;
const connects = (log: string) =>
  log
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.replace(/^.*\] /, ''));

vsftpdTest('vsftpd greets, and its log holds one line for every connection, a bare one too', {}, async (t, server) => {
  const said = await converseAt(ftp, server);
  t.is(said.outcome, 'open');
  t.regex(said.detail, /^vsFTPd [\d.]+ greeted$/);
  await bareConnect(server);
  t.deepEqual(connects(server.log()), Array(2).fill('CONNECT: Client "127.0.0.1"'));
});

vsftpdTest(
  'a server that does not tell its name in the greeting is FTP by its answer to NOOP',
  { settings: { ftpd_banner: 'Welcome to host ftp.example.com' } },
  async (t, server) => {
    t.deepEqual(await converseAt(ftp, server), open('an FTP server greeted'));
  },
);

vsftpdTest(
  'a server with too many connections is open with a warning',
  { settings: { max_per_ip: '1' } },
  async (t, server) => {
    const held = connect({ host: server.address, port: server.port });
    await once(held, 'data');
    const said = await converseAt(ftp, server);
    held.destroy();
    t.deepEqual(said, {
      ...open('an FTP server turns clients away (421)'),
      warning: 'the server said: "421 There are too many connections from your internet addres…"',
    });
  },
);

vsftpdTest(
  'a server that fails at every connection is open with a warning',
  { settings: { secure_chroot_dir: '/nowhere' } },
  async (t, server) => {
    const said = await converseAt(ftp, server);
    t.like(said, open('vsFTPd answers and gives up'));
    t.regex(said.warning ?? '', /^the server said: "500 OOPS: vsftpd: not found/);
  },
);

const unverified = { ...toRules(true), verify: 'no' } as const;
const inTls = /^vsFTPd [\d.]+ greeted, over TLS 1\.\d, certificate of /;

testNeeding(vsftpdUnavailable(), 'vsftpd goes on in TLS when it is asked to, and logs nothing more', async (t) => {
  const server = await startVsftpd({ tls: await selfSigned() });
  try {
    const said = await converseAt(ftp, server, { starttls: unverified });
    t.is(said.outcome, 'open', said.detail);
    t.regex(said.detail, inTls);
    t.deepEqual(connects(server.log()), ['CONNECT: Client "127.0.0.1"']);
    const distrusting = await converseAt(ftp, server, { starttls: true });
    t.is(distrusting.outcome, 'mismatch');
    t.regex(distrusting.detail, /^answers with TLS 1\.\d, but its certificate /);
  } finally {
    await server.stop();
  }
});

vsftpdTest('a server that does not go on in TLS is a mismatch, where it was to', {}, async (t, server) => {
  const said = await converseAt(ftp, server, { starttls: true });
  t.is(said.outcome, 'mismatch');
  t.is(said.problem, 'answer');
  t.regex(said.detail, /^vsFTPd [\d.]+ greeted, but refuses AUTH TLS: "530 Please login with USER and PASS\."$/);
});

test('a server that closes where AUTH TLS was asked for is a mismatch', async (t) => {
  const serve = (socket: Socket) => {
    socket.write('220 ProFTPD Server\r\n');
    socket.once('data', () => socket.end());
  };
  const said = await converseWith(ftp, { starttls: true }, serve);
  t.is(said.detail, 'ProFTPD greeted, but does not answer AUTH TLS');
});

testNeeding(vsftpdUnavailable(), 'vsftpd greets in TLS from the first byte', async (t) => {
  const server = await startVsftpd({ tls: { ...(await selfSigned()), implicit: true } });
  try {
    const said = await converseAt(ftps, server, unverified);
    t.is(said.outcome, 'open', said.detail);
    t.is(said.service, 'ftps');
    t.regex(said.detail, inTls);
    await bareConnect(server);
    t.deepEqual(connects(server.log()), Array(2).fill('CONNECT: Client "127.0.0.1"'));
    t.is((await converseAt(ftp, server, {}, { timeoutMs: 300 })).problem, 'silent');
  } finally {
    await server.stop();
  }
});

vsftpdTest('FTP without TLS is no FTPS', {}, async (t, server) => {
  const said = await converseAt(ftps, server, unverified);
  t.is(said.outcome, 'mismatch');
  t.regex(said.detail, /^an FTP server answers: "220 \(vsFTPd [\d.]+\)", without TLS$/);
});

const greetings: readonly (readonly [words: string, said: object])[] = [
  [
    '220---------- Welcome to Pure-FTPd [privsep] [TLS] ----------\r\n220-Local time is now 11:30. Server port: 21.\r\n220 You will be disconnected.\r\n',
    open('Pure-FTPd greeted'),
  ],
  ['220 ProFTPD Server (Debian) [::ffff:192.0.2.1]\r\n', open('ProFTPD greeted')],
  [
    '220-FileZilla Server 1.5.1\r\n220 Please visit https://filezilla-project.org/\r\n',
    open('FileZilla Server 1.5.1 greeted'),
  ],
  ['220 Microsoft FTP Service\r\n', open('Microsoft FTP Service greeted')],
  ['220 db1 FTP server ready.\r\n', open('an FTP server greeted')],
  [
    '120 Service ready in 3 minutes\r\n',
    { ...open('an FTP server asks to wait'), warning: 'the server is not ready yet: "120 Service ready in 3 minutes"' },
  ],
  [
    '530 Sorry, the maximum number of clients is reached\r\n',
    {
      ...open('an FTP server turns clients away (530)'),
      warning: 'the server said: "530 Sorry, the maximum number of clients is reached"',
    },
  ],
  ['220 ftp.example.com ESMTP Postfix\r\n', otherwise('an SMTP server answers: "220 ftp.example.com ESMTP Postfix"')],
  ['421 4.7.0 Try again later\r\n', otherwise('an SMTP server answers: "421 4.7.0 Try again later"')],
  [
    '200 news.example.com InterNetNews ready\r\n',
    otherwise('an NNTP server answers: "200 news.example.com InterNetNews ready"'),
  ],
  ['SSH-2.0-OpenSSH_9.2p1\r\n', otherwise('an SSH server answers: "SSH-2.0-OpenSSH_9.2p1"')],
  ['HTTP/1.1 400 Bad Request\r\n\r\n', otherwise('an HTTP server answers: "HTTP/1.1 400 Bad Request"')],
];
for (const [words, expected] of greetings) {
  test(`a greeting of ${JSON.stringify(words.trim().slice(0, 50))}`, async (t) => {
    t.deepEqual(await scripted((socket) => socket.write(words)), expected as object);
  });
}

test('a mail server that does not say so is told by its answer to NOOP', async (t) => {
  const serve = (socket: Socket) => {
    socket.write('220 ftp.example.com ready\r\n');
    socket.once('data', () => socket.write('250 ok\r\n'));
  };
  t.deepEqual(await scripted(serve), otherwise('an SMTP server answers NOOP with 250'));
});

test('a greeting alone, without a name, is not FTP yet', async (t) => {
  const closing = (socket: Socket) => {
    socket.write('220 ready\r\n');
    socket.once('data', () => socket.end());
  };
  t.is(
    (await scripted(closing)).detail,
    'something greets as FTP and SMTP do ("220 ready"), and then did not answer NOOP',
  );
  t.is(
    (await scripted((socket) => socket.write('220 ready\r\n'), { timeoutMs: 300 })).detail,
    'something greets as FTP and SMTP do ("220 ready"), and then left NOOP unanswered',
  );
});

test('the dialogue ends with QUIT', async (t) => {
  const words: string[] = [];
  await scripted((socket) => {
    socket.write('220 (vsFTPd 3.0.3)\r\n');
    socket.on('data', (chunk) => words.push(String(chunk)));
  });
  t.deepEqual(words, ['QUIT\r\n']);
});

test('silence is a mismatch, and a close without a word a reset', async (t) => {
  const silent = await scripted(() => {}, { timeoutMs: 300 });
  t.is(silent.outcome, 'mismatch');
  t.regex(silent.detail, /^connected, then silent for [\d.]+ s, where FTP greets first$/);
  t.is((await scripted((socket) => setTimeout(() => socket.end(), 50))).outcome, 'reset');
});

test('the greeting is the same however its bytes are cut', async (t) => {
  const greeting = Buffer.from('220-Hello\r\n220-you\r\n220 (vsFTPd 3.0.3)\r\n');
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 6 }), async (sizes) => {
      const serve = (socket: Socket) => writeInPieces(socket, greeting, sizes);
      t.deepEqual(await scripted(serve), open('vsFTPd 3.0.3 greeted'));
    }),
    { numRuns: 10 },
  );
});

test('garbage is never more than a mismatch or a reset', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 40 }), async (bytes) => {
      t.not((await scripted((socket) => socket.end(Buffer.from(bytes)))).outcome, 'open');
    }),
    { numRuns: 20 },
  );
});
