import type { Host } from '../model/inventory.js';
import { destinationRate, doublingMs, firstRate, preAuthConnections, preAuthWindowMs } from '../model/pacing.js';
import type { Plan } from '../model/plan.js';
import { countPorts, formatPorts, overlapPorts } from '../model/port-set.js';
import { addressRows, namesText, noticeRows } from './notice-rows.js';
import { count } from './plan-counts.js';
import { durationText, estimate, isLoggedInTo, type PlanRates } from './plan-time.js';
import { plain } from './table/text.js';
import { wrap } from './wrap.js';

/** Who sends a notice, and what the plan itself does not say. */
export interface NoticeParticulars extends PlanRates {
  readonly operator: string;
  readonly controller: string;
  readonly version: string;
  /** When it is to begin, as the operator put it. */
  readonly start: string | undefined;
}

// Mail programs break longer lines where they like.
const width = 76;
const mostFlows = 4;
const preAuthSeconds = preAuthWindowMs / 1000;

/** What a security team wants to know before a run, as plain text to be pasted into a mail or a ticket. */
export function* noticeText(plan: Plan, particulars: NoticeParticulars): Generator<string> {
  const { controller, operator, start, version } = particulars;
  const hosts = [...plan.members.values()].filter((member): member is Host => member.kind === 'host');
  yield 'NOTICE OF A NETWORK CONNECTIVITY TEST\n\n';
  yield field('Who', `${operator} on ${controller}, with Portolan ${version}`);
  yield field('Why', 'to prove that documented network flows pass, and that denied ones do not');
  for (const { name, scenario } of plan.scenarios) {
    if (!plan.flows.some((flow) => flow.scenario === name && flow.checks.length > 0)) continue;
    yield field('', `${name}: ${scenario.document.title}`);
  }
  if (!plan.complete) yield field('', 'a part of the documented flows only');
  yield field('Start', start ?? 'to be agreed');
  yield field('Duration', duration(plan, particulars));
  const connects = plan.probes + plan.controls.length;
  yield field('Amount', `${count(connects, 'TCP connect')} from ${count(plan.probesBySource.size, 'source')}`);

  yield heading('What connects to what (TCP)');
  for (const { connects: number, flows, from, ports, proxies, to } of noticeRows(plan)) {
    yield item(`${from} -> ${to}`);
    yield detail(`${countPorts(ports) === 1 ? 'port' : 'ports'} ${formatPorts(ports)}, ${count(number, 'connect')}`);
    for (const sentence of proxies) yield detail(`${sentence}, by CONNECT`);
    yield detail(`flow ${firstOf(flows)}`);
  }
  if (plan.controls.length > 0) {
    const sources = [...new Set(plan.controls.map(({ from }) => from))];
    const targets = [...new Set(plan.controls.map(({ target }) => target))];
    yield item(`${namesText(sources)} -> ${namesText(targets)}`);
    yield detail(
      `the SSH port, ${count(plan.controls.length, 'connect')}, to see that silence of other ports means something`,
    );
  }

  yield heading('Addresses');
  for (const [names, addresses] of addressRows(plan.members.values())) yield item(`${names}: ${addresses}`);

  yield heading('How fast');
  for (const sentence of speed(plan, particulars)) yield item(sentence);

  yield heading('What a connect looks like');
  yield item('A full TCP handshake by an ordinary user’s program, closed at once; no payload, no raw packets.');
  yield item('A connect that nothing answers is tried again up to twice, more slowly.');
  if (noticeRows(plan).some(({ ports }) => overlapPorts(ports, plan.guardedPorts)))
    yield item(
      'MySQL, MariaDB and OceanBase ports get a whole handshake with the user "portolan", which is not to exist: "Access ' +
        'denied" once for each source and port. A bare connect would count as a connection error there.',
    );

  yield heading('SSH logins');
  for (const sentence of logins(hosts, controller)) yield item(sentence);

  yield heading('What logs may show');
  yield item('Firewalls and intrusion detection: a port scan from the sources above.');
  yield item('Services: a connection that was accepted and closed without a word.');
  if (noticeRows(plan).some(({ proxies }) => proxies.length > 0))
    yield item('HTTP proxies: a CONNECT for each port that is reached through them.');
  if (plan.probesBySshd.size > 0)
    yield item('sshd whose port is tested: "Connection closed by SOURCE port N [preauth]".');
  if (hosts.some(isLoggedInTo)) yield item(`sshd of the sources and destinations: a login from ${controller}.`);

  yield heading('How to stop it');
  yield item(`Ctrl-C, or SIGTERM to the process "portolan" on ${controller}. Or cut its SSH connections:`);
  yield item('what runs on a host ends by itself within 6 s. Nothing is written or installed anywhere.');
}

function duration(plan: Plan, rates: PlanRates): string {
  if (rates.rate === 0) return 'as long as the network takes: every limit is lifted';
  const { heldBy, seconds } = estimate(plan, rates);
  const least = seconds < 1 ? durationText(seconds) : `at least ${durationText(seconds)}`;
  return heldBy === undefined ? least : `${least}: ${heldBy}`;
}

function* speed({ probesBySshd }: Plan, { rate, totalRate }: PlanRates): Generator<string> {
  if (rate === 0) {
    yield 'WITHOUT ANY LIMIT (--rate 0): thousands of connects per second, also to one destination.';
    return;
  }
  const slowStart = rate > firstRate ? `, beginning with ${firstRate} and doubling every ${doublingMs} ms` : '';
  yield `each source: up to ${count(rate, 'connect')} per second${slowStart}`;
  yield `each destination: up to ${destinationRate} per second, of all sources together`;
  yield `all together: ${totalRate === 0 ? 'no further limit' : `up to ${totalRate} per second`}`;
  if (probesBySshd.size > 0)
    yield `each SSH port: up to ${preAuthConnections} connections in ${preAuthSeconds} s, logins included`;
  yield 'a source slows down by itself where addresses that had answered fall silent';
}

function* logins(hosts: readonly Host[], controller: string): Generator<string> {
  const loggedIn = hosts.filter(isLoggedInTo);
  if (loggedIn.length === 0) {
    yield 'none';
    return;
  }
  const users = [...new Set(loggedIn.map(({ ssh }) => ssh.user))].filter((user) => user !== undefined);
  const as = users.length === 0 ? '' : ` as ${namesText(users)}`;
  const addresses = [...new Set(loggedIn.map(({ address, ssh }) => ssh.host ?? address))];
  const ports = [...new Set(loggedIn.map(({ ssh }) => ssh.port ?? 22))].sort((a, b) => a - b);
  yield `${controller} -> ${namesText(addresses)}, ${ports.length === 1 ? 'port' : 'ports'} ${ports.join(', ')}${as}: ${count(loggedIn.length, 'login')}, one a ` +
    'host, kept for its part of the test';
  const jumps = [...new Set(loggedIn.map(({ ssh }) => ssh.jump))].filter((jump) => jump !== undefined);
  if (jumps.length > 0) yield `by way of ${namesText(jumps)}`;
}

function firstOf(flows: readonly string[]): string {
  const more = flows.length - mostFlows;
  return more <= 0 ? flows.join(', ') : `${flows.slice(0, mostFlows).join(', ')} and ${more} more`;
}

function heading(text: string): string {
  return `\n${text}\n`;
}

function field(name: string, text: string): string {
  return lines(text, name.padEnd(10), ' '.repeat(10));
}

function item(text: string): string {
  return lines(text, '  - ', '    ');
}

function detail(text: string): string {
  return lines(text, '    ', '      ');
}

function lines(text: string, first: string, further: string): string {
  return `${wrap(plain(text), width, first, further).join('\n')}\n`;
}
