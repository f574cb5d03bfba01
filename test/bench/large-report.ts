import { checkSettings } from '#src/commands/options.js';
import { planSite } from '#src/commands/planning.js';
import { reportOf } from '#src/commands/report-of.js';
import type { Answer, TargetObservation, VantageRecord } from '#src/model/observation.js';
import { parsePorts } from '#src/model/port-set.js';
import { Packer } from '#src/observe/packed.js';
import { reporters } from '#src/report/registry.js';

// A program of its own, whose peak memory is its own: judges and reports a mesh of a thousand nodes in which every pair
// saw three kinds of answers, on ports that differ from pair to pair, and measured connect times.
//   node large-report.js INVENTORY REPORTER

const [inventory, name] = process.argv.slice(2);
const reporter = reporters.get(name ?? '');
if (inventory === undefined || reporter === undefined) throw new Error('usage: large-report INVENTORY REPORTER');

const flags = { from: [], to: [], flow: [], reporter: [], rate: '200', totalRate: '2000', timeout: '3.5s' };
const settings = checkSettings({
  ...flags,
  inventory,
  parallel: '50',
  mysqlUser: 'portolan',
  diagnose: true,
} as unknown as Parameters<typeof checkSettings>[0]);
const site = planSite([], settings);
const hosts = [...site.plan.members.values()];
const packer = new Packer();
const refused: Answer = { kind: 'error', errno: 'ECONNREFUSED' };
const silence: Answer = { kind: 'silence', afterMs: 3500 };
const all = parsePorts('20000-21000')!;

function seen(from: number, to: number): TargetObservation {
  const address = hosts[to]!.address;
  const open = 20_001 + ((from * 7 + to * 13) % 400);
  const silent = 20_500 + ((from * 11 + to * 3) % 400);
  const segments = [
    { answer: { kind: 'connected' } as const, ports: parsePorts(`${open}-${open + 3}`)! },
    { answer: silence, ports: parsePorts(`${silent}-${silent + 7}`)! },
    { answer: refused, ports: parsePorts(`20000-${open - 1},${open + 4}-${silent - 1},${silent + 8}-21000`)! },
  ];
  const buckets = new Map(
    Array.from({ length: 15 }, (_, index) => [120 + index + (to % 9), 1 + ((from + index) % 90)]),
  );
  const histogram = { buckets, minUs: 180 + (from % 50), maxUs: 900 + (to % 300) };
  const addresses = [
    { address, sourceAddress: hosts[from]!.address, segments, latencies: [{ ports: all, histogram }] },
  ];
  return { target: address, nameFailure: undefined, addresses };
}

const vantages = new Map<string, VantageRecord>();
const targets = new Map(
  hosts.map((host, from) => {
    const vantage = { host: host.name, status: 'ready', transport: 'ssh2', engine: 'python', interpreter: 'python3' };
    const facts = { addresses: ['127.0.0.1', host.address], listeners: [{ address: '0.0.0.0', port: 22 }] };
    vantages.set(host.name, {
      ...{ ...vantage, address: host.address, blindSpots: [], notes: [], error: undefined },
      facts: { ...facts, routes: [] },
    } as unknown as VantageRecord);
    const own = hosts.flatMap((_, to) => (to === from ? [] : [seen(from, to)]));
    return [host.name, packer.pack(new Map(own.map((each) => [each.target, each])))];
  }),
);
const observed = process.memoryUsage().rss;
const began = process.cpuUsage();
const times = { startedAt: new Date(0), endedAt: new Date(0), interruption: undefined };
const report = reportOf(site, settings, { vantages, targets, interrupted: false }, times);
let length = 0;
for (const chunk of reporter.render(report, { width: 120, color: false, verbosity: 1 })) length += chunk.length;
const { user, system } = process.cpuUsage(began);
const peak = process.resourceUsage().maxRSS * 1024;
const { findings, summary } = report;
const cpuMs = (user + system) / 1000;
console.log(JSON.stringify({ observed, peak, cpuMs, length, findings: findings.length, checks: summary.checks }));
