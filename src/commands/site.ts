import { checkAgainstScenarios } from '../inventory/check.js';
import type { LoadedInventory } from '../inventory/load.js';
import { defaultInventory, readInventory } from '../inventory/load.js';
import type { BoundScenario } from '../model/scenario.js';
import { ScenarioBinder } from '../scenario/bind.js';
import { Problems } from '../source/problems.js';

/** What the user wrote, read and checked. */
export interface Site {
  readonly inventory: LoadedInventory;
  readonly scenarios: readonly BoundScenario[];
}

/**
 * Reads the inventory (the working directory's where none is named) and the scenarios of a run (the inventory's own
 * where none is requested), and reports everything that is wrong with any of them in one ExpectedError.
 */
export function loadSite(inventoryFile: string | undefined, requested: readonly string[]): Site {
  const problems = new Problems();
  const inventory = readInventory(inventoryFile ?? defaultInventory(), problems);
  if (inventory !== undefined) {
    const scenarios = scenariosOf(inventory, requested, problems);
    problems.throwIfAny();
    return { inventory, scenarios };
  }
  problems.throwIfAny();
  throw new Error('an inventory without problems is an inventory');
}

function scenariosOf(inventory: LoadedInventory, requested: readonly string[], problems: Problems) {
  const binder = new ScenarioBinder(inventory, problems);
  const scenarios = binder.requested(requested);
  checkAgainstScenarios(inventory, scenarios, () => binder.further(), problems);
  return scenarios;
}
