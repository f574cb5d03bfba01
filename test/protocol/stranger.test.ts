import test from 'ava';
import * as fc from 'fast-check';
import { describeStranger } from '#src/protocol/stranger.js';

const latin = (text: string) => Buffer.from(text, 'latin1');
const hex = (digits: string) => Buffer.from(digits.replaceAll(' ', ''), 'hex');

/** A greeting of MariaDB 10.11, as it was captured. */
const mariadb = hex(
  '5c0000000a352e352e352d31302e31312e362d4d6172696144422d3100 03000000 69664442306f6321 00 fef7 08 0200 ff15 00 000000000000 1d000000' +
    '785d483056 3f7966733030430000 6d7973716c5f6e61746976655f70617373776f726400',
);

const strangers: readonly (readonly [Buffer, string])[] = [
  [latin('HTTP/1.1 400 Bad Request\r\nServer: nginx\r\n'), 'an HTTP server answers: "HTTP/1.1 400 Bad Request"'],
  [latin('SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n'), 'an SSH server answers: "SSH-2.0-OpenSSH_9.2p1 Debian-2"'],
  [latin('+PONG\r\n'), 'Redis answers: "+PONG"'],
  [latin('-NOAUTH Authentication required.\r\n'), 'Redis answers: "-NOAUTH Authentication required."'],
  [
    latin("-ERR unknown command '\x16\x03', with args beginning with: 'x'\r\n"),
    'Redis answers: "-ERR unknown command"',
  ],
  [latin('220 (vsFTPd 3.0.3)\r\n'), 'an FTP server answers: "220 (vsFTPd 3.0.3)"'],
  [latin('220-FileZilla Server 1.8.0\r\n220 Hello\r\n'), 'an FTP server answers: "220-FileZilla Server 1.8.0"'],
  [latin('530 Please login with USER and PASS.\r\n'), 'an FTP server answers: "530 Please login with USER and PASS."'],
  [latin('500 OOPS: vsf_sysutil_bind\r\n'), 'an FTP server answers: "500 OOPS: vsf_sysutil_bind"'],
  [latin('220 mx.example ESMTP Postfix\r\n'), 'an SMTP server answers: "220 mx.example ESMTP Postfix"'],
  [latin('421 4.7.0 Too many errors\r\n'), 'an SMTP server answers: "421 4.7.0 Too many errors"'],
  [
    latin('220 mx ESMTP Sendmail 8.15.2/8.15.2; Sat, 21 Nov 2026 11:22:34 GMT\r\n'),
    'an SMTP server answers: "220 mx ESMTP Sendmail 8.15.2/8.15.2"',
  ],
  [latin('220 Welcome\r\n'), 'an FTP or SMTP server answers: "220 Welcome"'],
  [latin('200 news.example NNRP Service Ready\r\n'), 'an NNTP server answers: "200 news.example NNRP Service Ready"'],
  [latin('* OK [CAPABILITY IMAP4rev1] ready\r\n'), 'an IMAP server answers: "* OK [CAPABILITY IMAP4rev1] ready"'],
  [latin('+OK POP3 ready <1896.697170952@db1>\r\n'), 'a POP3 server answers: "+OK POP3 ready"'],
  [latin('RFB 003.008\n'), 'a VNC server answers: "RFB 003.008"'],
  [latin('@RSYNCD: 31.0\n'), 'an rsync server answers: "@RSYNCD: 31.0"'],
  [latin('INFO {"server_id":"NDX"}\r\n'), 'a NATS server answers: "INFO"'],
  [hex('1603030031020000'), 'a TLS server answers with a handshake'],
  [hex('15030300020228'), 'a TLS server answers with an alert: handshake_failure'],
  [hex('15030300020263'), 'a TLS server answers with an alert'],
  [mariadb, 'a MySQL server answers: MariaDB 10.11.6'],
  [hex('08000000ff1504486f737421'), 'a MySQL server answers: error 1045'],
  [hex('050000000b0801'), 'MySQL answers with its X protocol, which clients of this flow do not speak'],
  [latin('E\0\0\0\x2aSFATAL\0VFATAL\0C08P01\0Mno such protocol\0\0'), 'PostgreSQL answers: "no such protocol"'],
  [hex('300c02010161070a010004000400'), 'an LDAP server answers'],
  [hex('3084000000100201007884000000'), 'an LDAP server answers'],
  [hex('000000040000000000'), 'an HTTP/2 server answers'],
  [hex('000008070000000000'), 'an HTTP/2 server answers'],
  [hex('0300000b06d00000123400'), 'an RDP server answers'],
  [hex('ff00000000000000017f'), 'a ZeroMQ peer answers'],
  [hex('414d515000000901'), 'an AMQP server answers'],
  [hex('fffd18fffd20'), 'a Telnet server answers'],
  [latin('hello there\r\n'), 'something else answers: "hello there"'],
  [hex('0102030405060708090a0b0c0d'), 'something answers in an unknown protocol: 0102030405060708090a0b0c…'],
];

for (const [bytes, words] of strangers) {
  test(`${JSON.stringify(bytes.toString('latin1', 0, 24))} is told as: ${words}`, (t) => {
    t.is(describeStranger(bytes), words);
  });
}

test('what has come of a stranger’s words so far is described, whatever part that is', (t) => {
  for (const [bytes] of strangers) {
    for (let length = 1; length <= bytes.length; length += 1)
      t.regex(describeStranger(bytes.subarray(0, length)), /^(an? |Redis|MySQL|PostgreSQL|something)/);
  }
});

test('any bytes are described, in one printable line that fits a report', (t) => {
  const beginnings = strangers.map(([bytes]) => bytes);
  const spliced = fc
    .tuple(fc.constantFrom(...beginnings), fc.nat(40), fc.uint8Array({ maxLength: 300 }))
    .map(([known, length, random]) => Buffer.concat([known.subarray(0, length), random]));
  const any = fc.uint8Array({ minLength: 1, maxLength: 300 }).map((bytes) => Buffer.from(bytes));
  fc.assert(
    fc.property(fc.oneof(any, spliced), (bytes) => {
      const words = describeStranger(bytes);
      t.true(/^[\x20-\x7e…]{5,140}$/.test(words), words);
    }),
    { numRuns: 2000 },
  );
});
