import type { Answer } from '#src/model/observation.js';
import { eachPort, formatPorts, portSet } from '#src/model/port-set.js';
import type { NodeSession, SweepEvent, SweepItem, SweepLimits } from '#src/model/sweep.js';

/** An answer in one clause: `connected`, `EHOSTUNREACH 4/3/10 from 10.10.0.1`, `untried own-address`. */
export function answerText(answer: Answer): string {
  switch (answer.kind) {
    case 'error': {
      const { errno, icmp } = answer;
      return icmp === undefined ? errno : `${errno} ${icmp.version}/${icmp.type}/${icmp.code} from ${icmp.sender}`;
    }
    case 'untried':
      return `untried ${answer.cause}`;
    case 'token':
      return `token ${[answer.answer, answer.port].join(' ').trimEnd()}`;
    case 'tokenless':
      return `tokenless ${answer.how}${answer.said === undefined ? '' : ` ${answer.said}`}`;
    default:
      return answer.kind;
  }
}

/** What a sweep's events come to, the last answer for a port holding: by address, then by answer, the ports. */
export function finalAnswers(events: readonly SweepEvent[]): Record<string, Record<string, string>> {
  const last = new Map<string, Map<number, string>>();
  for (const event of events) {
    if (event.type !== 'answers') continue;
    const ports = last.get(event.address) ?? new Map<number, string>();
    last.set(event.address, ports);
    for (const port of eachPort(event.ports)) ports.set(port, answerText(event.answer));
  }
  return Object.fromEntries(
    [...last].map(([address, ports]) => {
      const byAnswer = groupByAnswer(ports);
      return [
        address,
        Object.fromEntries(
          [...byAnswer].map(([answer, list]) => [answer, formatPorts(portSet(list.map(([port]) => [port, port])))]),
        ),
      ];
    }),
  );
}

/** Sweeps and returns every event. */
export async function sweepAll(
  session: NodeSession,
  items: readonly SweepItem[],
  limits: Partial<SweepLimits> = {},
  signal: AbortSignal = new AbortController().signal,
  tell: (event: SweepEvent) => void = () => {},
): Promise<SweepEvent[]> {
  const events: SweepEvent[] = [];
  const onEvent = (event: SweepEvent) => {
    events.push(event);
    tell(event);
  };
  await session.sweep(items, { rate: 0, timeoutMs: 3500, seed: 7, ...limits }, onEvent, signal);
  return events;
}

function groupByAnswer(ports: ReadonlyMap<number, string>): Map<string, [number, string][]> {
  const groups = new Map<string, [number, string][]>();
  for (const entry of ports) groups.set(entry[1], [...(groups.get(entry[1]) ?? []), entry]);
  return groups;
}
