import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import fc from 'fast-check';
import type { DialogueContext } from '#src/model/dialogue.js';
import { writeElement } from '#src/protocol/ldap/ber.js';
import { ldap, ldaps } from '#src/protocol/ldap/dialogue.js';
import { toRules } from '#src/protocol/over-tls.js';
import { createCertificates } from '../../lab/certificates.js';
import type { Server } from '../../lab/servers/server.js';
import { slapdUnavailable, startSlapd } from '../../lab/servers/slapd.js';
import { testNeeding } from '../../needing.js';
import { bareConnect, converseAt, writeInPieces } from '../converse.js';
import { converseWith } from '../scripted-server.js';
import { serverTests } from '../server-test.js';
import { patientMs } from '../speak.js';

/** A test with a real slapd. */
const slapdTest = serverTests(slapdUnavailable(), startSlapd);

const certificates = createCertificates();
test.after.always(() => certificates.remove());
const selfSigned = () => certificates.issue({ commonName: 'lab' });
const scripted = (serve: (socket: Socket) => void, over: Partial<DialogueContext> = {}) =>
  converseWith(ldap, {}, serve, { timeoutMs: patientMs, ...over });
const open = (detail: string) => ({ kind: 'dialogue', service: 'ldap', outcome: 'open', detail }) as const;

/** What slapd logs at `stats`, without times and what differs between connections. */
function linesOf(server: Server): readonly string[] {
  const lines = server
    .log()
    .split('\n')
    .filter((line) => line.includes('conn='));
  return lines.map((line) =>
    line
      .replace(/^\S+ (?:0x\S+ )?/, '')
      .replace(/ fd=\d+/, '')
      .replace(/IP=(\S+):\d+ \(.*/, 'IP=$1')
      .replace(/ [qe]?time=\S+/g, ''),
  );
}

/** Waits for the last line, which slapd writes after it has closed. */
async function loggedUntil(server: Server, last: string): Promise<readonly string[]> {
  for (let waited = 0; !linesOf(server).includes(last) && waited < 20_000; waited += 20) await sleep(20);
  return linesOf(server);
}

slapdTest('slapd shows its root DSE, and logs at `stats` what was done and no complaint', {}, async (t, server) => {
  t.deepEqual(await converseAt(ldap, server), open('OpenLDAP answers'));
  t.deepEqual(await loggedUntil(server, 'conn=1000 closed'), [
    'conn=1000 ACCEPT from IP=127.0.0.1',
    'conn=1000 op=0 SRCH base="" scope=0 deref=0 filter="(objectClass=*)"',
    'conn=1000 op=0 SRCH attr=objectClass vendorName vendorVersion namingContexts supportedCapabilities',
    'conn=1000 op=0 SEARCH RESULT tag=101 err=0 nentries=1 text=',
    'conn=1000 op=1 UNBIND',
    'conn=1000 closed',
  ]);
});

slapdTest('a bare connect leaves slapd nothing to complain of', {}, async (t, server) => {
  await bareConnect(server);
  const last = 'conn=1000 closed (connection lost)';
  t.deepEqual(await loggedUntil(server, last), ['conn=1000 ACCEPT from IP=127.0.0.1', last]);
});

const directory = ['database ldif', 'suffix dc=example,dc=com', 'directory /tmp'];
slapdTest('slapd with a directory shows its naming context', { config: directory }, async (t, server) => {
  t.deepEqual(await converseAt(ldap, server), open('OpenLDAP answers, with 1 naming context'));
});

const demands: readonly (readonly [config: string, detail: string])[] = [
  ['security ssf=128', 'an LDAP server answers, and wants TLS first (confidentialityRequired)'],
  ['require authc', 'an LDAP server answers, and refuses the search (unwillingToPerform)'],
  ['access to dn.base="" by * none', 'an LDAP server answers, and shows no root DSE (success)'],
];
for (const [line, detail] of demands) {
  slapdTest(`slapd with \`${line}\` is identified by its refusal`, { config: [line] }, async (t, server) => {
    t.deepEqual(await converseAt(ldap, server), open(detail));
  });
}

const unverified = { ...toRules(true), verify: 'no' } as const;
const inTls = /^OpenLDAP answers, over TLS 1\.\d, certificate of /;

testNeeding(slapdUnavailable(), 'slapd goes on in TLS when it is asked to', async (t) => {
  const server = await startSlapd({ tls: await selfSigned() });
  try {
    const said = await converseAt(ldap, server, { starttls: unverified });
    t.is(said.outcome, 'open', said.detail);
    t.regex(said.detail, inTls);
    const lines = await loggedUntil(server, 'conn=1000 closed');
    t.deepEqual(
      lines.map((line) => line.replace(/^conn=1000 /, '').replace(/established .*/, 'established')),
      [
        'ACCEPT from IP=127.0.0.1',
        'op=0 EXT oid=1.3.6.1.4.1.1466.20037',
        'op=0 STARTTLS',
        'op=0 RESULT oid= err=0 text=',
        'TLS established',
        'op=1 SRCH base="" scope=0 deref=0 filter="(objectClass=*)"',
        'op=1 SRCH attr=objectClass vendorName vendorVersion namingContexts supportedCapabilities',
        'op=1 SEARCH RESULT tag=101 err=0 nentries=1 text=',
        'op=2 UNBIND',
        'closed',
      ],
    );
    const distrusting = await converseAt(ldap, server, { starttls: true });
    t.is(distrusting.outcome, 'mismatch');
    t.regex(distrusting.detail, /^answers with TLS 1\.\d, but its certificate /);
  } finally {
    await server.stop();
  }
});

slapdTest('a server that does not go on in TLS is a mismatch, where it was to', {}, async (t, server) => {
  const said = await converseAt(ldap, server, { starttls: true });
  t.is(said.outcome, 'mismatch');
  t.is(said.detail, 'an LDAP server answers, but refuses StartTLS (protocolError): "unsupported extended operation"');
});

testNeeding(slapdUnavailable(), 'slapd answers in TLS from the first byte', async (t) => {
  const server = await startSlapd({ tls: { ...(await selfSigned()), implicit: true } });
  try {
    const said = await converseAt(ldaps, server, unverified);
    t.is(said.outcome, 'open', said.detail);
    t.is(said.service, 'ldaps');
    t.regex(said.detail, inTls);
    t.not((await converseAt(ldap, server, {}, { timeoutMs: 1000 })).outcome, 'open');
  } finally {
    await server.stop();
  }
});

slapdTest('LDAP without TLS is no LDAPS', {}, async (t, server) => {
  t.not((await converseAt(ldaps, server, unverified, { timeoutMs: 1000 })).outcome, 'open');
});

const results: readonly (readonly [code: number, detail: string, warning: string | undefined])[] = [
  [1, 'an LDAP server answers, and wants a login first (operationsError)', undefined],
  [13, 'an LDAP server answers, and wants TLS first (confidentialityRequired)', undefined],
  [50, 'an LDAP server answers, and wants a login first (insufficientAccessRights)', undefined],
  [51, 'an LDAP server answers, and is busy (busy)', 'the server is too busy to answer a search'],
  [80, 'an LDAP server answers, and refuses the search (result 80)', 'the server said: "internal error"'],
];

const octets = (text: string) => writeElement(0x04, text);
const number = (tag: number, value: number) => writeElement(tag, Buffer.from([value]));
const message = (id: number, operation: Buffer) => writeElement(0x30, number(0x02, id), operation);
const done = (code: number, text = '') => message(1, writeElement(0x65, number(0x0a, code), octets(''), octets(text)));
const entryOf = (attributes: Readonly<Record<string, readonly string[]>>) => {
  const pairs = Object.entries(attributes).map(([name, values]) =>
    writeElement(0x30, octets(name), writeElement(0x31, ...values.map(octets))),
  );
  return message(1, writeElement(0x64, octets(''), writeElement(0x30, ...pairs)));
};
const answering = (bytes: Buffer) => (socket: Socket) => void socket.once('data', () => socket.write(bytes));

for (const [code, detail, warning] of results) {
  test(`the result ${code} identifies an LDAP server`, async (t) => {
    const said = await scripted(answering(done(code, 'internal error')));
    t.deepEqual(said, { ...open(detail), ...(warning === undefined ? {} : { warning }) });
  });
}

test('a server is called what it says it is', async (t) => {
  const named = async (attributes: Readonly<Record<string, readonly string[]>>) =>
    (await scripted(answering(Buffer.concat([entryOf(attributes), done(0)])))).detail;
  t.is(
    await named({
      vendorName: ['389 Project'],
      vendorVersion: ['389-Directory/2.3.1 B2023.033.1234'],
      namingContexts: ['dc=example,dc=com', 'o=netscaperoot'],
    }),
    '389 Project 389-Directory/2.3.1 B2023.033.1234 answers, with 2 naming contexts',
  );
  t.is(
    await named({ supportedCapabilities: ['1.2.840.113556.1.4.800'], namingContexts: ['DC=example'] }),
    'Active Directory answers, with 1 naming context',
  );
  t.is(await named({ vendorName: ['\x07'] }), 'an LDAP server answers');
  t.is(await named({}), 'an LDAP server answers');
});

test('a root DSE that is not followed by the end of the search is one all the same', async (t) => {
  t.deepEqual(
    await scripted((socket) => socket.end(entryOf({ objectClass: ['OpenLDAProotDSE'] }))),
    open('OpenLDAP answers'),
  );
});

test('a Notice of Disconnection is open with a warning', async (t) => {
  const parts = [number(0x0a, 52), octets(''), octets('shutting down'), writeElement(0x8a, '1.3.6.1.4.1.1466.20036')];
  t.deepEqual(await scripted((socket) => socket.end(message(0, writeElement(0x78, ...parts)))), {
    ...open('an LDAP server answers, and ends the session (unavailable)'),
    warning: 'the server sent a Notice of Disconnection: "shutting down"',
  });
});

test('the dialogue ends with an unbind', async (t) => {
  const words: Buffer[] = [];
  await scripted((socket) => {
    socket.on('data', (chunk) => words.push(chunk));
    socket.once('data', () => socket.write(done(0)));
  });
  t.is(words.at(-1)?.toString('hex'), '30050201034200');
});

const strangers: readonly (readonly [words: string, detail: string])[] = [
  ['HTTP/1.1 400 Bad Request\r\n\r\n', 'an HTTP server answers: "HTTP/1.1 400 Bad Request"'],
  ['220 ftp.example.com ready\r\n', 'an FTP server answers: "220 ftp.example.com ready"'],
  ['\x15\x03\x01\x00\x02\x02\x46', 'a TLS server answers with an alert: protocol_version'],
];
for (const [words, detail] of strangers) {
  test(`${JSON.stringify(words.trim().slice(0, 40))} is a mismatch`, async (t) => {
    const said = await scripted((socket) => socket.write(Buffer.from(words, 'latin1')));
    t.deepEqual(said, { kind: 'dialogue', service: 'ldap', outcome: 'mismatch', detail, problem: 'stranger' });
  });
}

test('silence is a mismatch, and a close without a word a reset', async (t) => {
  const silent = await scripted(() => {}, { timeoutMs: 300 });
  t.is(silent.outcome, 'mismatch');
  t.regex(silent.detail, /^connected, then silent for [\d.]+ s, where LDAP answers a search of its root DSE$/);
  t.is((await scripted((socket) => setTimeout(() => socket.end(), 50))).outcome, 'reset');
});

test('the answer is the same however its bytes are cut', async (t) => {
  const bytes = Buffer.concat([entryOf({ vendorName: ['Example'], namingContexts: ['dc=example'] }), done(0)]);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 20 }), { maxLength: 6 }), async (sizes) => {
      const serve = (socket: Socket) => void socket.once('data', () => writeInPieces(socket, bytes, sizes));
      t.deepEqual(await scripted(serve), open('Example answers, with 1 naming context'));
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
