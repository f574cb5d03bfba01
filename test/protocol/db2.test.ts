import test from 'ava';
import { db2 } from '#src/protocol/db2.js';
import { answering, converseWith, recording } from './scripted-server.js';

// Db2 cannot be had here: its answers are recordings of others. Apache Derby, which speaks the same protocol, can:
// derby.test.ts.

const answer = (...answers: readonly Buffer[]) => converseWith(db2, {}, answering(...answers));
const open = (detail: string, warning?: string) => ({
  kind: 'dialogue' as const,
  service: 'db2',
  outcome: 'open' as const,
  detail,
  ...(warning === undefined ? {} : { warning }),
});

// Db2 11.1 on Windows, as a public scanner's fuzz corpus holds it.
const db2OnWindows = recording(`
  0066 d003 0001 0060 1443
  0024 115e c4c2f240404040408482f2a2a8a28340f2c4f9f4c3f2c2f46cc6c5c46ce8f0f0
  0018 1404 1403000724070008240f00081440000814740008
  000d 1147 d8c4c2f261d5e3f6f4
  0007 116d c4c2f2
  000c 115a e2d8d3f1f1f0f1f3`);

test('EXCSAT is one DSS of one command with its five parameters', async (t) => {
  const chunks: Buffer[] = [];
  await converseWith(db2, {}, (socket) => {
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.once('data', () => socket.end());
  });
  // DRDA, volume 3: DSS header, EXCSAT, EXTNAM, SRVNAM, SRVRLSLV, MGRLVLLS, SRVCLSNM; "portolan" in CCSID 500.
  const name = '979699a396938195';
  const excsat = recording(`
    0052 d001 0001 004c 1041
    000c 115e ${name} 000c 116d ${name} 000c 115a ${name}
    0018 1404 1403000724070008240f00081440000814740008
    000c 1147 ${name}`);
  t.deepEqual(Buffer.concat(chunks), excsat);
});

test('Db2 is identified by its class and release', async (t) => {
  t.deepEqual(await answer(db2OnWindows), open('Db2 SQL11013 answers as QDB2/NT64'));
});

test('another DRDA server than Db2 is open, with a warning', async (t) => {
  // Apache Derby 10.14.2 as Debian ships it, recorded.
  const derby = recording(`
    0085 d002 0001 007f 1443
    001d 115e d585a3a6969992e28599a58599c39695a399969340 94818995
    0018 1404 1403000724070007240f00071440000714740005
    0010 1147 c1978183888540c4859982a8
    0018 116d d585a3a6969992e28599a58599c39695a3999693
    001e 115a c3e2e2f1f0f1f4f061f1f04bf1f44bf24bf04060404d6f6f6f5d`);
  t.deepEqual(
    await answer(derby),
    open(
      "Apache Derby CSS10140/10.14.2.0 - (???) answers in Db2's protocol",
      'Apache Derby answers where Db2 was expected',
    ),
  );
});

/** An EXCSATRD of these parameters, as the recordings are made. */
function attributes(...parameters: readonly (readonly [codePoint: string, data: string])[]): Buffer {
  const body = parameters.map(([codePoint, data]) => word(data.length / 2 + 4) + codePoint + data).join('');
  return recording(`${word(body.length / 2 + 10)} d003 0001 ${word(body.length / 2 + 4)} 1443 ${body}`);
}
const word = (value: number) => value.toString(16).padStart(4, '0');

const classes: readonly (readonly [hex: string, release: string, detail: string])[] = [
  // QDB2/LINUXX8664 SQL11055; QAS QSQ07040, Db2 for i; QDB2 DSN12015, Db2 for z/OS.
  ['d8c4c2f261d3c9d5e4e7e7f8f6f6f4', 'e2d8d3f1f1f0f5f5', 'Db2 SQL11055 answers as QDB2/LINUXX8664'],
  ['d8c1e2', 'd8e2d8f0f7f0f4f0', 'Db2 QSQ07040 answers as QAS'],
  ['d8c4c2f2', 'c4e2d5f1f2f0f1f5', 'Db2 DSN12015 answers as QDB2'],
];
for (const [serverClass, release, detail] of classes) {
  test(`${detail}, without a warning`, async (t) => {
    t.deepEqual(await answer(attributes(['1147', serverClass], ['115a', release])), open(detail));
  });
}

test('a server that keeps its attributes to itself is a DRDA server', async (t) => {
  t.deepEqual(await answer(attributes()), open('a DRDA server answers'));
});

test('a server that refuses EXCSAT is a DRDA server, with a warning', async (t) => {
  // Nmap's service probes: PRCCNVRM of OS/400 V5R2, SYNTAXRM of Apache Derby.
  const breach = recording('0015 d002 ffff 000f 1245 0006 1149 0008 0005 113f 06');
  t.deepEqual(
    await answer(breach),
    open('a DRDA server answers', 'it refused EXCSAT with PRCCNVRM, a breach of the protocol'),
  );
  const syntax = recording('001b d002 0001 0015 124c 0006 1149 0008 0006 000c 0000 0005 114a 03');
  t.deepEqual(
    await answer(syntax),
    open('a DRDA server answers', 'it refused EXCSAT with SYNTAXRM, an error of syntax'),
  );
});

const broken: readonly (readonly [title: string, hex: string])[] = [
  ['whose object is shorter than its DSS', '0010 d003 0001 0008 1443 0006 1147 d8c1'],
  ['whose parameter is longer than its object', '0010 d003 0001 000a 1443 0007 1147 d8c1'],
  ['whose parameter has no length', '0010 d003 0001 000a 1443 0000 1147 d8c1'],
  ['that ends within a parameter', '000d d003 0001 0007 1443 0003 11'],
  ['of an unknown code point', '000a d003 0001 0004 2408'],
  ['that is a request', '000a d001 0001 0004 1443'],
];
for (const [title, hex] of broken) {
  test(`an answer ${title} is not DRDA`, async (t) => {
    const said = await answer(recording(hex));
    t.is(said.outcome, 'mismatch');
    t.regex(said.detail, /^something answers in an unknown protocol: 00/);
  });
}
