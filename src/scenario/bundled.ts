import { packagedFiles } from '../packaged.js';

/** The names of the scenarios that ship with the package, sorted. */
export function bundledScenarioNames(): readonly string[] {
  return packagedFiles('scenarios')
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => file.slice(0, -'.yaml'.length))
    .sort();
}
