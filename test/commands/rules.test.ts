import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import type { CommandIo } from '#src/commands/io.js';
import { runProgram } from '#src/commands/program.js';
import { ExpectedError } from '#src/model/errors.js';
import { ruleFormats } from '#src/rules/formats/registry.js';
import { sampleReport } from '../report/sample.js';

const folder = mkdtempSync(join(tmpdir(), 'portolan-rules-'));
process.chdir(folder);
test.after.always(() => rmSync(folder, { recursive: true }));

/** Runs the program's own function: a process each would take most of the time. */
async function rules(...args: string[]) {
  let stdout = '';
  const print = (text: string) => {
    stdout += text;
  };
  const commandIo = (): CommandIo => ({
    stdout: print,
    warn: () => {},
    width: 80,
    color: false,
    environment: {},
    ask: async () => undefined,
    progress: () => {},
    signal: new AbortController().signal,
    now: () => new Date(),
  });
  try {
    const status = await runProgram(['rules', ...args], { version: '', stdout: print, stderr: print, commandIo });
    return { status, stdout, stderr: '' };
  } catch (error) {
    if (!(error instanceof ExpectedError)) throw error;
    return { status: error.exitCode, stdout, stderr: `portolan: ${error.message}\n` };
  }
}

const site = {
  hosts: {
    a: { address: '10.0.0.11', roles: ['exasol-node'] },
    b: { address: '10.0.0.12', roles: ['exasol-node'] },
    c: { address: '10.0.0.13', roles: ['exasol-client'] },
  },
  scenarios: { exasol: {} },
};

const green = {
  ...sampleReport,
  checks: sampleReport.checks.filter(({ status }) => status === 'pass'),
};

test.before(() => {
  const write = (name: string, value: unknown) => writeFileSync(join(folder, name), JSON.stringify(value));
  write('site.json', site);
  write('roleless.json', { hosts: { a: { address: '10.0.0.11' } } });
  write('report.json', sampleReport);
  write('green.json', green);
  write('other.json', { ...sampleReport, schema: 'portolan.report/2' });
  write('part.json', { ...sampleReport, checks: [{ ...sampleReport.checks[0], status: 'good' }] });
  writeFileSync(join(folder, 'cut.json'), '{"schema":');
});

test('the help of --format names every format', async (t) => {
  const help = /--format <name>([\s\S]*?)--nft-chain/.exec((await rules('--help')).stdout)?.[1] ?? '';
  for (const name of ruleFormats.keys()) t.regex(help, new RegExp(`\\b${name}\\b`));
});

test('the plan of the inventory is asked for, as far as the filters leave it', async (t) => {
  const { status, stdout, stderr } = await rules('-i', 'site.json', '--flow', 'client', '--to', 'a');
  t.is(status, 0, stderr);
  t.deepEqual(stdout.split('\n').slice(0, 10), [
    'Firewall change request by portolan rules, made from the plan of exasol for',
    'site.json.',
    'Only a part of it was asked for: --to a --flow client.',
    'Review before applying; Portolan never applies it.',
    '',
    '1  from  c',
    '         10.0.0.13',
    '   to    a',
    '         10.0.0.11',
    '   tcp   8563',
  ]);
});

test('what failed in a report is asked for without an inventory', async (t) => {
  const { status, stdout, stderr } = await rules('--failed', 'report.json', '--format', 'csv');
  t.is(status, 0, stderr);
  const [origin] = stdout.split('\n');
  t.is(
    origin,
    '# Firewall change request by portolan rules, made from what failed in report.json (run 20261121T031500Z-1 of portolan check).',
  );
  const asked = stdout.split('\n').filter((line) => /^\d/.test(line));
  t.deepEqual(
    asked.map((line) => line.split(',tcp,').at(-1)!.split(',').slice(0, 2)),
    [
      ['8563', 'exasol/client'],
      ['20500-20599', 'exasol/subconnections'],
      ['389', 'exasol/ldap'],
    ],
  );
});

test('the filters choose among the checks of a report', async (t) => {
  const { status, stdout } = await rules('--failed', 'report.json', '--format', 'csv', '--flow', 'exasol/client');
  t.is(status, 0);
  t.deepEqual(stdout.match(/^\d+,.*/gm)?.length, 1);
});

test('where nothing failed there is nothing to ask for, and that is no failure', async (t) => {
  t.deepEqual(await rules('--failed', 'green.json'), {
    status: 0,
    stdout: 'nothing failed that a firewall rule would mend\n',
    stderr: '',
  });
});

const refusals: readonly { readonly args: readonly string[]; readonly stderr: RegExp }[] = [
  {
    args: ['-i', 'site.json', '--format', 'nftable'],
    stderr: /^portolan: unknown format "nftable"; did you mean "nftables"\?\n$/,
  },
  {
    args: ['-i', 'site.json', '--nft-chain', 'inet filter forward'],
    stderr: /^portolan: --nft-chain is for rules of nftables; give --format nftables too\n$/,
  },
  {
    args: ['-i', 'site.json', '--format', 'nftables', '--nft-chain', 'forward; flush ruleset'],
    stderr:
      /^portolan: --nft-chain "forward; flush ruleset" is not a chain; expected family, table and chain, such as "inet filter forward"\n$/,
  },
  {
    args: ['exasol', '--failed', 'report.json'],
    stderr: /^portolan: --failed takes its flows from the report; choose among them with --flow SCENARIO\/FLOW\n$/,
  },
  { args: ['--failed', 'nowhere.json'], stderr: /^portolan: cannot read nowhere\.json: there is no such file\n$/ },
  {
    args: ['--failed', 'cut.json'],
    stderr: /^portolan: cut\.json is not JSON: .*; expected what --reporter json writes\n$/,
  },
  {
    args: ['--failed', 'other.json'],
    stderr:
      /^portolan: other\.json is not a report of portolan\.report\/1, at schema: .*; expected what --reporter json writes\n$/,
  },
  {
    args: ['--failed', 'part.json'],
    stderr: /^portolan: part\.json is not a report of portolan\.report\/1, at checks\.0\.status: .*\n$/,
  },
  {
    args: ['--failed', 'report.json', '--to', 'nobody'],
    stderr: /^portolan: --to nobody matches no check of report\.json\n$/,
  },
  { args: ['--failed', 'report.json', '-i', 'nowhere.json'], stderr: /nowhere\.json/ },
  {
    args: ['-i', 'roleless.json', 'exasol'],
    stderr: /^portolan: nothing to probe: no flow leads from a host to anything; .*\n/,
  },
  { args: ['-i', 'site.json', '--from', 'd'], stderr: /^portolan: unknown host or role "d" at --from; .*\n$/ },
];

for (const { args, stderr } of refusals) {
  test(`portolan rules ${args.join(' ')} is refused with exit code 2`, async (t) => {
    const result = await rules(...args);
    t.is(result.status, 2, result.stderr);
    t.regex(result.stderr, stderr);
    t.is(result.stdout, '');
  });
}
