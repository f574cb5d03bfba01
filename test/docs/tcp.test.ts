import { readFileSync } from 'node:fs';
import test from 'ava';
import { parse } from 'yaml';
import { serviceEntry } from '#src/protocol/service.js';

const page = readFileSync(new URL('../../docs/tcp.md', import.meta.url), 'utf8');
const examples = [...page.matchAll(/^```yaml\n(.*?)^```/gms)].map((match) => match[1]!);

test('every service of docs/tcp.md can be written so', (t) => {
  const services = examples.flatMap((example) => {
    const { ports } = parse(example) as { ports: Record<string, { service: unknown }> };
    return Object.values(ports).map(({ service }) => service);
  });
  t.is(services.length, 3);
  for (const service of services) t.notThrows(() => serviceEntry.parse(service), JSON.stringify(service));
});
