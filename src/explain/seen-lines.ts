import type { AddressObservation, Answer, ProxyUsed, TargetObservation } from '../model/observation.js';
import type { Check } from '../model/plan.js';
import { formatPorts, hasPort, intersectPorts, type PortSet, singlePort } from '../model/port-set.js';
import { proxyTo } from '../model/proxy.js';
import type { ReportCheck, ReportVantage } from '../model/report.js';
import { type Canvas, cell, layoutRows, paragraph } from '../report/table/layout.js';
import { answerText } from './answer-text.js';
import { addressesOf, proxyText, rows, type Story, spokenOf, wasSpoken } from './story.js';

/** How the source was logged in to, what the name led to, and the bare answers of the ports. */
export function seenLines(story: Story, canvas: Canvas): string[] {
  const { check, judged, observations, vantage } = story;
  const target = observations.targets.get(check.from.name)?.get(check.target);
  return [
    canvas.paint(`SEEN FROM ${judged.from}`, 'strong'),
    ...rows([...vantageRows(vantage), ['name', nameText(check, target)]], canvas),
    ...layoutRows(
      addressesOf(story).flatMap((address) => probeRows(address, story)),
      2,
      canvas,
    ),
    ...latencyLines(judged.latencyMs, canvas),
  ];
}

function latencyLines(latency: ReportCheck['latencyMs'], canvas: Canvas): string[] {
  if (latency === null) return [];
  const { max, median, min } = latency;
  const text = min === max ? `answered in ${min} ms` : `answered in ${min} to ${max} ms, median ${median} ms`;
  return paragraph(text, 2, 2, 'dim', canvas);
}

function vantageRows(vantage: ReportVantage | undefined): [string, string][] {
  if (vantage === undefined) return [];
  const { address, blindSpots, engine, error, interpreter, notes, transport } = vantage;
  const where = address === null ? '' : ` to ${address}`;
  const means = engine === null ? '' : `, engine ${engine}${interpreter === null ? '' : ` (${interpreter})`}`;
  return [
    ['login', `${transport}${where}${means}`],
    ['failed', error ?? ''],
    ['note', notes.join('; ')],
    ['blind to', blindSpots.join('; ')],
  ];
}

function nameText({ target: asked, to }: Check, target: TargetObservation | undefined): string {
  const via = proxyTo(to);
  if (target === undefined) return '';
  if (target.nameFailure !== undefined) return `${via?.host ?? asked} did not resolve: ${target.nameFailure}`;
  const addresses = target.addresses.map(({ address }) => address).filter((address) => address !== asked);
  return addresses.length === 0 ? '' : `${asked} resolved to ${addresses.join(', ')}`;
}

/** The bare answer of every port: of a sweep, or of a dial that nothing could be said over. */
function probeRows(observed: AddressObservation, story: Story) {
  const { address, segments, sourceAddress } = observed;
  const { check, controls } = story;
  const path = sourceAddress === undefined ? address : `${sourceAddress} → ${address}`;
  const row = (ports: PortSet, answer: Answer, role = '', via?: ProxyUsed) => [
    cell(via === undefined ? path : `by proxy ${proxyText(via)}`),
    cell(`port ${formatPorts(ports)}${role}`),
    cell(answerText(answer)),
  ];
  const swept = segments.flatMap(({ answer, ports }) => {
    const asked = intersectPorts(ports, check.ports);
    const beside = controls.filter(({ port }) => hasPort(ports, port) && !hasPort(check.ports, port));
    return [
      ...(asked.length === 0 ? [] : [row(asked, answer)]),
      ...beside.map(({ port }) => row(singlePort(port), answer, ' (as a control)')),
    ];
  });
  const dialled = spokenOf(observed, story).filter((spoken) => !wasSpoken(spoken, address, story));
  return [...swept, ...dialled.map(({ answer, port, via }) => row(singlePort(port), answer, '', via))];
}
