import type * as z from 'zod';
import type { SourcePath } from './node.js';

type Container = Record<string, unknown> | unknown[];

/** A plain value from which parts are taken out, and which remembers what stood where. */
export class Remains {
  /** Of lists that have lost items: where the remaining ones stood. */
  private readonly origins = new WeakMap<unknown[], number[]>();

  constructor(readonly value: unknown) {}

  /** Takes out what the issues are about; false where that is everything. */
  prune(issues: readonly z.core.$ZodIssue[]): boolean {
    const doomed = issues.flatMap((issue) => this.doomedBy(issue));
    if (doomed.some((path) => path.length === 0)) return false;
    // Later list items first, so that the paths of the earlier ones stay true.
    doomed.sort((a, b) => comparePaths(b, a));
    let previous = '';
    for (const path of doomed) {
      const key = JSON.stringify(path);
      if (key !== previous) this.remove(path);
      previous = key;
    }
    return true;
  }

  /** Where the value at a path of what is left stood in the beginning. */
  originOf(path: SourcePath): SourcePath {
    let at: unknown = this.value;
    return path.map((step) => {
      const origin = Array.isArray(at) && typeof step === 'number' ? (this.origins.get(at)?.[step] ?? step) : step;
      at = (at as Container | undefined)?.[step as keyof Container];
      return origin;
    });
  }

  /** Unknown keys go by themselves; a missing one takes what lacks it along. */
  private doomedBy(issue: z.core.$ZodIssue): SourcePath[] {
    const path = issue.path as SourcePath;
    if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => [...path, key]);
    const holder = this.at(path.slice(0, -1));
    const missing = typeof holder !== 'object' || holder === null || !((path.at(-1) ?? '') in holder);
    return [missing ? path.slice(0, -1) : path];
  }

  private at(path: SourcePath): unknown {
    let at: unknown = this.value;
    for (const step of path) at = (at as Container | undefined)?.[step as keyof Container];
    return at;
  }

  private remove(path: SourcePath): void {
    const holder = this.at(path.slice(0, -1));
    const step = path.at(-1)!;
    if (Array.isArray(holder)) {
      const origins = this.origins.get(holder) ?? holder.map((_, index) => index);
      holder.splice(Number(step), 1);
      origins.splice(Number(step), 1);
      this.origins.set(holder, origins);
    } else if (typeof holder === 'object' && holder !== null) {
      delete (holder as Record<string, unknown>)[step];
    }
  }
}

function comparePaths(a: SourcePath, b: SourcePath): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const [left, right] = [a[i]!, b[i]!];
    if (left === right) continue;
    if (typeof left === 'number' && typeof right === 'number') return left - right;
    return String(left) < String(right) ? -1 : 1;
  }
  return a.length - b.length;
}
