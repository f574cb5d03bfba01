import { spawnSync } from 'node:child_process';
import test from 'ava';
import { columns } from '#src/report/columns.js';
import type { FormatStyle } from '#src/rules/formats/format.js';
import { ruleFormats } from '#src/rules/formats/registry.js';
import type { ChangeRequest } from '#src/rules/request.js';
import { matchesGolden } from '../report/golden.js';
import { awkwardRequest, sampleRequest } from './sample.js';

const style: FormatStyle = {
  columns: (rows, indent) => columns(rows, 80, indent),
  nftChain: { family: 'inet', table: 'filter', chain: 'forward' },
};

function render(name: string, request: ChangeRequest, more: Partial<FormatStyle> = {}): string {
  return [...ruleFormats.get(name)!.render(request, { ...style, ...more })].join('');
}

for (const name of ruleFormats.keys()) {
  test(`rules as ${name}`, (t) => {
    matchesGolden(t, `rules-as-${name}`, render(name, sampleRequest), 'rules');
  });

  test(`rules as ${name} begin with what they are made from and that nobody applies them`, (t) => {
    const head = render(name, sampleRequest).replace(/\s+/g, ' ').slice(0, 250);
    t.regex(
      head,
      /made from the plan of exasol for inventory\.json\..{1,8}Review before applying; Portolan never applies/,
    );
  });

  test(`rules as ${name} say what they leave out, and never put a name where an address belongs`, (t) => {
    const text = render(name, sampleRequest);
    t.true(text.includes('ldap.example.com'));
    t.true(text.replace(/\s+/g, ' ').includes('no host or endpoint holds the role'));
    const commands = text.split('\n').filter((line) => /^(insert|iptables|ip6tables|firewall-cmd) /.test(line));
    for (const line of commands) t.notRegex(line, /(saddr|daddr|-s|-d|address=)\W*(ldap|laptop)/);
  });
}

/** What a shell makes of commands of these names: its words, one command a line. */
function asTheShellHasIt(text: string, names: readonly string[]): string[] {
  const stubs = names.map((name) => `${name}() { printf '%s|' ${name} "$@"; echo; }`).join('\n');
  const { status, stderr, stdout } = spawnSync('sh', ['-e'], { input: `${stubs}\n${text}`, encoding: 'utf8' });
  if (status !== 0 || stderr !== '') throw new Error(stderr);
  return stdout.split('\n').filter((line) => line !== '');
}

test('a shell reads the commands of iptables as they are meant, whatever a title holds', (t) => {
  t.deepEqual(asTheShellHasIt(render('iptables', awkwardRequest), ['iptables', 'ip6tables']), [
    `iptables|-I|FORWARD|-s|10.0.0.1|-d|10.0.0.2|-p|tcp|--dport|80|-m|conntrack|--ctstate|NEW,ESTABLISHED|-m|comment|--comment|a/b (it's "$(reboot)" \`id\` <b>| \${c} =x)|-j|ACCEPT|`,
  ]);
});

test('a shell reads the commands of firewalld as they are meant', (t) => {
  // The name of a shell's function has no hyphen.
  const text = render('firewalld', awkwardRequest).replaceAll('firewall-cmd -', 'firewall_cmd -');
  const rule =
    'rule family="ipv4" source address="10.0.0.1" destination address="10.0.0.2" port port="80" protocol="tcp" accept';
  t.deepEqual(asTheShellHasIt(text, ['firewall_cmd']), [
    `firewall_cmd|--permanent|--zone=public|--add-rich-rule=${rule}|`,
  ]);
});

test('awkward titles stay what they are in every format', (t) => {
  t.true(
    render('csv', awkwardRequest).endsWith(
      `,"'=Title, with ""quotes"" | \${a} %{b}","it's ""$(reboot)"" \`id\` <b>| \${c} =x"\n`,
    ),
  );
  t.regex(
    render('markdown', awkwardRequest),
    /\| a\/b: =Title, with "quotes" \\\| \$\{a\} %\{b\} \| it's "\$\(reboot\)" \\`id\\` \\<b\\>\\\| \$\{c\} =x \|\n/,
  );
  t.regex(render('nftables', awkwardRequest), /comment "a\/b \(it's '\$\(reboot\)' `id` <b>\| \$\{c\} =x\)"\n/);
  t.regex(render('terraform', awkwardRequest), /description {7}= "a\/b \(it-s -\$\(reboot\)- -id- -b- \$\$\{c\} =x\)"/);
  t.regex(render('aws', awkwardRequest), /"Description": "a\/b \(it-s -\$\(reboot\)- -id- -b- \$\{c\} =x\)"/);
});

test('the permissions for AWS are JSON, and a source that is a name only is left out aloud', (t) => {
  const { Groups } = JSON.parse(render('aws', sampleRequest)) as {
    Groups: { GroupNote: string; IpPermissions: object[]; LeftOut?: string[] }[];
  };
  const ofLaptop = Groups.find(({ LeftOut }) => LeftOut !== undefined);
  t.deepEqual(ofLaptop?.LeftOut, ['left out, the source laptop: a name, which has to be resolved first']);
});

test('a chain of one family is given no rule of the other', (t) => {
  const chain = (family: 'ip' | 'ip6') =>
    render('nftables', sampleRequest, { nftChain: { family, table: 'filter', chain: 'FORWARD' } });
  t.notRegex(chain('ip'), /^insert.*ip6 saddr/m);
  t.regex(chain('ip'), /^# left out, IPv6: a chain of the family ip sees none of it$/m);
  t.regex(chain('ip6'), /^insert rule ip6 filter FORWARD ip6 saddr/m);
  t.notRegex(chain('ip6'), /^insert.*ip saddr/m);
});
