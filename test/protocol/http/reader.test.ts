import test from 'ava';
import fc from 'fast-check';
import { framingOf, longestBody, readBody } from '#src/protocol/http/body.js';
import { type Opening, readHead } from '#src/protocol/http/head.js';

function headOf(text: string): Opening | undefined {
  return readHead(Buffer.from(text, 'latin1'))?.value;
}

function understood(text: string) {
  const opening = headOf(text);
  if (opening?.kind !== 'head') throw new Error(`no head: ${opening?.kind}`);
  return opening.head;
}

test('a head is a status line and headers, ended by an empty line', (t) => {
  const text = 'HTTP/1.1 200 OK\r\nServer: nginx\r\nX-Empty:\r\nVary:  a \r\nvary: b\r\n\r\nbody';
  const read = readHead(Buffer.from(text));
  t.is(read?.length, text.length - 'body'.length);
  const { headers, ...line } = understood(text);
  t.deepEqual(line, { status: 200, reason: 'OK', minor: 1 });
  t.deepEqual(
    [...headers],
    [
      ['server', 'nginx'],
      ['x-empty', ''],
      ['vary', 'a, b'],
    ],
  );
});

test('old servers may end lines with a bare line feed, leave out the reason, and fold headers', (t) => {
  const { status, reason, minor, headers } = understood('HTTP/1.0 404\nA: one\n two\n\n');
  t.deepEqual({ status, reason, minor }, { status: 404, reason: '', minor: 0 });
  t.is(headers.get('a'), 'one two');
});

test('an answer without headers is one', (t) => {
  t.is(understood('HTTP/1.1 204 No Content\r\n\r\n').headers.size, 0);
});

test('bytes that cannot become HTTP/1 are a stranger’s at once', (t) => {
  for (const text of ['S', 'HTTP/2 200\r\n\r\n', 'HTTQ', '\x15\x03\x01', '220 ready\r\n', '-ERR'])
    t.deepEqual(headOf(text), { kind: 'stranger' }, JSON.stringify(text));
  for (const text of ['', 'H', 'HTTP/1', 'HTTP/1.1 200 OK\r\nA: b\r\n', 'HTTP/1.1 200 OK\r\n\r'])
    t.is(headOf(text), undefined, JSON.stringify(text));
});

test('what no client would take for an answer is malformed, and says why', (t) => {
  const status = { kind: 'malformed', why: 'with a status line that no client understands' } as const;
  for (const text of ['HTTP/1.1 20 OK\r\n\r\n', 'HTTP/1.x 200 OK\r\n\r\n', 'HTTP/1.1\r\n\r\n', 'HTTP/1.1 2000\r\n\r\n'])
    t.deepEqual(headOf(text), status, JSON.stringify(text));
  const header = { kind: 'malformed', why: 'with a header line that no client understands' } as const;
  for (const line of ['no colon', ': no name', 'two words: x', 'Name : x', 'a: b\rc'])
    t.deepEqual(headOf(`HTTP/1.1 200 OK\r\n${line}\r\n\r\n`), header, line);
});

test('headers without an end are given up after 64 kB', (t) => {
  const endless = `HTTP/1.1 200 OK\r\nA: ${'x'.repeat(65_536)}`;
  t.deepEqual(headOf(endless), { kind: 'malformed', why: 'whose headers do not end within 64 kB' });
  t.is(headOf(endless.slice(0, 65_535)), undefined);
});

const framed = (method: string, headers: string) => framingOf(method, understood(`HTTP/1.1 200 OK\r\n${headers}\r\n`));

test('the end of a body is known by its length, by its chunks, or by the end of the connection', (t) => {
  t.deepEqual(framed('GET', 'Content-Length: 5\r\n'), { kind: 'length', length: 5 });
  t.deepEqual(framed('GET', 'Content-Length: 5\r\nContent-Length: 5\r\n'), { kind: 'length', length: 5 });
  t.deepEqual(framed('GET', 'Content-Length: 5\r\nTransfer-Encoding: gzip, chunked\r\n'), { kind: 'chunked' });
  t.deepEqual(framed('GET', 'Transfer-Encoding: gzip\r\n'), { kind: 'close' });
  t.deepEqual(framed('GET', ''), { kind: 'close' });
  t.deepEqual(framed('HEAD', 'Content-Length: 5\r\n'), { kind: 'none' });
  t.deepEqual(framingOf('GET', understood('HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n')), { kind: 'none' });
  t.is(framed('GET', 'Content-Length: 5\r\nContent-Length: 6\r\n'), undefined);
  t.is(framed('GET', 'Content-Length: -1\r\n'), undefined);
});

/** Reads a body that arrives in pieces, as a conversation does. */
function readInPieces(framing: Parameters<typeof readBody>[0], bytes: Buffer, sizes: readonly number[]) {
  for (const size of [...sizes, bytes.length]) {
    const read = readBody(framing, bytes.subarray(0, size));
    if (read !== undefined)
      return { end: read.value.end, text: read.value.bytes.toString('latin1'), length: read.length };
  }
  return undefined;
}

function chunked(pieces: readonly Buffer[], extension: string, trailer: string): Buffer {
  const chunks = pieces.map((piece) =>
    Buffer.concat([Buffer.from(`${piece.length.toString(16)}${extension}\r\n`), piece, Buffer.from('\r\n')]),
  );
  return Buffer.concat([...chunks, Buffer.from(`0\r\n${trailer}\r\n`)]);
}

const pieces = fc.array(
  fc.uint8Array({ minLength: 1, maxLength: 300 }).map((each) => Buffer.from(each)),
  { maxLength: 8 },
);
const cuts = fc.array(fc.nat(4000), { maxLength: 12 }).map((sizes) => sizes.sort((a, b) => a - b));

test('a chunked body is the sum of its chunks, however the bytes are cut, and nothing behind it is taken', (t) => {
  const extension = fc.constantFrom('', ';a=b', ' ; x');
  const trailer = fc.constantFrom('', 'X-Sum: 1\r\n');
  fc.assert(
    fc.property(pieces, extension, trailer, cuts, fc.string(), (parts, extension, trailer, sizes, behind) => {
      const body = chunked(parts, extension, trailer);
      const bytes = Buffer.concat([body, Buffer.from(behind)]);
      const read = readInPieces({ kind: 'chunked' }, bytes, sizes);
      t.deepEqual(read, { end: 'whole', text: Buffer.concat(parts).toString('latin1'), length: body.length });
    }),
  );
});

test('chunks that are none are broken, and never waited for', (t) => {
  for (const text of ['zz\r\n', '\r\n', '-1\r\nx\r\n', '2\r\nabc\r\n0\r\n\r\n', '123456789\r\n'])
    t.is(readBody({ kind: 'chunked' }, Buffer.from(text))?.value.end, 'broken', JSON.stringify(text));
});

test('of a longer body the first 64 kB are looked at, the same whatever came in one piece', (t) => {
  const long = Buffer.alloc(3 * longestBody, 'x');
  const framings = [
    { framing: { kind: 'close' } as const, bytes: long },
    { framing: { kind: 'length', length: long.length } as const, bytes: long },
    { framing: { kind: 'chunked' } as const, bytes: chunked([long], '', '') },
    // The chunk begins within what is looked at; what is wrong with its end comes after.
    { framing: { kind: 'chunked' } as const, bytes: Buffer.concat([Buffer.from('18000\r\n'), long]) },
  ];
  for (const { framing, bytes } of framings) {
    const inOne = readInPieces(framing, bytes, []);
    t.is(inOne?.end, 'long');
    t.is(inOne?.length, longestBody);
    t.deepEqual(readInPieces(framing, bytes, [1, 10_000, longestBody - 1, longestBody]), inOne);
  }
});

test('a head is the same however the bytes are cut, and any bytes are read without a throw', (t) => {
  const head = 'HTTP/1.1 200 OK\r\nServer: nginx/1.22.1\r\nContent-Length: 2\r\n\r\n';
  fc.assert(
    fc.property(fc.nat(head.length), (size) => {
      const part = readHead(Buffer.from(head).subarray(0, size));
      if (size < head.length) t.is(part, undefined);
      else t.is(part?.length, head.length);
    }),
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (bytes, likely) => {
      const text = Buffer.concat([Buffer.from(likely ? 'HTTP/1.1 200 OK\r\n' : ''), bytes]);
      const read = readHead(text);
      t.true(read === undefined || read.length <= text.length);
      const body = readBody({ kind: 'chunked' }, Buffer.from(bytes));
      t.true(body === undefined || body.length <= bytes.length);
    }),
  );
});
