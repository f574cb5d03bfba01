import type { MappingNode, SourcePath } from '../source/node.js';
import type { Problems } from '../source/problems.js';
import type { SourceDocument } from '../source/read.js';
import { expandPattern, PatternProblem } from './pattern.js';

export interface Names {
  /** Every host and endpoint of the file, and where it stands. */
  readonly all: ReadonlyMap<string, SourcePath>;
  /** The names that a key of `hosts` or `endpoints` stands for; undefined where the key is no good. */
  of(section: 'hosts' | 'endpoints', key: string): readonly string[] | undefined;
}

/** Expands every key of `hosts` and `endpoints`, and refuses names that are none or are there twice. */
export function namesOf(document: SourceDocument, problems: Problems): Names {
  const all = new Map<string, SourcePath>();
  const byKey = new Map<string, readonly string[]>();
  for (const section of ['hosts', 'endpoints'] as const) {
    for (const key of keysOf(document, section)) {
      const names = expandKey(document, [section, key], problems);
      if (names === undefined) continue;
      byKey.set(`${section}/${key}`, names);
      for (const name of names) claim(name, [section, key], document, all, problems);
    }
  }
  return { all, of: (section, key) => byKey.get(`${section}/${key}`) };
}

function keysOf(document: SourceDocument, section: string): readonly string[] {
  const root = document.root as MappingNode;
  const node = root.entries.get(section)?.node;
  return node?.kind === 'mapping' ? [...node.entries.keys()] : [];
}

function expandKey(document: SourceDocument, path: SourcePath, problems: Problems): readonly string[] | undefined {
  const key = String(path[1]);
  try {
    const names = expandPattern(key);
    if (names.every((name) => /^[\p{L}\p{N}_][\p{L}\p{N}_.-]*$/u.test(name))) return names;
    problems.add(
      document,
      path,
      `the name "${key}"`,
      'expected letters, digits, ".", "_" and "-", or a pattern such as "node[1:20]"',
    );
  } catch (error) {
    if (!(error instanceof PatternProblem)) throw error;
    problems.add(document, path, `the pattern "${key}" cannot be expanded`, error.message);
  }
  return undefined;
}

function claim(
  name: string,
  path: SourcePath,
  document: SourceDocument,
  all: Map<string, SourcePath>,
  problems: Problems,
): void {
  const first = all.get(name);
  if (first === undefined) {
    all.set(name, path);
    return;
  }
  const key = String(first[1]);
  const written = key === name ? 'it' : `"${key}"`;
  problems.add(document, path, `duplicate name "${name}"`, `${written} is in line ${document.lineOf(first)} already`);
}
