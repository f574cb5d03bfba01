import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { defaultInventory, parseInventory } from '#src/inventory/load.js';
import { ExpectedError } from '#src/model/errors.js';
import type { Host } from '#src/model/inventory.js';

function refusal(text: string): string[] {
  try {
    parseInventory('site/f.yaml', text);
  } catch (error) {
    if (error instanceof ExpectedError) return error.message.split('\n');
    throw error;
  }
  return ['accepted'];
}

/** One host, whose keys stand in line 2. */
const host = (keys: string) => `hosts:\n  a: { ${keys} }\n`;
const rest = (text: string) => `hosts: { a: { address: 10.0.0.1 } }\n${text}`;

const refusals: readonly [what: string, text: string, sentences: string[]][] = [
  ['a file without hosts', '{}\n', ['hosts is missing at site/f.yaml:1; expected a mapping']],
  ['no host at all', 'hosts: {}\n', ['hosts is an empty mapping at site/f.yaml:1; expected at least one host']],
  [
    'another version',
    rest('version: 2\n'),
    ['version is 2 at site/f.yaml:2; expected 1, the only version of this format'],
  ],
  ['an unknown key', rest('host: {}\n'), ['unknown key "host" at site/f.yaml:2; did you mean "hosts"?']],
  [
    'an unknown key of a host',
    host('adress: 10.0.0.1'),
    [
      'unknown key "adress" in hosts.a at site/f.yaml:2; did you mean "address"?',
      'hosts.a has no address at site/f.yaml:2; expected an IP address or a host name, where others reach it',
    ],
  ],
  [
    'a host without address',
    host('roles: [x]'),
    ['hosts.a has no address at site/f.yaml:2; expected an IP address or a host name, where others reach it'],
  ],
  [
    'an endpoint without address',
    rest('endpoints:\n  b: {}\n'),
    ['endpoints.b.address is missing at site/f.yaml:3; expected text'],
  ],
  [
    'an address out of range',
    host('address: 10.10.0.256'),
    ['hosts.a.address is "10.10.0.256" at site/f.yaml:2; expected an IP address or a host name'],
  ],
  [
    'an address with a port',
    host('address: "10.10.0.2:22"'),
    ['hosts.a.address is "10.10.0.2:22" at site/f.yaml:2; expected an IP address or a host name'],
  ],
  [
    'a network as address',
    host('address: 10.10.0.0/24'),
    ['hosts.a.address is "10.10.0.0/24" at site/f.yaml:2; expected an IP address or a host name'],
  ],
  [
    'every address as address',
    host('address: 0.0.0.0'),
    ['hosts.a.address is "0.0.0.0" at site/f.yaml:2; expected an IP address or a host name'],
  ],
  [
    'an IPv6 address in brackets',
    host('address: "[2001:db8::1]"'),
    ['hosts.a.address is "[2001:db8::1]" at site/f.yaml:2; an IPv6 address goes without brackets'],
  ],
  [
    'a bad address on a further network',
    host('address: 10.0.0.1, addresses: { backup: "http://x" }'),
    ['hosts.a.addresses.backup is "http://x" at site/f.yaml:2; expected an IP address or a host name'],
  ],
  [
    'a bad login address',
    host('address: 10.0.0.1, ssh: { host: "a b" }'),
    ['hosts.a.ssh.host is "a b" at site/f.yaml:2; expected an IP address or a host name'],
  ],
  [
    'more names than addresses',
    'hosts:\n  n[1:3]:\n    address: 10.0.0.[1:2]\n',
    ['3 names and 2 addresses: "10.0.0.[1:2]" at site/f.yaml:3; the k-th name takes the k-th address'],
  ],
  [
    'a pattern with one address',
    'hosts:\n  n[1:3]:\n    address: 10.0.0.1\n',
    ['3 names and 1 address: "10.0.0.1" at site/f.yaml:3; the k-th name takes the k-th address'],
  ],
  [
    'more addresses than names',
    host('address: "10.0.0.[1:2]"'),
    ['1 name and 2 addresses: "10.0.0.[1:2]" at site/f.yaml:2; the k-th name takes the k-th address'],
  ],
  [
    'a bad pattern as name',
    'hosts:\n  n[3:1]: { address: 10.0.0.1 }\n',
    ['the pattern "n[3:1]" cannot be expanded at site/f.yaml:2; [3:1] ends before it begins'],
  ],
  [
    'a bad pattern as address',
    'hosts:\n  n[1:3]: { address: "10.0.0.[1-3]" }\n',
    [
      'the pattern "10.0.0.[1-3]" cannot be expanded at site/f.yaml:2; [1-3] is no range such as [1:20], [01:20], [a:f] or [1:9:2]',
    ],
  ],
  [
    'a name with a space',
    'hosts:\n  "a b": { address: 10.0.0.1 }\n',
    ['the name "a b" at site/f.yaml:2; expected letters, digits, ".", "_" and "-", or a pattern such as "node[1:20]"'],
  ],
  [
    'a name that a pattern has too',
    'hosts:\n  n[1:3]: { address: "10.0.0.[1:3]" }\n  n2: { address: 10.0.0.9 }\n',
    ['duplicate name "n2" at site/f.yaml:3; "n[1:3]" is in line 2 already'],
  ],
  [
    'a host named like an endpoint',
    rest('endpoints:\n  a: { address: x.example.com }\n'),
    ['duplicate name "a" at site/f.yaml:3; it is in line 1 already'],
  ],
  [
    'a key twice',
    'hosts:\n  a: { address: 10.0.0.1 }\n  a: { address: 10.0.0.2 }\n',
    ['duplicate key "a" at site/f.yaml:3; it is in line 2 already'],
  ],
  [
    'a host named like a role',
    'hosts:\n  web: { address: 10.0.0.1 }\n  b: { address: 10.0.0.2, roles: [web] }\n',
    ['the name "web" is a role too, held by "b" at site/f.yaml:2; hosts, endpoints and roles need different names'],
  ],
  [
    'a role twice',
    host('address: 10.0.0.1, roles: [x, y, x]'),
    ['duplicate role "x" at site/f.yaml:2; once is enough'],
  ],
  [
    'a role that is no list',
    host('address: 10.0.0.1, roles: x'),
    ['hosts.a.roles is "x" at site/f.yaml:2; expected a list'],
  ],
  [
    'a login port in quotes',
    host('address: 10.0.0.1, ssh: { port: "22" }'),
    ['hosts.a.ssh.port is "22" at site/f.yaml:2; expected a port from 1 to 65535, without quotes'],
  ],
  [
    'a scenario with nothing after its colon',
    'hosts:\n  a: { address: 10.0.0.1 }\nscenarios:\n  exasol:\n',
    ['scenarios.exasol is empty at site/f.yaml:4; expected a mapping; write {} where there is nothing to say'],
  ],
  [
    'a bad port',
    host('address: 10.0.0.1, ports: { database: 65536 }'),
    ['hosts.a.ports.database is 65536 at site/f.yaml:2; expected a port from 1 to 65535'],
  ],
  [
    'a port that is text',
    host('address: 10.0.0.1, ports: { database: x }'),
    [
      'hosts.a.ports.database is "x" at site/f.yaml:2; expected a port from 1 to 65535, a range such as "20000-21000", or a list of these',
    ],
  ],
  [
    'a range that ends before it begins',
    host('address: 10.0.0.1, ports: { database: 21000-20000 }'),
    [
      'hosts.a.ports.database is "21000-20000" at site/f.yaml:2; expected a port from 1 to 65535, a range such as "20000-21000", or a list of these',
    ],
  ],
  [
    'a bad port in a list',
    host('address: 10.0.0.1, ports: { database: [80, 0] }'),
    ['hosts.a.ports.database[2] is 0 at site/f.yaml:2; expected a port from 1 to 65535'],
  ],
  [
    'a fact that is a list',
    host('address: 10.0.0.1, facts: { version: [8] }'),
    ['hosts.a.facts.version is a list at site/f.yaml:2; expected text, a number, or true or false'],
  ],
  [
    'a version that is a number',
    host('address: 10.0.0.1, facts: { version: 8.30 }'),
    [
      'hosts.a.facts.version is the number 8.30, which is the same as 8.3 at site/f.yaml:2; a version goes in quotes: "8.30"',
    ],
  ],
  [
    'an unknown transport',
    host('address: 10.0.0.1, transport: telnet'),
    [
      'hosts.a.transport is "telnet" at site/f.yaml:2; expected "ssh2" or "openssh" or "local", or { "command": ["docker", "exec", "-i", "db1", "sh"] }',
    ],
  ],
  [
    'a command that is not said',
    host('address: 10.0.0.1, transport: command'),
    [
      'hosts.a.transport is "command" at site/f.yaml:2; expected "ssh2" or "openssh" or "local", or { "command": ["docker", "exec", "-i", "db1", "sh"] }',
    ],
  ],
  [
    'an empty command',
    host('address: 10.0.0.1, transport: { command: [] }'),
    [
      'hosts.a.transport.command is an empty list at site/f.yaml:2; expected a program and its arguments, one text each: ["docker", "exec", "-i", "db1", "sh"]',
    ],
  ],
  [
    'a command as one text',
    host('address: 10.0.0.1, transport: { command: docker exec -i db1 sh }'),
    [
      'hosts.a.transport.command is "docker exec -i db1 sh" at site/f.yaml:2; expected a program and its arguments, one text each: ["docker", "exec", "-i", "db1", "sh"]',
    ],
  ],
  [
    'a command as a list of one text',
    host('address: 10.0.0.1, transport: { command: [docker exec -i db1 sh] }'),
    [
      'hosts.a.transport.command is a list at site/f.yaml:2; expected a program and its arguments, one text each: ["docker", "exec", "-i", "db1", "sh"]',
    ],
  ],
  [
    'a number in a command',
    host('address: 10.0.0.1, transport: { command: [nsenter, 4711, sh] }'),
    [
      'hosts.a.transport.command[2] is 4711 at site/f.yaml:2; expected a program and its arguments, one text each: ["docker", "exec", "-i", "db1", "sh"]',
    ],
  ],
  [
    'a command whose shell has a script of its own',
    host('address: 10.0.0.1, transport: { command: [docker, exec, -i, db1, sh, -c, "true"] }'),
    [
      'hosts.a.transport.command is a list at site/f.yaml:2; expected a shell that reads its standard input: leave "-c" and what follows it out',
    ],
  ],
  [
    'a command that wants a terminal',
    host('address: 10.0.0.1, transport: { command: [kubectl, exec, -it, db1, --, sh] }'),
    [
      'hosts.a.transport.command is a list at site/f.yaml:2; expected no terminal, which changes what is sent through it: "-i" without "t"',
    ],
  ],
  [
    'a command for every host',
    rest('defaults: { transport: { command: [sh] } }\n'),
    [
      'defaults.transport is a mapping at site/f.yaml:2; expected "ssh2" or "openssh" or "local"; a command is of one host',
    ],
  ],
  [
    'one command for several hosts',
    'hosts:\n  db[1:3]: { address: "10.0.0.[1:3]", transport: { command: [docker, exec, -i, db1, sh] } }\n',
    [
      '3 names and one command: they would be one and the same host at site/f.yaml:2; expected a pattern of 3 in it, as in the name',
    ],
  ],
  [
    'a jump host that is reached by a command',
    `${host('address: 10.0.0.1, ssh: { jump: b }')}  b: { address: 10.0.0.2, transport: { command: [sh] } }\n`,
    ['hosts.a.ssh.jump is "b" at site/f.yaml:2; that is reached by a command, and no SSH goes through it'],
  ],
  [
    'a host of ssh2 behind one of openssh',
    `${host('address: 10.0.0.1, ssh: { jump: "c,b" }')}  b: { address: 10.0.0.2, transport: openssh }\n  c: { address: 10.0.0.3 }\n`,
    [
      'hosts.a.ssh.jump leads through "b", whose transport is openssh, to "a", whose transport is ssh2 at site/f.yaml:2; expected the same for both, or openssh for the host behind',
    ],
  ],
  [
    'hosts of ssh2 behind one of openssh by default, once for all',
    'defaults: { ssh: { jump: b } }\nhosts:\n  b: { address: 10.0.0.2, transport: openssh }\n  a[1:2]: { address: "10.0.1.[1:2]" }\n  c: { address: 10.0.0.3, transport: openssh }\n',
    [
      'defaults.ssh.jump leads through "b", whose transport is openssh, to "a1", whose transport is ssh2 at site/f.yaml:1; expected the same for both, or openssh for the host behind',
    ],
  ],
  [
    'a wrong host key checking',
    host('address: 10.0.0.1, ssh: { strictHostKeyChecking: accept }'),
    ['hosts.a.ssh.strictHostKeyChecking is "accept" at site/f.yaml:2; expected "yes", "accept-new" or "no"'],
  ],
  [
    'an unknown ssh option',
    host('address: 10.0.0.1, ssh: { proxyJump: b }'),
    [
      'unknown key "proxyJump" in hosts.a.ssh at site/f.yaml:2; expected "host", "port", "user", "identityFile", "knownHostsFile", "strictHostKeyChecking", "jump", "password" or "passphrase"',
    ],
  ],
  [
    'a login address for every host',
    rest('defaults: { ssh: { host: b } }\n'),
    [
      'unknown key "host" in defaults.ssh at site/f.yaml:2; expected "port", "user", "identityFile", "knownHostsFile", "strictHostKeyChecking", "jump", "password" or "passphrase"',
    ],
  ],
  [
    'a password, without repeating it',
    host('address: 10.0.0.1, ssh: { password: hunter2 }'),
    [
      'hosts.a.ssh.password is written out at site/f.yaml:2; expected { "env": "NAME" } or "prompt": a secret is never in the inventory',
    ],
  ],
  [
    'a passphrase as environment variable, without repeating it',
    host('address: 10.0.0.1, ssh: { passphrase: { env: "hunter 2" } }'),
    ['hosts.a.ssh.passphrase.env is written out at site/f.yaml:2; expected the name of an environment variable'],
  ],
  [
    'a password under a wrong key, without repeating it',
    host('address: 10.0.0.1, ssh: { passwrd: hunter2 }'),
    ['unknown key "passwrd" in hosts.a.ssh at site/f.yaml:2; did you mean "password"?'],
  ],
  [
    'a password as key, without repeating it',
    host('address: 10.0.0.1, ssh: { password: { hunter2: x } }'),
    [
      'hosts.a.ssh.password.env is missing at site/f.yaml:2; expected the name of an environment variable',
      'unknown key in hosts.a.ssh.password at site/f.yaml:2; expected "env"',
    ],
  ],
  [
    'a chain of jump hosts with a gap',
    host('address: 10.0.0.1, ssh: { jump: "b, c" }'),
    [
      'hosts.a.ssh.jump is "b, c" at site/f.yaml:2; expected hosts of the inventory or [user@]host[:port], separated by commas, or "none"',
    ],
  ],
  [
    'a chain that comes back to where it was',
    host('address: 10.0.0.1, ssh: { jump: "b,c,b" }'),
    ['hosts.a.ssh.jump is "b,c,b" at site/f.yaml:2; "b" is in it twice'],
  ],
  [
    'a jump that is nothing',
    host('address: 10.0.0.1, ssh: { jump: "b:99999" }'),
    [
      'hosts.a.ssh.jump is "b:99999" at site/f.yaml:2; expected hosts of the inventory or [user@]host[:port], separated by commas, or "none"',
    ],
  ],
  [
    'a jump over itself',
    host('address: 10.0.0.1, ssh: { jump: a }'),
    ['hosts.a.ssh.jump is "a" at site/f.yaml:2; a host cannot be its own jump host'],
  ],
  [
    'jump hosts that are behind each other, once for each circle',
    'hosts:\n  d: { address: 10.0.0.4, ssh: { jump: b } }\n  a: { address: 10.0.0.1, ssh: { jump: b } }\n  b: { address: 10.0.0.2, ssh: { jump: "c,gate" } }\n  c: { address: 10.0.0.3, ssh: { jump: a } }\n',
    [
      'a circle of jump hosts: b is behind c, c is behind a, a is behind b at site/f.yaml:4; one of them must be reached directly',
    ],
  ],
  [
    'a jump host of the defaults that is behind a host of the defaults',
    'defaults: { ssh: { jump: b } }\nhosts:\n  a: { address: 10.0.0.1 }\n  b: { address: 10.0.0.2, ssh: { jump: a } }\n',
    ['a circle of jump hosts: a is behind b, b is behind a at site/f.yaml:3; one of them must be reached directly'],
  ],
  [
    'a jump over an endpoint',
    `${host('address: 10.0.0.1, ssh: { jump: b }')}endpoints: { b: { address: 10.0.0.2 } }\n`,
    [
      'hosts.a.ssh.jump is "b" at site/f.yaml:2; that is an endpoint; expected hosts of the inventory or [user@]host[:port], separated by commas, or "none"',
    ],
  ],
  [
    'a jump over this machine',
    `${host('address: 10.0.0.1, ssh: { jump: b }')}  b: { transport: local }\n`,
    ['hosts.a.ssh.jump is "b" at site/f.yaml:2; that is this machine; leave "jump" out'],
  ],
  [
    'a scenario that is bundled and a file',
    rest('scenarios:\n  x:\n    use: exasol\n    file: ours.yaml\n'),
    ['scenarios.x has both "use" and "file" at site/f.yaml:5; keep one'],
  ],
  [
    'a scenario with a slash in its name',
    rest('scenarios:\n  a/b: {}\n'),
    ['the name "a/b" at site/f.yaml:3; expected a name of letters, digits, ".", "_" and "-" that begins with a letter'],
  ],
  [
    'a waiver without reason',
    rest('waivers:\n  - { flow: x }\n'),
    ['waivers[1].reason is missing at site/f.yaml:3; expected the reason, in words'],
  ],
  [
    'a waiver with an empty reason',
    rest('waivers:\n  - { flow: x, reason: " " }\n'),
    ['waivers[1].reason is " " at site/f.yaml:3; expected the reason, in words'],
  ],
  [
    'a day that is not in the calendar',
    rest('waivers:\n  - { flow: x, reason: y, until: 2027-02-29 }\n'),
    ['waivers[1].until is "2027-02-29" at site/f.yaml:3; expected a calendar date such as 2027-05-31'],
  ],
  [
    'a day written otherwise',
    rest('waivers:\n  - { flow: x, reason: y, until: 31.5.2027 }\n'),
    ['waivers[1].until is "31.5.2027" at site/f.yaml:3; expected a calendar date such as 2027-05-31'],
  ],
  [
    'everything at once',
    'hosts:\n  a: { adress: 10.0.0.1 }\n  b: { address: 10.0.0.300, roles: 7 }\n  b[1:2]: { address: 10.0.0.4 }\nwaivers: [{}]\n',
    [
      'unknown key "adress" in hosts.a at site/f.yaml:2; did you mean "address"?',
      'hosts.a has no address at site/f.yaml:2; expected an IP address or a host name, where others reach it',
      'hosts.b.roles is 7 at site/f.yaml:3; expected a list',
      'hosts.b.address is "10.0.0.300" at site/f.yaml:3; expected an IP address or a host name',
      '2 names and 1 address: "10.0.0.4" at site/f.yaml:4; the k-th name takes the k-th address',
      'waivers[1].flow is missing at site/f.yaml:5; expected text',
      'waivers[1].reason is missing at site/f.yaml:5; expected the reason, in words',
    ],
  ],
];
for (const [what, text, sentences] of refusals) {
  test(`refuses ${what}`, (t) => t.deepEqual(refusal(text), sentences));
}

const hostOf = (text: string, name: string) => parseInventory('site/f.yaml', text).members.get(name) as Host;

test('a plain host has the defaults', (t) => {
  t.deepEqual(hostOf(host('address: 10.0.0.1'), 'a'), {
    kind: 'host',
    name: 'a',
    address: '10.0.0.1',
    addresses: new Map(),
    roles: [],
    cluster: undefined,
    ports: new Map(),
    services: new Map(),
    facts: new Map(),
    transport: 'ssh2',
    ssh: {},
    sudo: false,
  });
});

test('ssh options of a host stand over the defaults, one by one', (t) => {
  const text = `defaults: { sudo: true, ssh: { user: ops, port: 22, identityFile: ~/.ssh/id, jump: bastion, password: { env: PW } } }
hosts:
  bastion: { address: 192.0.2.1 }
  a: { address: 10.0.0.1, ssh: { port: 2222, host: 192.0.2.2, identityFile: [k1, k2], passphrase: prompt } }
  b: { address: 10.0.0.2, sudo: false }
`;
  const shared = { user: 'ops', jump: 'bastion', password: { env: 'PW' } };
  t.deepEqual(hostOf(text, 'a').ssh, {
    ...shared,
    port: 2222,
    host: '192.0.2.2',
    identityFile: ['k1', 'k2'],
    passphrase: 'prompt',
  });
  t.deepEqual(hostOf(text, 'b').ssh, { ...shared, port: 22, identityFile: ['~/.ssh/id'] });
  t.true(hostOf(text, 'a').sudo);
  t.false(hostOf(text, 'b').sudo);
});

test('the jump host of the defaults is logged in to directly', (t) => {
  const text =
    'defaults: { ssh: { jump: bastion } }\nhosts:\n  bastion: { address: 192.0.2.1 }\n  a: { address: 10.0.0.1 }\n';
  t.deepEqual(hostOf(text, 'bastion').ssh, {});
  t.deepEqual(hostOf(text, 'a').ssh, { jump: 'bastion' });
});

test('a chain of the defaults leads to its own jump hosts as far as they are in it', (t) => {
  const text =
    'defaults: { ssh: { jump: "outer,inner" } }\nhosts:\n  outer: { address: 192.0.2.1 }\n  inner: { address: 192.0.2.2 }\n  a: { address: 10.0.0.1 }\n  b: { address: 10.0.0.2, ssh: { jump: none } }\n';
  const jumps = ['outer', 'inner', 'a', 'b'].map((name) => hostOf(text, name).ssh.jump);
  t.deepEqual(jumps, [undefined, 'outer', 'outer,inner', 'none']);
});

test('the k-th name takes the k-th address, on every network and for the login', (t) => {
  const text =
    'hosts:\n  n[01:03]: { address: "10.0.0.[11:13]", addresses: { backup: "10.1.0.[1:3]" }, ssh: { host: "h[a:c]" }, cluster: east }\n';
  const { members } = parseInventory('f.yaml', text);
  t.deepEqual([...members.keys()], ['n01', 'n02', 'n03']);
  t.like(members.get('n02'), { address: '10.0.0.12', cluster: 'east', ssh: { host: 'hb' } });
  t.is(members.get('n03')?.addresses.get('backup'), '10.1.0.3');
});

test('the k-th name takes the k-th command, and what is no pattern of so many is left as it is', (t) => {
  const text =
    'hosts:\n  db[1:2]: { address: "10.0.0.[1:2]", transport: { command: [kubectl, exec, -i, "pod-[1:2]", "-c", "a[0]", --, sh] } }\n';
  const { members } = parseInventory('f.yaml', text);
  const commandOf = (name: string) => (members.get(name) as Host).command?.join(' ');
  t.is(commandOf('db1'), 'kubectl exec -i pod-1 -c a[0] -- sh');
  t.is(commandOf('db2'), 'kubectl exec -i pod-2 -c a[0] -- sh');
  t.is(members.get('db2')?.kind === 'host' && (members.get('db2') as Host).transport, 'command');
});

test('members stand in the order of the file, names that look like numbers too', (t) => {
  const text =
    'hosts:\n  z: { address: z }\n  "10": { address: ten }\n  "2": { address: two }\nendpoints:\n  "1": { address: one }\n';
  t.deepEqual([...parseInventory('f.yaml', text).members.keys()], ['z', '10', '2', '1']);
});

test('ports are sets, facts keep their kind', (t) => {
  const member = hostOf(
    host('address: 10.0.0.1, ports: { a: 80, b: 20-30, c: [90, "1-2"] }, facts: { v: "8", n: 8, b: true }'),
    'a',
  );
  t.deepEqual(
    [...member.ports],
    [
      ['a', [[80, 80]]],
      ['b', [[20, 30]]],
      [
        'c',
        [
          [1, 2],
          [90, 90],
        ],
      ],
    ],
  );
  t.deepEqual(
    [...member.facts],
    [
      ['v', '8'],
      ['n', 8],
      ['b', true],
    ],
  );
});

test('scenario files are relative to the inventory', (t) => {
  const text = rest(
    'scenarios:\n  exasol: { ports: { database: 8564 } }\n  second: { use: exasol }\n  ours: { file: flows/ours.yaml }\n  theirs: { file: /srv/x.json }\n',
  );
  t.deepEqual(
    parseInventory('site/f.yaml', text).scenarios.map(({ name, source }) => [name, source]),
    [
      ['exasol', { bundled: 'exasol' }],
      ['second', { bundled: 'exasol' }],
      ['ours', { file: 'site/flows/ours.yaml' }],
      ['theirs', { file: '/srv/x.json' }],
    ],
  );
});

test('waivers and IPv6 addresses are kept', (t) => {
  const inventory = parseInventory(
    'f.json',
    JSON.stringify({
      hosts: { a: { address: '2001:db8::1' } },
      waivers: [{ flow: 'exasol/ldap', from: 'a', reason: 'NET-1', until: '2028-02-29' }],
    }),
  );
  t.is(inventory.members.get('a')?.address, '2001:db8::1');
  t.deepEqual(inventory.waivers, [
    { flow: 'exasol/ldap', from: 'a', to: undefined, reason: 'NET-1', until: '2028-02-29' },
  ]);
  t.regex(inventory.sha256, /^[0-9a-f]{64}$/);
});

test('only this machine itself needs no address', (t) => {
  t.like(hostOf('hosts:\n  laptop: { transport: local }\n', 'laptop'), { address: 'laptop', transport: 'local' });
});

test.serial('finds the inventory of the working directory', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'portolan-'));
  const before = process.cwd();
  process.chdir(folder);
  t.teardown(() => {
    process.chdir(before);
    rmSync(folder, { recursive: true });
  });
  t.throws(defaultInventory, {
    message:
      'there is no inventory.json or inventory.yaml in this directory; name one with --inventory FILE, or start from inventory.example.json',
  });
  writeFileSync('inventory.yaml', '');
  t.is(defaultInventory(), 'inventory.yaml');
  writeFileSync('inventory.json', '');
  t.throws(defaultInventory, {
    message: 'there are both inventory.json and inventory.yaml in this directory; say which with --inventory FILE',
  });
});
