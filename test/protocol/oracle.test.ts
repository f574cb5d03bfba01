import type { Socket } from 'node:net';
import test from 'ava';
import { oracle } from '#src/protocol/oracle.js';
import { makeService } from '#src/protocol/service.js';
import { answering, converseWith, recording } from './scripted-server.js';

// No Oracle can be had here: the answers are those of its listeners as others have published them, byte for byte.

/** A packet as a listener makes it; the header is that of the recordings below. */
function packet(type: number, body: Buffer | string): Buffer {
  const bytes = Buffer.from(body as string, 'latin1');
  return Buffer.concat([Buffer.from([0, 8 + bytes.length, 0, 0, type, 0, 0, 0]), bytes]);
}
const refuse = (text: string) => packet(4, `\x22\0\0${String.fromCharCode(text.length)}${text}`);
const resend = packet(11, '');

const ping = (...answers: readonly Buffer[]) => converseWith(oracle, {}, answering(...answers));
const serviceName = 'orders.example.com';
const ask = (...answers: readonly Buffer[]) => converseWith(oracle, { serviceName }, answering(...answers));
const open = (detail: string, warning?: string) => ({
  kind: 'dialogue' as const,
  service: 'oracle',
  outcome: 'open' as const,
  detail,
  ...(warning === undefined ? {} : { warning }),
});

async function heardBy(settings: { readonly serviceName?: string }, ...answers: readonly Buffer[]): Promise<Buffer> {
  const chunks: Buffer[] = [];
  await converseWith(oracle, settings, (socket: Socket) => {
    answering(...answers)(socket);
    socket.on('data', (chunk) => chunks.push(chunk));
  });
  return Buffer.concat(chunks);
}

test('a ping is the packet that tnsping sends, but for the identifier of its trace', async (t) => {
  // tnsping of Oracle 19 as recorded in the documentation of "fake_tnsping_responder"; there bytes 42 to 49 are its trace's.
  const tnsping = recording(`
    0057 0000 01 00 0000 0138 012c 0000 0800 7fff 7f08 0000 0100 001d 003a 00000000 0000
    00000000 00000000 0000000000000000 0000000000000000`);
  const asked = await heardBy({}, refuse('(DESCRIPTION=(TMP=)(VSNNUM=0)(ERR=0)(ALIAS=LISTENER))'));
  t.deepEqual(asked, Buffer.concat([tnsping, Buffer.from('(CONNECT_DATA=(COMMAND=ping))')]));
});

test('a listener that keeps its release to itself answers the ping', async (t) => {
  // Recorded by tnscmd10g against a listener of Oracle 11.2.
  const answer = recording(`
    0041 0000 04 00 0000 22 00 0035
    284445534352495054494f4e3d28544d503d292856534e4e554d3d3029284552523d302928414c4941533d4c495354454e45522929`);
  t.deepEqual(await ping(answer), open('an Oracle listener answers the ping'));
});

const releases: readonly (readonly [number: number, release: string])[] = [
  [186647552, '11.2.0.4.0'],
  [185599488, '11.1.0.6.0'],
  [169869568, '10.2.0.1.0'],
  [301989888, '18.0.0.0.0'],
  [352321536, '21.0.0.0.0'],
  [0x13030000, '19.3.0.0.0'],
];
for (const [number, release] of releases) {
  test(`VSNNUM=${number} is release ${release}`, async (t) => {
    t.is(
      (await ping(refuse(`(DESCRIPTION=(TMP=)(VSNNUM=${number})(ERR=0)(ALIAS=LISTENER))`))).detail,
      `Oracle listener ${release} answers the ping`,
    );
  });
}

test('a listener may accept a ping, with its release or without', async (t) => {
  // The fixture accept_with_data.raw of the library net-tns, rebuilt from the fields that it documents.
  const accept = recording('0134 0001 0800 7fff 0100 002d 0018 0d 01');
  const text = '(DESCRIPTION=(TMP=)(VSNNUM=169869568)(ERR=0))';
  t.deepEqual(
    await ping(packet(2, Buffer.concat([accept, Buffer.from(text)]))),
    open('Oracle listener 10.2.0.1.0 answers the ping'),
  );
  // Nmap's service probes: how databases of version 3.10 accept.
  const bare = recording('0020 0000 02 00 0000 0136 0000 0800 7fff 0100 0000 0020 0000 0000 0000 0000 0000');
  t.deepEqual(await ping(bare), open('an Oracle listener answers the ping'));
});

test('whoever has been accepted says that it leaves', async (t) => {
  const accept = packet(2, recording('0138 0000 0800 7fff 0100 0000 0020 0000 0000 0000 0000 0000'));
  const asked = await heardBy({ serviceName }, accept);
  t.deepEqual(asked.subarray(-10), recording('000a 0000 06 00 0000 0040'));
});

test('a packet is sent again once when the listener asks for it', async (t) => {
  const asked = await heardBy({}, resend, refuse('(DESCRIPTION=(TMP=)(VSNNUM=0)(ERR=0)(ALIAS=LISTENER))'));
  t.is(asked.length, 2 * 87);
  t.deepEqual(asked.subarray(0, 87), asked.subarray(87));
  t.deepEqual(
    await ping(resend, refuse('(DESCRIPTION=(TMP=)(VSNNUM=0)(ERR=0)(ALIAS=LISTENER))')),
    open('an Oracle listener answers the ping'),
  );
  t.is((await heardBy({}, resend, resend, resend)).length, 2 * 87);
  t.deepEqual(
    await ping(resend, resend),
    open('an Oracle listener answers', 'it asked for the same packet again and again'),
  );
});

test('a listener that refuses the ping is a listener', async (t) => {
  // Nmap's service probes: listeners that take commands from nobody, or not without TLS.
  t.deepEqual(
    await ping(refuse('(DESCRIPTION=(TMP=)(VSNNUM=318767104)(ERR=1189)(ERROR_STACK=(ERROR=(CODE=1189)(EMFI=4))))')),
    open('Oracle listener 19.0.0.0.0 answers, and refuses the ping (TNS-01189)'),
  );
  t.deepEqual(
    await ping(packet(4, '\x22\0\0\x19(DESCRIPTION=(ERR=12504))\0')),
    open('an Oracle listener answers, and refuses the ping (TNS-12504)'),
  );
});

test('the service is asked for by its name', async (t) => {
  const asked = await heardBy({ serviceName }, resend);
  const text = asked.subarray(58, asked.readUInt16BE(0)).toString();
  t.is(
    text,
    '(DESCRIPTION=(CONNECT_DATA=(SERVICE_NAME=orders.example.com)(CID=(PROGRAM=portolan)(HOST=)(USER=portolan))))',
  );
  t.is(asked.readUInt16BE(24), text.length);
});

test('a listener that does not know the service is a mismatch', async (t) => {
  // Recorded from Oracle XE 21c in the documentation of a scanner: 103 bytes, of which 91 are text.
  const answer = recording(`
    0067 0000 04 00 0000 22 00 005b
    284445534352495054494f4e3d28544d503d292856534e4e554d3d33353233323135333629284552523d3132353134
    29284552524f525f535441434b3d284552524f523d28434f44453d31323531342928454d46493d342929292 9`);
  t.deepEqual(await ask(answer), {
    kind: 'dialogue',
    service: 'oracle',
    outcome: 'mismatch',
    detail: 'Oracle listener 21.0.0.0.0 answers, but does not know the service orders.example.com (TNS-12514)',
    problem: 'answer',
  });
  t.deepEqual(await ping(answer), open('Oracle listener 21.0.0.0.0 answers, and refuses the ping (TNS-12514)'));
});

test('a service that takes no connections is there, with a warning', async (t) => {
  const answer = (code: number) => refuse(`(DESCRIPTION=(TMP=)(VSNNUM=301989888)(ERR=${code})(ERROR_STACK=))`);
  const detail = (code: number) =>
    `Oracle listener 18.0.0.0.0 answers, and refuses the service orders.example.com (TNS-${code})`;
  t.deepEqual(
    await ask(answer(12516)),
    open(detail(12516), 'no handler is free for a new connection: the limit of processes may be reached'),
  );
  t.deepEqual(
    await ask(answer(12528)),
    open(detail(12528), 'the database blocks new connections: it is starting or stopping'),
  );
  t.deepEqual(await ask(answer(12537)), open(detail(12537), 'clients will be refused, too'));
});

test('a service that is accepted or redirected is known to the listener', async (t) => {
  const accept = packet(2, recording('0138 0000 0800 7fff 0100 0000 0020 0000 0000 0000 0000 0000'));
  t.deepEqual(await ask(accept), open('an Oracle listener accepts a connection to the service orders.example.com'));
  // Oracle Net Services Administrator's Guide, Packet Examples: 76 bytes, of which 66 are text; here it is made up.
  const text = '(ADDRESS=(PROTOCOL=tcp)(HOST=sales-server.us.example)(PORT=1521))';
  const redirect = packet(5, `\0${String.fromCharCode(text.length)}${text}`);
  t.deepEqual(
    await ask(redirect),
    open('an Oracle listener redirects the service orders.example.com to another address, which was not followed'),
  );
});

test('a server process that wants a TLS session of its own has been reached', async (t) => {
  // The flag of a RESEND as python-oracledb knows it, TNS_PACKET_FLAG_TLS_RENEG.
  const answer = recording('0008 0000 0b 08 0000');
  const detail =
    'an Oracle listener hands the service orders.example.com over to a server, which wants TLS negotiated anew';
  t.deepEqual(await ask(answer), open(detail));
  t.is((await heardBy({ serviceName }, answer)).length, 58 + 108);
});

test('a listener that hangs up on CONNECT may bar the source', async (t) => {
  t.deepEqual(await converseWith(oracle, {}, (socket) => socket.once('data', () => socket.end())), {
    kind: 'dialogue',
    service: 'oracle',
    outcome: 'reset',
    detail: 'connected, then closed without an answer, as a listener does whose tcp.validnode_checking bars the source',
  });
});

test('a service name that would break out of its descriptor is refused', (t) => {
  for (const bad of ['a)(COMMAND=stop', '', 'a b', 'x'.repeat(129)])
    t.throws(() => makeService('oracle', { serviceName: bad }), { message: /the name of a database service/ });
  t.is(makeService('oracle', { serviceName }).label, 'oracle orders.example.com');
  t.is(makeService('oracle', {}).label, 'oracle');
  t.is(makeService('oracle', { serviceName, tls: true }).label, 'oracle orders.example.com with TLS');
});
