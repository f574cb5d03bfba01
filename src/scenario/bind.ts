import { ExpectedError } from '../model/errors.js';
import type { Inventory, ScenarioInstance } from '../model/inventory.js';
import { alternatives, suggestName } from '../model/nearest.js';
import type { BoundScenario, Scenario } from '../model/scenario.js';
import { Problems } from '../source/problems.js';
import type { SourceDocument } from '../source/read.js';
import { bundledScenarioNames } from './bundled.js';
import { readScenario } from './load.js';

/** An inventory that knows where its `scenarios` are written. */
export type PositionedInventory = Inventory & { readonly document: SourceDocument };

/**
 * The scenarios of a run, with the site's values: those requested, else the inventory's own. A request is the name of
 * an instance of the inventory, a bundled name, or a path. Throws one ExpectedError with all that is wrong.
 */
export function bindScenarios(inventory: PositionedInventory, requested: readonly string[]): readonly BoundScenario[] {
  const problems = new Problems();
  const bound = new ScenarioBinder(inventory, problems).requested(requested);
  problems.throwIfAny();
  return bound;
}

/** Binds scenarios one by one; each file is read once. */
export class ScenarioBinder {
  private readonly read = new Map<string, Scenario | undefined>();
  private readonly bound = new Map<string, BoundScenario | undefined>();
  private readonly bundled = bundledScenarioNames();
  /** Instances whose own entry was checked: a run may ask for one more than once. */
  private readonly checked = new Set<string>();

  constructor(
    private readonly inventory: PositionedInventory,
    private readonly problems: Problems,
  ) {}

  requested(names: readonly string[]): readonly BoundScenario[] {
    if (names.length === 0) return this.own();
    const chosen = new Map<string, BoundScenario>();
    for (const name of names) {
      const bound = this.one(name);
      if (bound === undefined) continue;
      const same = chosen.get(bound.name);
      if (same !== undefined && same !== bound) {
        this.problems.say(
          `two scenarios are named "${bound.name}": ${same.scenario.file} and ${bound.scenario.file}; give one of them another name`,
        );
      }
      chosen.set(bound.name, bound);
    }
    return [...chosen.values()];
  }

  /** Every other scenario that the inventory may speak of: its further instances, and what is bundled. */
  further(): readonly BoundScenario[] {
    const instances = this.inventory.scenarios.map((instance) => this.instance(instance));
    const names = new Set(this.inventory.scenarios.map(({ name }) => name));
    const bundled = this.bundled.filter((name) => !names.has(name)).map((name) => this.plain({ bundled: name }, name));
    return [...instances, ...bundled].filter((bound) => bound !== undefined);
  }

  private own(): readonly BoundScenario[] {
    const { file, scenarios } = this.inventory;
    if (scenarios.length > 0) return scenarios.map((one) => this.instance(one)).filter((bound) => bound !== undefined);
    // An inventory with problems may well have named some: what is left of it says nothing about that.
    if (this.problems.count > 0) return [];
    const known = this.bundled.length === 0 ? '' : `: ${alternatives(this.bundled)}`;
    this.problems.say(
      `no scenario is chosen: name one on the command line, or list them under "scenarios" in ${file}${known}`,
    );
    return [];
  }

  private one(request: string): BoundScenario | undefined {
    const instance = this.inventory.scenarios.find(({ name }) => name === request);
    if (instance !== undefined) return this.instance(instance);
    if (isPath(request)) return this.plain({ file: request }, undefined);
    if (this.bundled.includes(request)) return this.plain({ bundled: request }, request);
    const names = new Set([...this.inventory.scenarios.map(({ name }) => name), ...this.bundled]);
    this.problems.say(`unknown scenario "${request}"; ${suggestName(request, names)}`);
    return undefined;
  }

  private plain(source: ScenarioInstance['source'], name: string | undefined): BoundScenario | undefined {
    const scenario = this.scenario(source);
    if (scenario === undefined) return undefined;
    const instance = { name: name ?? scenario.name, source, ports: new Map(), services: new Map(), facts: new Map() };
    return this.bind(`${JSON.stringify(source)}`, instance, scenario);
  }

  private instance(instance: ScenarioInstance): BoundScenario | undefined {
    const { name, source } = instance;
    const path = ['scenarios', name];
    const { document } = this.inventory;
    if ('bundled' in source && !this.bundled.includes(source.bundled)) {
      const key = source.bundled === name ? path : [...path, 'use'];
      this.once(name, () =>
        this.problems.add(
          document,
          key,
          `unknown scenario "${source.bundled}"`,
          suggestName(source.bundled, this.bundled),
        ),
      );
      return undefined;
    }
    const scenario = this.scenario(source);
    if (scenario === undefined) return undefined;
    this.once(name, () => this.checkOverrides(instance, scenario));
    return this.bind(`instance ${name}`, instance, scenario);
  }

  private once(name: string, check: () => void): void {
    if (this.checked.has(name)) return;
    this.checked.add(name);
    check();
  }

  private checkOverrides({ name, ports, services, facts }: ScenarioInstance, scenario: Scenario): void {
    const { document } = this.inventory;
    for (const [key, named] of [
      ['ports', ports],
      ['services', services],
    ] as const) {
      for (const port of named.keys()) {
        if (scenario.ports.has(port)) continue;
        const path = ['scenarios', name, key, port];
        this.problems.add(document, path, `unknown port "${port}"`, suggestName(port, scenario.ports.keys()));
      }
    }
    for (const [fact, value] of facts) {
      const path = ['scenarios', name, 'facts', fact];
      const declared = scenario.facts.get(fact);
      if (declared === undefined) {
        this.problems.add(document, path, `unknown fact "${fact}"`, suggestName(fact, scenario.facts.keys()));
      } else if (typeof declared.default === 'boolean' && typeof value !== 'boolean') {
        this.problems.add(document, path, `the fact "${fact}" is ${JSON.stringify(value)}`, 'expected true or false');
      }
    }
  }

  private scenario(source: ScenarioInstance['source']): Scenario | undefined {
    const key = JSON.stringify(source);
    if (this.read.has(key)) return this.read.get(key);
    const scenario = this.tryRead(source);
    this.read.set(key, scenario);
    return scenario;
  }

  private tryRead(source: ScenarioInstance['source']): Scenario | undefined {
    try {
      return readScenario(source, this.problems);
    } catch (error) {
      if (!(error instanceof ExpectedError)) throw error;
      this.problems.say(error.message);
      return undefined;
    }
  }

  private bind(key: string, { name, ports, services, facts }: ScenarioInstance, scenario: Scenario): BoundScenario {
    const known = this.bound.get(key);
    if (known !== undefined) return known;
    const defaults = [...scenario.facts].flatMap(([fact, declared]) =>
      declared.default === undefined ? [] : [[fact, declared.default] as const],
    );
    const documented = [...scenario.ports].map(([port, declared]) => [port, declared.default] as const);
    const bound: BoundScenario = {
      name,
      scenario,
      ports: new Map([...documented, ...ports]),
      services,
      facts: new Map([...defaults, ...facts]),
    };
    this.bound.set(key, bound);
    return bound;
  }
}

/** What the command line takes for a path rather than a name. */
export function isPath(request: string): boolean {
  return request.includes('/') || /\.(?:ya?ml|json)$/.test(request);
}
