import type { Reporter } from '../model/report.js';
import { jsonReporter } from './json.js';
import { ndjsonReporter } from './ndjson.js';
import { tableReporter } from './table/table.js';

/** Every reporter by name; `--reporter` knows what is here, and a test holds its help to it. */
export const reporters: ReadonlyMap<string, Reporter> = new Map(
  [tableReporter, jsonReporter, ndjsonReporter].map((reporter) => [reporter.name, reporter]),
);
