import { chmodSync, chownSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type InterpreterName, interpreterNames, interpretersOnPath, python2Prefix } from './interpreters.js';

export const ordinaryUser = 'ops';
const ordinaryId = 20_001;

export interface FileSettings {
  readonly shell: string;
  /** Files of the ordinary user's home, `.bashrc`: they make noise, or worse. */
  readonly home: Readonly<Record<string, string>>;
  readonly interpreters: readonly InterpreterName[];
  /** Programs put in the place of the machine's own, by path: `{ '/usr/bin/python3': '#!/bin/sh\nexit 1\n' }`. */
  readonly programs: Readonly<Record<string, string>>;
  /** Lines of sshd_config; sshd takes the first value it reads, so these win. */
  readonly sshd: readonly string[];
  readonly motd: string;
  /** Lines of /etc/hosts beside localhost. */
  readonly names: readonly string[];
}

/** Where a host's own files are on the test machine. */
export interface HostFiles {
  readonly folder: string;
  /** Shell commands that put them over the machine's own, inside the host's mount namespace. */
  readonly mounts: readonly string[];
}

const etc = ['passwd', 'shadow', 'group', 'hosts', 'resolv.conf', 'nsswitch.conf', 'motd'];

/** Writes a host's private files; the keys of `/etc/ssh` are written by the caller. */
export function writeHostFiles(folder: string, settings: FileSettings, authorizedKey: string): HostFiles {
  const write = (file: string, text: string, mode = 0o644) => {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
    chmodSync(join(folder, file), mode);
  };
  write('etc/passwd', passwd(settings.shell));
  write('etc/shadow', 'root:*:19000::::::\nops:*:19000::::::\nsshd:*:19000::::::\n', 0o600);
  write('etc/group', `root:x:0:\n${ordinaryUser}:x:${ordinaryId}:\nnogroup:x:65534:\n`);
  write('etc/hosts', ['127.0.0.1 localhost', ...settings.names, ''].join('\n'));
  write('etc/resolv.conf', '');
  write('etc/nsswitch.conf', 'passwd: files\ngroup: files\nshadow: files\nhosts: files\n');
  write('etc/motd', settings.motd);
  write('etc/ssh/sshd_config', sshdConfig(settings.sshd));
  for (const [home, id] of [
    ['root', 0],
    [`home/${ordinaryUser}`, ordinaryId],
  ] as const) {
    const files = { '.ssh/authorized_keys': `${authorizedKey}\n`, ...(id === 0 ? {} : settings.home) };
    for (const [file, text] of Object.entries(files)) write(`${home}/${file}`, text, 0o600);
    for (const file of Object.keys(files)) own(join(folder, home), file, id);
  }
  chmodSync(join(folder, 'root'), 0o700);
  write('unexecutable', '', 0o644);
  const programs = Object.entries(settings.programs).map(([path, text], index) => {
    write(`programs/${index}`, text, 0o755);
    return `mount --bind ${join(folder, `programs/${index}`)} $(readlink -f ${path})`;
  });
  return { folder, mounts: mounts(folder, settings.interpreters, programs) };
}

function own(home: string, file: string, id: number): void {
  for (let path = file; ; path = dirname(path)) {
    chownSync(join(home, path), id, id);
    if (path === '.') return;
  }
}

function passwd(shell: string): string {
  return [
    'root:x:0:0:root:/root:/bin/sh',
    `${ordinaryUser}:x:${ordinaryId}:${ordinaryId}::/home/${ordinaryUser}:${shell}`,
    'sshd:x:103:65534::/run/sshd:/usr/sbin/nologin',
    'nobody:x:65534:65534::/nonexistent:/usr/sbin/nologin',
    '',
  ].join('\n');
}

function sshdConfig(lines: readonly string[]): string {
  return [
    ...lines,
    'HostKey /etc/ssh/ssh_host_ed25519_key',
    'UsePAM no',
    'PasswordAuthentication no',
    'PermitRootLogin prohibit-password',
    'LogLevel VERBOSE',
    '',
  ].join('\n');
}

function mounts(
  folder: string,
  interpreters: readonly InterpreterName[],
  programs: readonly string[],
): readonly string[] {
  const bind = (from: string, to: string) => `mount --bind ${join(folder, from)} ${to}`;
  const hidden = interpreterNames.filter((name) => !interpreters.includes(name)).flatMap(interpretersOnPath);
  return [
    // First: it may lie below /root, which is bound over.
    ...(interpreters.includes('python2') ? installPython2() : []),
    ...etc.filter((file) => existsSync(`/etc/${file}`)).map((file) => bind(`etc/${file}`, `/etc/${file}`)),
    bind('etc/ssh', '/etc/ssh'),
    bind('home', '/home'),
    bind('root', '/root'),
    // A file without the x bit is passed over in the search for a command, as one that is not there is.
    ...hidden.map((file) => bind('unexecutable', `$(readlink -f ${file})`)),
    ...programs,
    'mount -t tmpfs tmpfs /run && mkdir /run/sshd',
    'mount -t tmpfs -o mode=1777 tmpfs /var/tmp',
    'mount -t tmpfs -o mode=1777 tmpfs /dev/shm',
    // Last: the files above are bound from a folder that may lie in it.
    'mount -t tmpfs -o mode=1777 tmpfs /tmp',
  ];
}

/** Makes it `python`, `python2` and `python2.7`, as CentOS 7 has it. */
function installPython2(): readonly string[] {
  const prefix = python2Prefix();
  if (prefix === undefined) throw new Error('a host with python 2 needs PORTOLAN_PYTHON2 to name one');
  return [
    'mount -t tmpfs -o mode=755 tmpfs /opt && mkdir /opt/python2',
    `mount --bind ${prefix} /opt/python2`,
    'mount -t tmpfs -o mode=755 tmpfs /usr/local/bin',
    // It may have been built to look for its library where it was.
    `printf '#!/bin/sh\\nLD_LIBRARY_PATH=/opt/python2/lib exec /opt/python2/bin/python2.7 "$@"\\n' >/usr/local/bin/python`,
    'chmod 755 /usr/local/bin/python',
    'for name in python2 python2.7; do ln -s python /usr/local/bin/$name; done',
  ];
}
