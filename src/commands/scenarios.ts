import { ExpectedError } from '../model/errors.js';
import { suggestName } from '../model/nearest.js';
import type { Scenario } from '../model/scenario.js';
import { scenarioListText, scenarioText } from '../report/scenario-text.js';
import { isPath } from '../scenario/bind.js';
import { bundledScenarioNames } from '../scenario/bundled.js';
import { loadScenario } from '../scenario/load.js';

/** `portolan scenarios list`: the scenarios that ship with the package. */
export function listScenarios(width: number): string {
  return scenarioListText(
    bundledScenarioNames().map((bundled) => loadScenario({ bundled })),
    width,
  );
}

/** `portolan scenarios show NAME`: all of one scenario, a bundled one's name or a file. */
export function showScenario(request: string, width: number): string {
  return scenarioText(requested(request), width);
}

/** `portolan scenarios validate FILE...`: a line for each file. Throws an {@link ExpectedError} with every problem of all files. */
export function validateScenarios(files: readonly string[]): string {
  const problems: string[] = [];
  const lines: string[] = [];
  for (const file of files) {
    try {
      lines.push(`${file}: ${summaryOf(loadScenario({ file }))}\n`);
    } catch (error) {
      if (!(error instanceof ExpectedError)) throw error;
      problems.push(error.message);
    }
  }
  if (problems.length > 0) throw new ExpectedError(problems.join('\n'));
  return lines.join('');
}

function requested(request: string): Scenario {
  if (isPath(request)) return loadScenario({ file: request });
  const bundled = bundledScenarioNames();
  if (bundled.includes(request)) return loadScenario({ bundled: request });
  throw new ExpectedError(`unknown scenario "${request}"; ${suggestName(request, bundled)}`);
}

function summaryOf({ name, flows, occupancy, rules }: Scenario): string {
  const counts = [
    counted(flows.length, 'flow'),
    ...(occupancy.length > 0 ? [counted(occupancy.length, 'occupancy item')] : []),
    ...(rules.length > 0 ? [counted(rules.length, 'rule')] : []),
  ];
  return `valid, scenario ${name} with ${counts.join(', ')}`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
