import { readdir, readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join, sep } from 'node:path';
import { glob } from 'ssh-config';

/** OpenSSH gives up at this depth as well. */
const maximumDepth = 16;

/**
 * The text of a configuration file with `Include` replaced by the files it names; empty where there is no such file.
 * With a target, an Include inside a Host block is followed only where the block speaks of the target; without, all are.
 */
export async function readConfigText(file: string, target: string | undefined, depth = 0): Promise<string> {
  const text = await readFile(file, 'utf8').catch(() => '');
  const lines: string[] = [];
  let block = 'Host *';
  for (const line of text.split('\n')) {
    const [, name, value] = /^\s*(\w+)(?:\s*=\s*|\s+)(.*?)\s*$/.exec(line) ?? [];
    const keyword = name?.toLowerCase();
    if (keyword === 'host' || keyword === 'match') block = line;
    if (keyword !== 'include') {
      lines.push(line);
      continue;
    }
    if (depth >= maximumDepth || !speaksOf(block, target)) continue;
    for (const pattern of value!.match(/"[^"]*"|\S+/g) ?? []) {
      const found = await expandPaths(absolute(pattern.replaceAll('"', ''), file));
      for (const path of found) lines.push(await readConfigText(path, target, depth + 1));
    }
    // Host blocks of an included file end with it.
    lines.push(block);
  }
  return lines.join('\n');
}

/** The names of all directives in a text, in lower case. */
export function directiveNames(text: string): readonly string[] {
  return text.split('\n').flatMap((line) => /^\s*(\w+)/.exec(line)?.[1]?.toLowerCase() ?? []);
}

function speaksOf(block: string, target: string | undefined): boolean {
  if (target === undefined) return true;
  const [, keyword, patterns] = /^\s*(\w+)(?:\s*=\s*|\s+)(.*?)\s*$/.exec(block) ?? [];
  if (keyword?.toLowerCase() === 'match') return patterns?.toLowerCase() === 'all';
  return glob((patterns ?? '*').split(/\s+/), target);
}

/** ssh resolves relative names against ~/.ssh, and those of the system's file against /etc/ssh: the file's own folder. */
function absolute(pattern: string, file: string): string {
  if (pattern.startsWith('~/')) {
    const home = file.endsWith(join('.ssh', 'config')) ? dirname(dirname(file)) : homedir();
    return join(home, pattern.slice(2));
  }
  return isAbsolute(pattern) ? pattern : join(dirname(file), pattern);
}

/** The files a pattern names, sorted as glob(3) sorts them. */
async function expandPaths(pattern: string): Promise<readonly string[]> {
  let paths: string[] = [sep];
  for (const part of pattern.split(sep).filter((name) => name !== '')) {
    if (!/[*?]/.test(part)) {
      paths = paths.map((path) => join(path, part));
      continue;
    }
    const listed = await Promise.all(
      paths.map(async (path) => {
        const names = await readdir(path).catch(() => []);
        return names.filter((name) => !name.startsWith('.') && glob(part, name)).map((name) => join(path, name));
      }),
    );
    paths = listed.flat().sort();
  }
  return paths;
}
