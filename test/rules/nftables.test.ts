import test from 'ava';
import type { NftChain } from '#src/rules/formats/format.js';
import { nftablesFormat } from '#src/rules/formats/nftables.js';
import type { ChangeRequest } from '#src/rules/request.js';
import { labTest } from '../lab/lab-test.js';
import { Machine } from '../lab/machine.js';
import { awkwardRequest, sampleRequest } from './sample.js';

const chain: NftChain = { family: 'inet', table: 'filter', chain: 'forward' };

function render(request: ChangeRequest): string {
  return [...nftablesFormat.render(request, { nftChain: chain, columns: () => [] })].join('');
}

labTest('nft loads the rules, whatever their comments hold, and they go before what drops', async (t) => {
  const machine = await Machine.start('firewall', []);
  t.teardown(() => machine.stop());
  const hook = 'type filter hook forward priority 0; policy drop;';
  await machine.run('nft', ['-f', '-'], `table inet filter { chain forward { ${hook} ip protocol tcp drop; }; }`);
  for (const request of [sampleRequest, awkwardRequest]) await machine.run('nft', ['-f', '-'], render(request));
  const listing = await machine.run('nft', ['list', 'chain', 'inet', 'filter', 'forward']);
  const rules = listing.split('\n').filter((line) => / accept | drop$/.test(line));
  t.is(rules.length, 1 + 1 + (render(sampleRequest).match(/^insert/gm) ?? []).length);
  t.regex(rules.at(-1)!, /ip protocol tcp drop/);
  t.true(listing.includes('tcp dport 20000-21000'));
  t.true(listing.includes(`comment "a/b (it's '$(reboot)' \`id\` <b>| \${c} =x)"`));
});

test('a comment is as long as nft takes it', (t) => {
  const comments = [...render(sampleRequest).matchAll(/comment "(.*)"$/gm)].map((match) => match[1]!);
  t.true(comments.some((comment) => comment.endsWith('...')));
  for (const comment of comments) t.true(Buffer.byteLength(comment) < 128, comment);
});
