import type { Reporter } from '../model/report.js';
import { jsonReporter } from './json.js';
import { ndjsonReporter } from './ndjson.js';
import { tableReporter } from './table/table.js';

/** Every reporter by name; `--reporter`, its help and its validation are made from this list. */
export const reporters: ReadonlyMap<string, Reporter> = new Map(
  [tableReporter, jsonReporter, ndjsonReporter].map((reporter) => [reporter.name, reporter]),
);
