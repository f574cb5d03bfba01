import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import {
  fingerprint,
  hashName,
  hostKeyAlgorithms,
  judgeHostKey,
  knownHostsName,
  matchesName,
  parseKnownHosts,
} from '#src/vantage/known-hosts.js';

const ed25519 = 'AAAAC3NzaC1lZDI1NTE5AAAAIJ3Qw1vEmqLbvMQX7G0u5N3AZ5pxY3jW1HcVbGUKuDzl';
const other = 'AAAAC3NzaC1lZDI1NTE5AAAAIGqcvJrGkyYbCEoBXC2d8BqqYm3B7hEmZfr4BB4gk5Gm';
const rsa = 'AAAAB3NzaC1yc2EAAAADAQABAAAAAQC7';
const key = Buffer.from(ed25519, 'base64');

const judge = (lines: readonly string[], name = '10.0.0.5') =>
  judgeHostKey(
    parseKnownHosts(lines.join('\n'), 'known_hosts').filter((entry) => matchesName(entry.hosts, name)),
    key,
  );

test('reads markers, comments and lines, and passes over what is no entry', (t) => {
  const text = [
    '# comment',
    '',
    `10.0.0.5,db1 ssh-ed25519 ${ed25519} somebody@somewhere`,
    `@revoked * ssh-rsa ${rsa}`,
    `@cert-authority *.example.com ssh-ed25519 ${other}`,
    'nonsense',
    `@unknown-marker * ssh-ed25519 ${ed25519}`,
  ].join('\n');
  t.deepEqual(
    parseKnownHosts(text, 'f').map(({ marker, hosts, keyType, line }) => [marker, hosts, keyType, line]),
    [
      [undefined, '10.0.0.5,db1', 'ssh-ed25519', 3],
      ['revoked', '*', 'ssh-rsa', 4],
      ['cert-authority', '*.example.com', 'ssh-ed25519', 5],
    ],
  );
});

test('patterns: * and ? match, ! excludes, case does not matter, dots are dots', (t) => {
  t.true(matchesName('*.example.com', 'db1.example.com'));
  t.true(matchesName('10.0.0.?', '10.0.0.5'));
  t.false(matchesName('10.0.0.?', '10.0.0.55'));
  t.false(matchesName('10.0.0.5', '10x0.0.5'));
  t.true(matchesName('DB1', 'db1'));
  t.false(matchesName('*.example.com,!db1.example.com', 'db1.example.com'));
  t.false(matchesName('!db1.example.com,*.example.com', 'db1.example.com'));
  t.true(matchesName('!db1.example.com,*.example.com', 'db2.example.com'));
  t.true(matchesName('[10.0.0.*]:2222', '[10.0.0.5]:2222'));
  t.false(matchesName('10.0.0.*', '[10.0.0.5]:2222'));
});

test('a port other than 22 is part of the name', (t) => {
  t.is(knownHostsName('DB1', 22), 'db1');
  t.is(knownHostsName('fd00::5', 2222), '[fd00::5]:2222');
});

test('a name that ssh-keygen -H hashed is found, and no other', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'portolan-test-'));
  try {
    const file = join(folder, 'known_hosts');
    writeFileSync(file, `[10.0.0.5]:2222 ssh-ed25519 ${ed25519}\n`);
    execFileSync('ssh-keygen', ['-q', '-H', '-f', file], { stdio: 'ignore' });
    const text = execFileSync('cat', [file], { encoding: 'utf8' });
    t.true(text.startsWith('|1|'));
    const hosts = parseKnownHosts(text, file)[0]!.hosts;
    t.true(matchesName(hosts, '[10.0.0.5]:2222'));
    t.false(matchesName(hosts, '10.0.0.5'));
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('hashing and matching agree for every name', (t) => {
  fc.assert(
    fc.property(fc.domain(), fc.domain(), (one, two) => {
      const hashed = hashName(one.toLowerCase());
      return matchesName(hashed, one.toLowerCase()) && (one === two || !matchesName(hashed, two.toLowerCase()));
    }),
  );
  t.pass();
});

test('no line of a file makes the reader fail', (t) => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      for (const entry of parseKnownHosts(text, 'f')) matchesName(entry.hosts, '10.0.0.5');
    }),
  );
  t.pass();
});

test('a listed key is known', (t) => {
  t.is(judge([`10.0.0.5 ssh-ed25519 ${other}`, `10.0.0.5 ssh-ed25519 ${ed25519}`]).kind, 'known');
});

test('a revoked key is refused although another line lists it', (t) => {
  const judgement = judge([`10.0.0.5 ssh-ed25519 ${ed25519}`, `@revoked * ssh-ed25519 ${ed25519}`]);
  t.is(judgement.kind, 'revoked');
  t.is(judgement.kind === 'revoked' && judgement.entry.line, 2);
});

test('a revoked key of somebody else says nothing of this one', (t) => {
  t.is(judge([`@revoked * ssh-ed25519 ${other}`, `10.0.0.5 ssh-ed25519 ${ed25519}`]).kind, 'known');
  t.is(judge([`@revoked * ssh-ed25519 ${other}`]).kind, 'unknown');
});

test('another key is a change, be it of the same type or of another, as ssh says', (t) => {
  const judgement = judge(['# first', `10.0.0.5 ssh-ed25519 ${other}`]);
  t.is(judgement.kind, 'changed');
  t.is(judgement.kind === 'changed' && judgement.entry.line, 2);
  t.is(judge([`10.0.0.5 ssh-rsa ${rsa}`]).kind, 'changed');
});

test('an authority matters only where no plain key matches', (t) => {
  t.is(judge([`@cert-authority * ssh-ed25519 ${other}`]).kind, 'certificate');
  t.is(judge([`@cert-authority * ssh-ed25519 ${other}`, `10.0.0.5 ssh-ed25519 ${ed25519}`]).kind, 'known');
});

test('the algorithms of known keys are offered first, and an RSA key with SHA-2', (t) => {
  const algorithms = hostKeyAlgorithms(parseKnownHosts(`h ssh-rsa ${rsa}`, 'f'));
  t.deepEqual(algorithms.slice(0, 3), ['rsa-sha2-512', 'rsa-sha2-256', 'ssh-rsa']);
  t.is(algorithms.length, 7);
  t.is(hostKeyAlgorithms([])[0], 'ssh-ed25519');
});

test('the fingerprint is the one that ssh-keygen prints', (t) => {
  const printed = execFileSync('ssh-keygen', ['-l', '-f', '-'], {
    input: `ssh-ed25519 ${ed25519}\n`,
    encoding: 'utf8',
  });
  t.true(printed.includes(` ${fingerprint(key)} `));
});
