import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * ssh binds a control socket under its path and 17 more characters, and a socket's path has at most 107 on Linux and 103
 * on macOS, whose own temporary folders are long.
 */
const longestParent = 60;

// Ends the masters that are left, also those with sessions still open, and removes the folder.
const guardScript = `
read -r end
for socket in "$1"/*; do [ ! -S "$socket" ] || "$2" -F none -O exit -S "$socket" master; done
rm -rf -- "$1"
`;

/** A folder that only this user can read, for one run's control sockets; it goes when the run does. */
export interface PrivateFolder {
  /** A path in it that nothing has yet. */
  fresh(): string;
  /** Writes a program into it, and returns its path. */
  program(name: string, text: string): Promise<string>;
  /** Removes the folder. Never rejects. */
  remove(): Promise<void>;
}

/**
 * Makes the folder. A small shell process removes it, and ends the masters in it with `client`, as soon as its own input
 * ends, which the kernel sees to also where this process is killed: an ssh that is still logging in then finds no place for
 * its socket, and ends.
 */
export async function makePrivateFolder(client: string): Promise<PrivateFolder> {
  // In a path, ssh and the shell have uses for other characters.
  const plain = tmpdir().length <= longestParent && /^[\w/.-]+$/.test(tmpdir());
  const parent = plain ? tmpdir() : '/tmp';
  const path = await mkdtemp(join(parent, 'portolan-'));
  const { execa } = await import('execa');
  // In a session of its own: Ctrl-C at the terminal must not reach it.
  const guard = execa('sh', ['-c', guardScript, 'sh', path, client], {
    stdin: 'pipe',
    stdout: 'ignore',
    stderr: 'ignore',
    detached: true,
    cleanup: false,
    reject: false,
  });
  // The pipe alone must not keep this process alive.
  guard.unref();
  let count = 0;
  return {
    fresh() {
      count += 1;
      return join(path, String(count));
    },
    async program(name, text) {
      const file = join(path, name);
      await writeFile(file, text, { mode: 0o700 });
      return file;
    },
    async remove() {
      guard.ref();
      guard.stdin.end();
      await guard;
    },
  };
}
