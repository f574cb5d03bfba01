import { readFileSync } from 'node:fs';
import { ExpectedError } from '../model/errors.js';
import type { Report } from '../model/report.js';
import { reportSchema } from '../report/schema.js';

/** Reads a report that was saved as JSON. Throws an {@link ExpectedError} that names the file and what is wrong with it. */
export function readReport(file: string): Report {
  const value = parsed(file, textOf(file));
  const result = reportSchema.safeParse(value);
  if (result.success) return result.data;
  const { message, path } = result.error.issues[0]!;
  const where = path.length === 0 ? '' : `, at ${path.join('.')}`;
  throw new ExpectedError(
    `${file} is not a report of portolan.report/1${where}: ${message}; expected what --reporter json writes`,
  );
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new ExpectedError(`cannot read ${file}: ${code === 'ENOENT' ? 'there is no such file' : message}`);
  }
}

/** Without positions: a report of a large site is hundreds of megabytes, and nobody wrote it by hand. */
function parsed(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ExpectedError(
      `${file} is not JSON: ${(error as SyntaxError).message}; expected what --reporter json writes`,
    );
  }
}
