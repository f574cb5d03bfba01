import { closeSync, openSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { ExpectedError, exitCodes } from '../model/errors.js';
import { suggestName } from '../model/nearest.js';
import type { Reporter, ReporterStyle, StreamedReport } from '../model/report.js';
import type { CommandIo } from './io.js';

/** Columns of a report in a file. */
const fileWidth = 120;

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
   * {@link ExpectedError} for an unknown name, two on stdout or in one file, a file that the run was made from, or one
   * that cannot be written.
   * @param inputs the inventory and the scenarios, which no report may overwrite
   */
  static open(
    specifications: readonly string[],
    reporters: ReadonlyMap<string, Reporter>,
    inputs: readonly string[] = [],
  ): ReportSinks {
    const wanted = specifications.map((specification) => parseSpecification(specification, reporters));
    refuseClashes(
      wanted.map(({ path }) => path).filter((path) => path !== undefined),
      inputs,
    );
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

  /**
   * Writes the report everywhere, to stdout even where a file failed. Throws an {@link ExpectedError} with exit code 70
   * that names the files which could not be written.
   */
  write(report: StreamedReport, io: CommandIo, verbosity: ReporterStyle['verbosity']): void {
    const failures: string[] = [];
    for (const { reporter, file } of this.#sinks) {
      if (file === undefined) continue;
      try {
        for (const chunk of inBlocks(reporter.render(report, { width: fileWidth, color: false, verbosity })))
          writeFileSync(file.descriptor, chunk);
        closeSync(file.descriptor);
      } catch (error) {
        failures.push(`cannot write report ${file.path}: ${(error as Error).message}`);
      }
    }
    for (const { reporter, file } of this.#sinks) {
      if (file !== undefined) continue;
      for (const chunk of inBlocks(reporter.render(report, { width: io.width, color: io.color, verbosity })))
        io.stdout(chunk);
    }
    if (failures.length > 0) throw new ExpectedError(failures.join('; '), exitCodes.internal);
  }
}

const blockLength = 65_536;

/** The same text in larger pieces: a write for each line of a million would take longer than making them. */
function* inBlocks(chunks: Iterable<string>): Iterable<string> {
  let block: string[] = [];
  let length = 0;
  for (const chunk of chunks) {
    block.push(chunk);
    length += chunk.length;
    if (length < blockLength) continue;
    yield block.join('');
    block = [];
    length = 0;
  }
  if (length > 0) yield block.join('');
}

function parseSpecification(specification: string, reporters: ReadonlyMap<string, Reporter>) {
  const [name, ...rest] = specification.split('=');
  const path = rest.length === 0 ? undefined : rest.join('=');
  const reporter = reporters.get(name!);
  if (reporter === undefined) {
    throw new ExpectedError(`unknown reporter "${name}"; ${suggestName(name!, reporters.keys())}`);
  }
  if (path === '') throw new ExpectedError(`--reporter ${specification} names no file; expected ${name}=FILE`);
  return { reporter, path };
}

function refuseClashes(paths: readonly string[], inputs: readonly string[]): void {
  const read = new Set(inputs.map((input) => resolve(input)));
  const seen = new Set<string>();
  for (const path of paths) {
    const file = resolve(path);
    if (read.has(file))
      throw new ExpectedError(`report ${path} would overwrite a file that this run reads; nothing was probed`);
    // Devices and pipes take any number of writers.
    if (seen.has(file) && !file.startsWith('/dev/'))
      throw new ExpectedError(`two reporters write to ${path}; give each a file of its own`);
    seen.add(file);
  }
}

function openFile(path: string) {
  try {
    return { path, descriptor: openSync(path, 'w') };
  } catch (error) {
    throw new ExpectedError(`cannot write report ${path}: ${(error as Error).message}; nothing was probed`);
  }
}
