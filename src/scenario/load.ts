import type { ScenarioInstance } from '../model/inventory.js';
import type { Scenario } from '../model/scenario.js';
import { readPackaged } from '../packaged.js';
import { refuseShortened } from '../source/fact-value.js';
import { Problems } from '../source/problems.js';
import { parseSource, readSource, type SourceDocument } from '../source/read.js';
import { validate } from '../source/validate.js';
import { buildScenario } from './build.js';
import { parsedAhead } from './parsed-ahead.js';
import { type ScenarioFile, scenarioSchema } from './schema.js';

/** Reads a scenario, bundled or a file. Throws one ExpectedError with everything that is wrong with it. */
export function loadScenario(source: ScenarioInstance['source']): Scenario {
  const problems = new Problems();
  const scenario = readScenario(source, problems);
  problems.throwIfAny();
  return scenario!;
}

/** The same, with the problems left to the caller; what comes back beside problems is only good for finding more. */
export function readScenario(source: ScenarioInstance['source'], problems: Problems): Scenario | undefined {
  const file = 'bundled' in source ? `scenarios/${source.bundled}.yaml` : source.file;
  return scenarioFrom(
    'bundled' in source ? parseSource(file, readPackaged(file), parsedAhead) : readSource(file),
    problems,
  );
}

/** A scenario from a document that was read already. */
export function scenarioFrom(document: SourceDocument, problems: Problems): Scenario | undefined {
  const valid = document.checkedAhead
    ? { value: document.value as ScenarioFile, document }
    : validate(scenarioSchema, document, problems);
  if (valid === undefined) return undefined;
  for (const fact of Object.keys(valid.value.facts ?? {}))
    refuseShortened(document, ['facts', fact, 'default'], problems);
  return buildScenario(valid.value, valid.document, problems);
}
