import * as z from 'zod';
import { alternatives, suggestName } from '../model/nearest.js';
import { nodeAt, plainValue, type SourceNode, type SourcePath } from './node.js';
import type { Problems } from './problems.js';
import { Remains } from './prune.js';
import type { SourceDocument } from './read.js';

type Issue = z.core.$ZodIssue;

// A schema is used once or twice in a run: compiling it takes longer than all its uses.
z.config({ jitless: true });

/** What is left of a document once everything that does not fit is taken out of it. */
export interface Validated<T> {
  readonly value: T;
  /** The document, whose `lineOf` takes paths of the value that is left. */
  readonly document: SourceDocument;
}

/** Taking out one thing can make what holds it unfit in turn; no schema here is deeper. */
const pruningRounds = 10;

/**
 * Checks a document against a schema and adds every problem. Where there are some, what fits is given back all the
 * same, so that the checks which need more than a schema add theirs: the caller must not use the value for more than
 * that. A schema says what it expects by its `error` text, `a port from 1 to 65535`; the sentence is made here.
 */
export function validate<T>(
  schema: z.ZodType<T>,
  document: SourceDocument,
  problems: Problems,
): Validated<T> | undefined {
  for (const { key, position, first } of document.duplicates) {
    problems.addAtLine(document, position.line, `duplicate key "${key}"`, `it is in line ${first.line} already`);
  }
  const first = schema.safeParse(document.value, { error: expectation });
  if (first.success) return { value: first.data, document };
  for (const issue of first.error.issues) report(issue, [], document, problems);
  const remains = new Remains(plainValue(document.root));
  let { issues } = first.error;
  for (let round = 0; round < pruningRounds; round++) {
    if (!remains.prune(issues)) return undefined;
    const result = schema.safeParse(remains.value, { error: expectation });
    if (result.success) {
      const lineOf = (path: SourcePath) => document.lineOf(remains.originOf(path));
      return { value: result.data, document: { ...document, lineOf } };
    }
    issues = result.error.issues;
  }
  return undefined;
}

/** Values under these keys are never repeated in a message: they may be secrets, put where they do not belong. */
const secretKey = /password|passphrase|secret|token|private/i;

/** What a schema without an `error` text of its own expects. For unknown keys: the known ones. */
function expectation(issue: z.core.$ZodRawIssue): string {
  switch (issue.code) {
    case 'unrecognized_keys':
      return JSON.stringify(Object.keys((issue.inst as unknown as z.ZodObject)._zod.def.shape));
    case 'invalid_value':
      return alternatives((issue.values as unknown[]).map(String));
    case 'invalid_type':
      return typeNames[String(issue.expected)] ?? String(issue.expected);
    case 'too_small':
      return issue.origin === 'array' ? 'at least one entry' : 'some text';
    default:
      return 'something else';
  }
}

const typeNames: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
  record: 'a mapping',
};

function report(issue: Issue, base: SourcePath, document: SourceDocument, problems: Problems): void {
  const path = [...base, ...(issue.path as SourcePath)];
  if (issue.code === 'unrecognized_keys') {
    const known = JSON.parse(issue.message) as string[];
    const secret = path.some((step) => secretKey.test(String(step)));
    for (const key of issue.keys) {
      const within = path.length === 0 ? '' : ` in ${pathText(path)}`;
      problems.add(
        document,
        [...path, key],
        `unknown key${secret ? '' : ` "${key}"`}${within}`,
        suggestName(secret ? '' : key, known),
      );
    }
    return;
  }
  if (issue.code === 'invalid_union') {
    const found = nodeAt(document.root, path);
    const meant = branchMeant(issue.errors, found?.kind === 'scalar' && typeof found.value === 'string');
    if (meant !== undefined) {
      for (const inner of meant) report(inner, path, document, problems);
      return;
    }
  }
  if (issue.code === 'invalid_key') {
    const key = String(path.at(-1));
    problems.add(document, path, `the name "${key}"`, `expected ${issue.issues[0]?.message ?? issue.message}`);
    return;
  }
  const node = nodeAt(document.root, path);
  const value = node?.kind === 'scalar' ? node.value : undefined;
  const names = issue.code === 'invalid_value' ? issue.values.map(String) : [];
  // Only where the schema has no text of its own.
  const choice = typeof value === 'string' && value !== '' && issue.message === alternatives(names);
  const found = node === undefined ? 'is missing' : `is ${describe(node, path)}`;
  const subject = path.length === 0 ? 'the file' : pathText(path);
  // `exasol:` with nothing after it is what people write who have nothing to change.
  const empty = value === null && issue.message === typeNames.object ? '; write {} where there is nothing to say' : '';
  problems.add(
    document,
    path,
    `${subject} ${found}`,
    choice ? suggestName(value, names) : `expected ${issue.message}${empty}`,
  );
}

/** Of a union: the one branch whose general shape fits, so that the fault is inside of it. A text may be meant for a name. */
function branchMeant(branches: readonly (readonly Issue[])[], isText: boolean): readonly Issue[] | undefined {
  const isChoice = (issue: Issue) => isText && issue.code === 'invalid_value' && issue.values.length > 1;
  const fitting = branches.filter((issues) =>
    issues.every((issue) => issue.path.length > 0 || issue.code === 'unrecognized_keys' || isChoice(issue)),
  );
  return fitting.length === 1 ? fitting[0] : undefined;
}

function pathText(path: SourcePath): string {
  let text = '';
  for (const step of path) {
    if (typeof step === 'number') text += `[${step + 1}]`;
    else text += text === '' ? step : `.${step}`;
  }
  return text;
}

function describe(node: SourceNode, path: SourcePath): string {
  if (node.kind === 'list') return node.items.length === 0 ? 'an empty list' : 'a list';
  if (node.kind === 'mapping') return node.entries.size === 0 ? 'an empty mapping' : 'a mapping';
  if (node.value === null) return 'empty';
  if (path.some((step) => typeof step === 'string' && secretKey.test(step))) return 'written out';
  if (typeof node.value !== 'string') return String(node.value);
  if (node.value === '') return 'empty text';
  return `"${node.value.length > 40 ? `${node.value.slice(0, 40)}…` : node.value}"`;
}
