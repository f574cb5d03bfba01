import { readFileSync, writeFileSync } from 'node:fs';
import test from 'ava';
import { services } from '#src/protocol/registry.js';
import { patternOf, protocolsPage } from './protocols-page.js';
import { registryBlock } from './registry-block.js';

// What the page says of every dialogue's settings, and of what identifies it, is the registry's own.

/** `<!-- registry: redis -->`, what is drawn from the registry, and `<!-- end -->`. */
const block = /^<!-- registry: (\S+) -->\n.*?^<!-- end -->$/gms;

if (process.env.PORTOLAN_UPDATE_GOLDEN === '1') {
  const page = readFileSync(protocolsPage, 'utf8');
  const updated = page.replace(block, (old, name: string) => {
    const definition = services.find(({ service }) => service === name);
    return definition === undefined ? old : registryBlock(definition);
  });
  writeFileSync(protocolsPage, updated);
}

const page = readFileSync(protocolsPage, 'utf8');
const blocks = new Map([...page.matchAll(block)].map(([text, name]) => [name!, text]));

test('every service of the registry has its section, and nobody else has', (t) => {
  t.deepEqual([...blocks.keys()].sort(), services.map(({ service }) => service).sort());
  for (const { service } of services) t.regex(page, new RegExp(`^## \`${service}\`$`, 'm'));
});

for (const definition of services) {
  test(`the settings of ${definition.service} are those of its schema (PORTOLAN_UPDATE_GOLDEN=1 writes them)`, (t) => {
    t.is(blocks.get(definition.service), registryBlock(definition));
  });
}

test('a line of a log fits the documented one where only what its placeholders stand for differs', (t) => {
  const documented = `TIME NUMBER [Warning] Access denied for user 'portolan'@'HOST' (using password: NO)`;
  const line = "2026-11-21 11:58:01 4 [Warning] Access denied for user 'portolan'@'app-1' (using password: NO)";
  t.regex(line, patternOf(documented));
  t.notRegex(line.replace('NO', 'YES'), patternOf(documented));
  t.notRegex(`${line} and more`, patternOf(documented));
});
