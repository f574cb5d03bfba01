import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { reporters } from '#src/report/registry.js';

const cli = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'portolan-program-'));
test.after.always(() => rmSync(folder, { recursive: true }));

function portolan(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, ...args], { cwd: folder, encoding: 'utf8' });
  return { status, stdout, stderr };
}

const site = {
  hosts: {
    a: { address: '127.0.0.11', transport: 'local', roles: ['exasol-node'] },
    c: { address: '127.0.0.12', transport: 'local', roles: ['exasol-client'] },
  },
  scenarios: { exasol: {} },
};

test.before(() => {
  writeFileSync(join(folder, 'site.json'), JSON.stringify(site));
  const twice = { ...site, scenarios: { exasol: {}, second: { use: 'exasol' } } };
  writeFileSync(join(folder, 'twice.json'), JSON.stringify(twice));
  writeFileSync(join(folder, 'roleless.json'), JSON.stringify({ hosts: { a: { address: '127.0.0.11' } } }));
});

test('--help and --version go to stdout and exit 0', (t) => {
  t.like(portolan('--help'), { status: 0, stderr: '' });
  t.regex(portolan('--help').stdout, /check .*verify every documented flow/);
  t.regex(portolan('check', '--help').stdout, /--total-rate <n>/);
  t.regex(portolan('--version').stdout, /^\d+\.\d+\.\d+\n$/);
});

test('the help of --reporter names every reporter', (t) => {
  const { stdout } = portolan('check', '--help');
  const help = /--reporter <name\[=file\]>([\s\S]*?)--timeout/.exec(stdout)?.[1] ?? '';
  for (const name of reporters.keys()) t.regex(help, new RegExp(`\\b${name}\\b`));
});

test('explain narrows itself to ten checks, and says how many are left', (t) => {
  const hosts = Object.fromEntries(
    Array.from({ length: 14 }, (_, index) => [
      `h${index}`,
      { address: `127.0.1.${index}`, transport: 'local', roles: ['exasol-node'] },
    ]),
  );
  writeFileSync(join(folder, 'mesh.json'), JSON.stringify({ hosts, scenarios: { exasol: {} } }));
  const { status, stdout } = portolan('explain', 'subconnections', '-i', 'mesh.json', '--sample', '1');
  t.is(status, 0);
  t.is(stdout.match(/^exasol\/subconnections: h0 → h\d+ /gm)?.length, 10);
  t.regex(stdout, /^172 more checks of this flow were not tried; choose with --from and --to$/m);
});

const refusals: readonly { readonly args: readonly string[]; readonly stderr: RegExp }[] = [
  {
    args: ['explain', 'exasol/clint', '-i', 'site.json'],
    stderr: /^portolan: unknown flow "clint"; did you mean "client"\?\n$/,
  },
  {
    args: ['explain', 'client', '-i', 'twice.json'],
    stderr: /^portolan: client is a flow of several scenarios; give one of exasol\/client, second\/client\n$/,
  },
  {
    args: ['explain', 'exasl/client', '-i', 'site.json'],
    stderr: /^portolan: unknown scenario "exasl"; did you mean "exasol"\?\n$/,
  },
  { args: ['chekc'], stderr: /unknown command 'chekc'.*\n?.*Did you mean check\?/i },
  {
    args: ['check', '--rate', 'x', '-i', 'site.json'],
    stderr: /^portolan: --rate x is not a whole number of at least 0\n$/,
  },
  {
    args: ['check', '--timeout', '5', '-i', 'site.json'],
    stderr: /^portolan: --timeout 5 is not a duration; expected a number and a unit: 500ms, 3.5s, 5m\n$/,
  },
  {
    args: ['check', '-q', '-v', '-i', 'site.json'],
    stderr: /^portolan: --quiet and --verbose contradict each other; give one\n$/,
  },
  {
    args: ['check', '-r', 'tabel', '-i', 'site.json'],
    stderr: /^portolan: unknown reporter "tabel"; did you mean "table"\?\n$/,
  },
  {
    args: ['check', '-r', 'table', '-r', 'json', '-i', 'site.json'],
    stderr:
      /^portolan: reporters table and json both write to stdout; give all but one a file: --reporter NAME=FILE\n$/,
  },
  {
    args: ['check', '-r', 'json=', '-i', 'site.json'],
    stderr: /^portolan: --reporter json= names no file; expected json=FILE\n$/,
  },
  {
    args: ['check', '-r', 'json=no/such/folder/report.json', '-i', 'site.json'],
    stderr: /^portolan: cannot write report no\/such\/folder\/report\.json: .*; nothing was probed\n$/,
  },
  { args: ['check', '-i', 'nowhere.json'], stderr: /nowhere\.json/ },
  { args: ['check', '-i', 'roleless.json', 'exasol'], stderr: /no / },
  {
    args: ['check', '-i', 'site.json', '--from', 'b'],
    stderr: /^portolan: unknown host or role "b" at --from; did you mean "a"\?\n$/,
  },
];

for (const { args, stderr } of refusals) {
  test(`portolan ${args.join(' ')} is refused with exit code 2`, (t) => {
    const result = portolan(...args);
    t.is(result.status, 2, result.stderr);
    t.regex(result.stderr, stderr);
    t.is(result.stdout, '');
  });
}

test('a report that cannot be written after the run exits 70 and still prints the table', (t) => {
  const result = portolan('check', '-i', 'site.json', '-r', 'json=/dev/full');
  t.is(result.status, 70, result.stderr);
  t.regex(result.stderr, /cannot write report \/dev\/full/);
  t.regex(result.stdout, /exasol/);
});
