import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import type { DialogueContext } from '#src/model/dialogue.js';
import { readOpening, ssh } from '#src/protocol/ssh.js';
import { missingSshd, type Sshd, type SshdOptions, startSshd } from '../lab/sshd.js';
import { testNeeding } from '../needing.js';
import { bareConnect, converseAt, writeInPieces } from './converse.js';
import { converseWith } from './scripted-server.js';
import { patientMs } from './speak.js';

/** A test with a real sshd. */
function sshdTest(title: string, options: SshdOptions, run: (t: ExecutionContext, sshd: Sshd) => Promise<void>): void {
  testNeeding(missingSshd(), title, async (t) => {
    const sshd = await startSshd(options);
    try {
      await run(t, sshd);
    } finally {
      await sshd.stop();
    }
  });
}

const scripted = (serve: (socket: Socket) => void, over: Partial<DialogueContext> = {}) =>
  converseWith(ssh, {}, serve, { timeoutMs: patientMs, ...over });
const open = (detail: string) => ({ kind: 'dialogue', service: 'ssh', outcome: 'open', detail }) as const;
const info = { config: ['LogLevel INFO'] };

/** What sshd logs of one connection: all that follows its start, without the port of the client. */
async function logOf(sshd: Sshd, doing: () => Promise<unknown>): Promise<readonly string[]> {
  const before = sshd.log().length;
  await doing();
  for (let waited = 0; !sshd.log().slice(before).includes('Connection closed by 127') && waited < 20_000; waited += 20)
    await sleep(20);
  const lines = sshd.log().slice(before).trim().split(/\r?\n/);
  return lines.map((line) => line.replace(/port \d+/, 'port N'));
}

sshdTest('OpenSSH identifies itself, and is left with one line in its log', info, async (t, sshd) => {
  t.deepEqual(
    await logOf(sshd, async () => {
      const said = await converseAt(ssh, sshd);
      t.is(said.outcome, 'open');
      t.regex(said.detail, /^OpenSSH_\S+ identified itself$/);
    }),
    ['Connection closed by 127.0.0.1 port N [preauth]'],
  );
});

sshdTest('a bare connect leaves a complaint, which is why ports of SSH are not swept', info, async (t, sshd) => {
  t.is(ssh.bareConnects({}), 'logged');
  t.deepEqual(await logOf(sshd, () => bareConnect(sshd)), [
    'kex_exchange_identification: Connection closed by remote host',
    'Connection closed by 127.0.0.1 port N',
  ]);
});

sshdTest('a server with too many logins is open with a warning', { config: ['MaxStartups 1'] }, async (t, sshd) => {
  const held = connect({ host: sshd.address, port: sshd.port });
  await once(held, 'data');
  const said = await converseAt(ssh, sshd);
  held.destroy();
  t.like(said, open('OpenSSH turns connections away (MaxStartups)'));
  t.regex(said.warning ?? '', /clients are turned away$/);
});

test('a server that turns this source away is open with a warning', async (t) => {
  const said = await scripted((socket) => socket.end('Not allowed at this time\r\n'));
  t.like(said, open('OpenSSH turns this source away (PerSourcePenalties)'));
  t.regex(said.warning ?? '', /PerSourcePenalties/);
});

test('lines may precede the identification', async (t) => {
  const said = await scripted((socket) => socket.write('Property of Example\r\n\r\nSSH-1.99-Cisco-1.25\n'));
  t.deepEqual(said, open('Cisco-1.25 identified itself'));
});

test('the dialogue says who it is, and closes', async (t) => {
  let words = '';
  await scripted((socket) => {
    socket.write('SSH-2.0-dropbear_2022.83\r\n');
    socket.on('data', (chunk) => {
      words += chunk;
    });
  });
  t.is(words, 'SSH-2.0-Portolan\r\n');
});

const strangers: readonly (readonly [words: string, detail: string])[] = [
  ['220 ftp.example.com ready\r\n', 'an FTP server answers: "220 ftp.example.com ready"'],
  ['HTTP/1.1 400 Bad Request\r\n\r\n', 'an HTTP server answers: "HTTP/1.1 400 Bad Request"'],
  ['\x15\x03\x01\x00\x02\x02\x46', 'a TLS server answers with an alert: protocol_version'],
  [`hello${'x'.repeat(9000)}`, `something else answers: "hello${'x'.repeat(55)}…"`],
];
for (const [words, detail] of strangers) {
  test(`${JSON.stringify(words.trim().slice(0, 40))} is a mismatch`, async (t) => {
    const said = await scripted((socket) => socket.write(Buffer.from(words, 'latin1')));
    t.deepEqual(said, { kind: 'dialogue', service: 'ssh', outcome: 'mismatch', detail, problem: 'stranger' });
  });
}

test('a server of SSH 1 alone is a mismatch', async (t) => {
  const said = await scripted((socket) => socket.write('SSH-1.5-1.2.27\r\n'));
  t.is(said.outcome, 'mismatch');
  t.is(said.detail, 'an SSH server answers, but speaks protocol 1.5, which no client does any more');
});

test('silence is a mismatch, and a close without a word a reset', async (t) => {
  const silent = await scripted(() => {}, { timeoutMs: 300 });
  t.is(silent.outcome, 'mismatch');
  t.regex(silent.detail, /^connected, then silent for [\d.]+ s, where SSH identifies itself first$/);
  t.is((await scripted((socket) => setTimeout(() => socket.end(), 50))).outcome, 'reset');
});

test('the identification is the same however its bytes are cut', async (t) => {
  const bytes = Buffer.from('Welcome\r\nSSH-2.0-OpenSSH_9.2p1 Debian-2\r\n');
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 6 }), async (sizes) => {
      const serve = (socket: Socket) => writeInPieces(socket, bytes, sizes);
      t.deepEqual(await scripted(serve), open('OpenSSH_9.2p1 identified itself'));
    }),
    { numRuns: 10 },
  );
});

test('the beginning of an opening asks for more, and garbage never throws', (t) => {
  const bytes = Buffer.from('Welcome\r\nSSH-2.0-OpenSSH_9.2p1 Debian-2\r\n');
  for (let length = 0; length < bytes.length; length++) t.is(readOpening(bytes.subarray(0, length)), undefined);
  t.is(readOpening(bytes)?.length, bytes.length);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      t.not(readOpening(Buffer.from(bytes))?.value.kind, 'identification');
    }),
  );
});
