import { packagedFiles, readPackaged } from '../packaged.js';
import type { SourceNode } from '../source/node.js';
import { fromTreeJson, type TreeJson } from '../source/tree-json.js';

const file = 'scenarios.json';

/** Written by build/parse-scenarios.js, by the SHA-256 of the text; whoever edits a scenario falls back to the text. */
let trees: Readonly<Record<string, TreeJson>> | undefined;

/**
 * The tree of a bundled scenario as the build parsed it. The four documents take the YAML library longer than all the
 * rest of `portolan plan`.
 */
export function parsedAhead(sha256: string): SourceNode | undefined {
  trees ??= packagedFiles('dist').includes(file) ? JSON.parse(readPackaged(`dist/${file}`)) : {};
  const tree = trees![sha256];
  return tree === undefined ? undefined : fromTreeJson(tree);
}
