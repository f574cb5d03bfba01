import test from 'ava';
import { tds } from '#src/protocol/tds.js';
import { answering, converseWith, recording } from './scripted-server.js';

// No SQL Server can be had here: the answers are recordings of others, and the examples of [MS-TDS].

const answer = (...answers: readonly Buffer[]) => converseWith(tds, {}, answering(...answers));
const open = (detail: string) => ({ kind: 'dialogue' as const, service: 'tds', outcome: 'open' as const, detail });

test('PRELOGIN is that of the specification, with its five options', async (t) => {
  // [MS-TDS] 4.1, with no version, ENCRYPT_OFF, thread 0 and no MARS in place of those of the example.
  const prelogin = recording(`
    12 01 00 2F 00 00 01 00 00 00 1A 00 06 01 00 20 00 01 02 00 21 00 01 03 00 22 00 04 04 00 26 00 01 FF
    00 00 00 00 00 00 00 00 00 00 00 00 00`);
  const chunks: Buffer[] = [];
  await converseWith(tds, {}, (socket) => {
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.once('data', () => socket.end());
  });
  t.deepEqual(Buffer.concat(chunks), prelogin);
});

const recordings: readonly (readonly [title: string, bytes: Buffer, detail: string])[] = [
  [
    // Nmap's service probes, "Microsoft SQL Server 2014, 12.00.5000; SP2", with the data that its pattern leaves open.
    'SQL Server 2014',
    recording(
      '04 01 00 25 00 00 01 00 00 00 15 00 06 01 00 1b 00 01 02 00 1c 00 01 03 00 1d 00 00 ff 0c 00 13 88 00 00 00 00',
    ),
    'SQL Server 12.0 answers, and encrypts the login',
  ],
  [
    // Likewise, "Microsoft SQL Server 2000, 8.00.2039; SP4": it has no certificate.
    'SQL Server 2000',
    recording(
      '04 01 00 25 00 00 01 00 00 00 15 00 06 01 00 1b 00 01 02 00 1c 00 01 03 00 1d 00 00 ff 08 00 07 f7 00 00 02 00',
    ),
    'SQL Server 8.0 answers, and does not encrypt',
  ],
  [
    // As [MS-TDS] 2.2.6.5 demands of a server that forces encryption: ENCRYPT_REQ, MARS and a nonce for federated logins.
    'SQL Server 2019 that forces encryption',
    recording(`04 01 00 30 00 00 01 00 00 00 1f 00 06 01 00 25 00 01 02 00 26 00 01 03 00 27 00 00 04 00 27 00 01
      06 00 28 00 00 ff 0f 00 07 d0 00 00 03 00 00`),
    'SQL Server 15.0 answers, and demands encryption',
  ],
  [
    'a server that answers ENCRYPT_ON',
    recording('04 01 00 1a 00 00 01 00 00 00 0b 00 06 01 00 11 00 01 ff 10 00 03 e8 00 00 01'),
    'SQL Server 16.0 answers, and encrypts everything',
  ],
  [
    'a server that says nothing of encryption',
    recording('04 01 00 14 00 00 01 00 00 00 06 00 06 ff 10 00 03 e8 00 00'),
    'SQL Server 16.0 answers',
  ],
];
for (const [title, bytes, detail] of recordings) {
  test(`${title} is identified by its version and what it says of encryption`, async (t) => {
    t.is(bytes.readUInt16BE(2), bytes.length, 'the recording is whole');
    t.deepEqual(await answer(bytes), open(detail));
  });
}

test('a TDS server without PRELOGIN is not SQL Server', async (t) => {
  // Nmap's service probes, "Microsoft SQL Server 6.5": a token stream that begins with ERROR.
  const message = Buffer.from('Login failed\r\n\x14Microsoft SQL Server\0\0\0\xfd\0\xfd\0\0\0\0\0\x02', 'latin1');
  const tokens = Buffer.concat([recording('aa 00 00 00 2f 0f a2 01 0e 0e 00'), message]);
  const header = Buffer.from([4, 1, 0, 8 + tokens.length, 0, 0, 0, 0]);
  t.deepEqual(await answer(Buffer.concat([header, tokens])), {
    kind: 'dialogue',
    service: 'tds',
    outcome: 'mismatch',
    detail: 'a TDS server without PRELOGIN answers: Sybase ASE, or SQL Server before 2000',
    problem: 'stranger',
  });
});

const broken: readonly (readonly [title: string, bytes: Buffer])[] = [
  ['without VERSION', recording('04 01 00 0f 00 00 01 00 01 00 06 00 01 ff 00')],
  [
    'with VERSION in second place',
    recording('04 01 00 1a 00 00 01 00 01 00 11 00 01 00 00 0b 00 06 ff 10 00 03 e8 00 00 01'),
  ],
  ['with an offset beyond its end', recording('04 01 00 14 00 00 01 00 00 00 07 00 06 ff 10 00 03 e8 00 00')],
  ['with a short version', recording('04 01 00 14 00 00 01 00 00 00 06 00 05 ff 10 00 03 e8 00 00')],
  ['without a terminator', recording('04 01 00 0d 00 00 01 00 00 00 06 00 06')],
  ['of packets that are not the last', recording('04 00 00 14 00 00 01 00 00 00 06 00 06 ff 10 00 03 e8 00 00')],
];
for (const [title, bytes] of broken) {
  test(`an answer ${title} is not PRELOGIN`, async (t) => {
    const said = await answer(bytes);
    t.is(said.outcome, 'mismatch');
    t.regex(said.detail, /^something answers in an unknown protocol: 0401?/);
  });
}
