import test from 'ava';
import fc from 'fast-check';
import { readLoginLog } from '#src/vantage/openssh/login-log.js';

const lines = [
  'OpenSSH_9.2p1 Debian-2+deb12u7, OpenSSL 3.0.17 1 Jul 2025',
  'debug1: Connecting to db1 [2001:db8::5] port 22.',
  'debug1: connect to address 2001:db8::5 port 22: Connection refused',
  'debug1: Connecting to db1 [192.0.2.5] port 22.',
  'debug1: Connection established.',
  'debug1: Remote protocol version 2.0, remote software version OpenSSH_9.2p1',
  'debug1: Server host key: ssh-ed25519 SHA256:AbC+/09',
  'debug1: SSH2_MSG_NEWKEYS received',
  'debug1: Authentications that can continue: publickey,password',
  'debug1: Offering public key: /home/ops/my key ED25519 SHA256:xyz explicit agent',
  'Authenticated using "publickey" with partial success.',
  'debug1: Authentications that can continue: password',
  'ops@db1: Permission denied (password).',
];

test('a login is read from its log', (t) => {
  t.deepEqual(readLoginLog(lines.join('\r\n')), {
    addresses: ['2001:db8::5', '192.0.2.5'],
    connected: true,
    greeted: true,
    exchanged: true,
    hostKey: 'ssh-ed25519 key SHA256:AbC+/09',
    accepted: ['password'],
    partial: true,
    refusals: 1,
    tried: ['the key /home/ops/my key'],
    messages: ['Authenticated using "publickey" with partial success.', 'ops@db1: Permission denied (password).'],
  });
});

test('whatever a log holds, it is read, and every line that is for a person is kept once', (t) => {
  const line = fc.oneof(
    fc.constantFrom(...lines),
    fc.string({ unit: 'binary' }),
    fc.string().map((x) => `debug1: ${x}`),
  );
  fc.assert(
    fc.property(fc.array(line), fc.constantFrom('\n', '\r\n'), (all, end) => {
      const text = all.join(end);
      const log = readLoginLog(text);
      const told = text.split(/\r?\n/).filter((one) => one !== '' && !/^(?:debug\d: |OpenSSH_\S+.*, )/.test(one));
      t.deepEqual(
        log.messages,
        told.map((one) => one.trim()),
      );
      t.true(log.refusals + Number(log.partial) <= text.split('Authentications that can continue').length);
    }),
  );
});

test('a log that is still being written tells no more than the whole one', (t) => {
  const text = lines.join('\n');
  const whole = readLoginLog(text);
  fc.assert(
    fc.property(fc.nat(text.length), (length) => {
      const part = readLoginLog(text.slice(0, length));
      t.deepEqual(part.addresses, whole.addresses.slice(0, part.addresses.length));
      t.true(part.refusals <= 2 && part.tried.length <= whole.tried.length);
    }),
  );
});
