import { destinationRate, preAuthConnections, preAuthWindowMs } from '#src/model/pacing.js';
import { countSyns, limitSyns } from '../lab/filter.js';
import { writeInventory } from '../lab/inventory.js';
import { createLab } from '../lab/lab.js';
import { labTest } from '../lab/lab-test.js';
import { check, notPassed, rows, writeScenario } from './check.js';

labTest('a destination that lets few connections in is not called closed for it', async (t) => {
  const lab = await createLab({ hosts: { app: {}, db: {} } });
  t.teardown(() => lab.close());
  const flows = { range: { from: 'client', to: 'database', port: '20000-21499', expect: 'reachable' } } as const;
  writeInventory(lab, { roles: { app: ['client'], db: ['database'] }, scenarios: writeScenario(lab, flows) });
  await limitSyns(lab.host('db').machine, 100, 'east');
  const { report } = await check(lab, ['--rate', '1000']);
  t.deepEqual(rows(report), ['range app>db pass: refused 20000-21499'], notPassed(report));
  const notes = report?.vantages.flatMap(({ host, notes: its }) => its.map((note) => `${host}: ${note}`)) ?? [];
  t.regex(notes.join(), /^app: slowed down to \d+ of 1000 connects per second: .* fell silent, and answered when/);
});

labTest('four vantages together send a destination 500 connects per second at the most', async (t) => {
  const sources = ['one', 'two', 'three', 'four'];
  const lab = await createLab({ hosts: { one: {}, two: {}, three: {}, four: {}, db: {} } });
  t.teardown(() => lab.close());
  const flows = { range: { from: 'client', to: 'database', port: '20000-20999', expect: 'reachable' } } as const;
  const roles = { ...Object.fromEntries(sources.map((name) => [name, ['client']])), db: ['database'] };
  writeInventory(lab, { roles, scenarios: writeScenario(lab, flows) });
  const syns = await countSyns(lab.host('db').machine, { network: 'east' });
  const looks: { readonly at: number; readonly count: number }[] = [];
  let over = false;
  const looking = (async () => {
    while (!over) {
      looks.push({ at: performance.now(), count: await syns() });
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  })();
  const { report } = await check(lab, ['--rate', '1000', '--total-rate', '0']);
  over = true;
  await looking;
  t.deepEqual(rows(report), sources.map((name) => `range ${name}>db pass: refused 20000-20999`).sort());
  for (const [index, { at, count }] of looks.entries()) {
    const later = looks[index + 4];
    if (later === undefined) break;
    const perSecond = ((later.count - count) * 1000) / (later.at - at);
    t.true(perSecond <= destinationRate * 1.15, `${perSecond} in two seconds`);
  }
});

labTest('an sshd gets ten connections in 15 s, of all vantages together and its login counted', async (t) => {
  const sources = Array.from({ length: 12 }, (_, index) => `app${index}`);
  const lab = await createLab({ hosts: { ...Object.fromEntries(sources.map((name) => [name, {}])), target: {} } });
  t.teardown(() => lab.close());
  const flows = { ssh: { from: 'client', to: 'server', port: 22, expect: 'open' } } as const;
  const roles = { ...Object.fromEntries(sources.map((name) => [name, ['client']])), target: ['server'] };
  writeInventory(lab, { roles, scenarios: writeScenario(lab, flows) });
  const times: number[] = [];
  const log: string[] = [];
  lab.host('target').machine.log.on('data', (chunk: Buffer) => {
    for (const line of chunk.toString().split('\n')) {
      if (!/Connection (closed|reset) by 10\.10\.0\.\d+ |Accepted publickey/.test(line)) continue;
      times.push(performance.now());
      log.push(line);
    }
  });
  const { report } = await check(lab);
  t.deepEqual(rows(report), sources.map((name) => `ssh ${name}>target pass: open 22`).sort(), notPassed(report));
  t.is(times.length, sources.length + 1, log.join('\n'));
  const crowded = times.some((start) => {
    // A busy test process reads a line of the log up to two seconds late, and the next at once.
    const within = times.filter((time) => time >= start && time < start + preAuthWindowMs - 2000);
    return within.length > preAuthConnections;
  });
  t.false(crowded, times.join());
  const free = await check(lab, ['--rate', '0']);
  t.true(free.durationMs < preAuthWindowMs, 'without limits nobody waits');
});
