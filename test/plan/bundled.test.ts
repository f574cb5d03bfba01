import { fileURLToPath } from 'node:url';
import test from 'ava';
import { loadSite } from '#src/commands/site.js';
import { formatPorts, intersectPorts, unionPorts } from '#src/model/port-set.js';
import { makePlan } from '#src/plan/make-plan.js';
import { noFilters } from '#src/plan/options.js';
import { planWork } from '#src/plan/work.js';
import { services } from '#src/protocol/registry.js';

const { inventory, scenarios } = loadSite(fileURLToPath(new URL('../../inventory.example.json', import.meta.url)), []);
const made = makePlan(scenarios, inventory.members, {
  phase: 'check',
  filters: noFilters,
  sample: undefined,
  dialogues: services,
});

test('every flow of the example’s scenarios is in its plan, once', (t) => {
  const documented = scenarios.flatMap(({ name, scenario }) => scenario.flows.map(({ id }) => `${name}/${id}`));
  t.deepEqual(
    made.flows.map(({ scenario, flow }) => `${scenario}/${flow.id}`),
    documented,
  );
});

test('no host of the example sweeps a guarded port, and all of its checks are covered, nothing twice', (t) => {
  let probes = 0;
  for (const host of inventory.members.values()) {
    if (host.kind !== 'host') continue;
    const { sweep, ssh, dialogues: spoken } = planWork(made, host);
    const items = [...sweep, ...ssh, ...spoken.filter(({ sweptFirst }) => !sweptFirst)];
    for (const { ports } of sweep) t.deepEqual(intersectPorts(ports, made.guardedPorts), []);
    for (const [i, { target, ports }] of items.entries())
      for (const other of items.slice(i + 1))
        if (other.target === target) t.deepEqual(intersectPorts(ports, other.ports), []);
    for (const { checks } of made.flows)
      for (const { from, target, ports } of checks) {
        if (from !== host) continue;
        const touching = items.filter((item) => item.target === target && intersectPorts(item.ports, ports).length > 0);
        t.is(formatPorts(unionPorts(...touching.map((item) => item.ports))), formatPorts(ports));
        probes++;
      }
  }
  t.is(
    probes,
    made.flows.reduce((sum, { checks }) => sum + checks.length, 0),
  );
});
