import { closeSync, openSync, writeFileSync } from 'node:fs';
import { ExpectedError, exitCodes } from '../model/errors.js';
import type { Report, Reporter, ReporterStyle } from '../model/report.js';
import type { CommandIo } from './io.js';

const pipedWidth = 120;

interface Sink {
  readonly reporter: Reporter;
  readonly file: { readonly path: string; readonly descriptor: number } | undefined;
}

/** The reporters of a run, their files open before the first packet is sent. */
export class ReportSinks {
  readonly #sinks: readonly Sink[];

  private constructor(sinks: readonly Sink[]) {
    this.#sinks = sinks;
  }

  /**
   * Reads `NAME[=FILE]` specifications and opens their files; `table` is added unless one of them uses stdout. Throws an
   * {@link ExpectedError} for an unknown name, two on stdout, or a file that cannot be written.
   */
  static open(specifications: readonly string[], reporters: ReadonlyMap<string, Reporter>): ReportSinks {
    const wanted = specifications.map((specification) => parseSpecification(specification, reporters));
    const onStdout = wanted.filter(({ path }) => path === undefined);
    if (onStdout.length > 1) {
      const names = onStdout.map(({ reporter }) => reporter.name).join(' and ');
      throw new ExpectedError(`reporters ${names} both write to stdout; give all but one a file: --reporter NAME=FILE`);
    }
    if (onStdout.length === 0) wanted.push({ reporter: reporters.get('table')!, path: undefined });
    return new ReportSinks(
      wanted.map(({ reporter, path }) => ({ reporter, file: path === undefined ? undefined : openFile(path) })),
    );
  }

  /** Writes the report everywhere. Throws an {@link ExpectedError} with exit code 70 where a file cannot be written. */
  write(report: Report, io: CommandIo, verbosity: ReporterStyle['verbosity']): void {
    // Files first: a reader of stdout that goes away must not cost the report on disk.
    for (const { reporter, file } of this.#sinks) {
      if (file === undefined) continue;
      try {
        for (const chunk of reporter.render(report, { width: pipedWidth, color: false, verbosity }))
          writeFileSync(file.descriptor, chunk);
        closeSync(file.descriptor);
      } catch (error) {
        throw new ExpectedError(`cannot write report ${file.path}: ${(error as Error).message}`, exitCodes.internal);
      }
    }
    for (const { reporter, file } of this.#sinks) {
      if (file !== undefined) continue;
      for (const chunk of reporter.render(report, { width: io.width, color: io.color, verbosity })) io.stdout(chunk);
    }
  }
}

function parseSpecification(specification: string, reporters: ReadonlyMap<string, Reporter>) {
  const [name, ...rest] = specification.split('=');
  const path = rest.length === 0 ? undefined : rest.join('=');
  const reporter = reporters.get(name!);
  if (reporter === undefined) {
    throw new ExpectedError(`unknown reporter "${name}"; expected one of ${[...reporters.keys()].join(', ')}`);
  }
  if (path === '') throw new ExpectedError(`--reporter ${specification} names no file; expected ${name}=FILE`);
  return { reporter, path };
}

function openFile(path: string) {
  try {
    return { path, descriptor: openSync(path, 'w') };
  } catch (error) {
    throw new ExpectedError(`cannot write report ${path}: ${(error as Error).message}; nothing was probed`);
  }
}
