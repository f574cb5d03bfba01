import { accessSync, constants, readdirSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Interpreters that a host can be given; the others are hidden from it. */
export const interpreterNames = ['python3', 'python2', 'perl', 'bash', 'nc'] as const;
export type InterpreterName = (typeof interpreterNames)[number];

const patterns: Record<InterpreterName, RegExp> = {
  python3: /^(?:python|python3|python3\.\d+|platform-python)$/,
  python2: /^(?:python2|python2\.\d+)$/,
  perl: /^perl(?:5[\w.-]*)?$/,
  bash: /^r?bash$/,
  nc: /^(?:nc|nc\.\w+|ncat|netcat|busybox)$/,
};

/** Where sshd's sessions look for programs, and where Red Hat hides its own python. */
const directories = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin', '/usr/libexec'];

/** Not the test process's own: `npm test` puts the packages' programs before it, and one of them is called nft. */
export const systemPath = directories.slice(0, 6).join(':');

/** Every file that a host could start this interpreter by. */
export function interpretersOnPath(name: InterpreterName): readonly string[] {
  return directories.flatMap((directory) => {
    try {
      return readdirSync(directory)
        .filter((file) => patterns[name].test(file))
        .map((file) => join(directory, file));
    } catch {
      return [];
    }
  });
}

/** The full path of a tool in those directories. */
export function pathOf(tool: string): string | undefined {
  return directories
    .map((directory) => join(directory, tool))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/**
 * The folder of the python 2.7 that `PORTOLAN_PYTHON2` names: what holds its `bin` and `lib`. Undefined without one:
 * Debian has none any more.
 */
export function python2Prefix(): string | undefined {
  const program = process.env.PORTOLAN_PYTHON2;
  return program === undefined || program === '' ? undefined : dirname(dirname(realpathSync(program)));
}
