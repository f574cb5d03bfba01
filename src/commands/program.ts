import { Command, CommanderError } from 'commander';
import { type ExitCode, exitCodes } from '../model/errors.js';
import type { ExplainFlags } from './explain.js';
import type { CommandIo } from './io.js';
import type { CheckFlags, PreflightFlags } from './options.js';
import type { PlanCommandFlags } from './plan.js';
import type { RulesFlags } from './rules.js';

/** What the program needs beside the commands' own surroundings. */
export interface ProgramIo {
  readonly version: string;
  stdout(text: string): void;
  stderr(text: string): void;
  /** The surroundings of one command, made once its flags are known. */
  commandIo(flags: { readonly color: boolean; readonly quiet?: boolean }): CommandIo;
}

const collect = (value: string, previous: readonly string[]): string[] => [...previous, value];

function pairOptions(command: Command): Command {
  return command
    .option('-i, --inventory <file>', 'hosts and roles (default: inventory.json or inventory.yaml)')
    .option('--from <host|role>', 'only flows from this source; repeatable', collect, [])
    .option('--to <host|role|endpoint>', 'only flows to this destination; repeatable', collect, []);
}

function planOptions(command: Command): Command {
  return paceOptions(flowOptions(command));
}

function flowOptions(command: Command): Command {
  return pairOptions(command).option('--flow <flow>', 'only this flow, FLOW or SCENARIO/FLOW; repeatable', collect, []);
}

function paceOptions(command: Command): Command {
  return command
    .option('--sample <n>', 'probe n ports of each range, and say so')
    .option('--rate <n>', 'connects per second per vantage; 0 lifts every limit', '200')
    .option('--total-rate <n>', 'connects per second of the whole run; 0 lifts it', '2000')
    .option('--seed <n>', 'order of the probes (default: random, and reported)');
}

function probeOptions(command: Command): Command {
  return command
    .option('--timeout <duration>', 'of a connect: 500ms, 3.5s', '3.5s')
    .option('--parallel <n>', 'hosts logged in to at once', '50')
    .option('--mysql-user <name>', 'unprivileged user that completes MySQL handshakes', 'portolan')
    .option('--no-diagnose', 'report what was seen, without causes and remedies');
}

/** What every command that reports checks takes. */
function reportOptions(command: Command): Command {
  const planned = planOptions(command).option(
    ...(['-r, --reporter <name[=file]>', 'table, json or ndjson; repeatable', collect, []] as const),
  );
  return commonOptions(probeOptions(planned))
    .option('--ticket <text>', 'kept in the report')
    .option('-q, --quiet', 'only what is wrong, and the verdict')
    .option('-v, --verbose', 'every check');
}

function commonOptions(command: Command): Command {
  return command.option('--no-color', 'no colour; NO_COLOR does the same');
}

/**
 * Runs one command line. Resolves with the exit code; rejects with an ExpectedError or a bug. Each command's code is
 * loaded when it is asked for, so that `--help` is quick.
 */
export async function runProgram(args: readonly string[], io: ProgramIo): Promise<ExitCode> {
  let exitCode: ExitCode = exitCodes.passed;
  const program = new Command('portolan')
    .description('Proves, from every node, that the documented network flows really pass.')
    .version(io.version, '-V, --version')
    .configureOutput({ writeOut: io.stdout, writeErr: io.stderr })
    .exitOverride()
    .showHelpAfterError('(portolan --help lists the commands)');

  reportOptions(program.command('check'))
    .summary('verify every documented flow')
    .description('Verify every documented flow: after an installation, and as the smoke test.')
    .argument('[scenario...]', "bundled names or files (default: the inventory's own list)")
    .option('--listen', 'prove idle ports of reachable flows with temporary listeners')
    .action(async (scenarios: string[], flags: CheckFlags & { color: boolean }) => {
      const [{ runCheck }, { checkSettings }] = await Promise.all([import('./check.js'), import('./options.js')]);
      const report = await runCheck(scenarios, checkSettings(flags), io.commandIo(flags));
      exitCode = report.summary.exitCode;
    });

  reportOptions(program.command('preflight'))
    .summary('verify before installation: ports free, rules kept, paths proven')
    .description('Verify before an installation: ports free, rules kept, and paths proven with temporary listeners.')
    .argument('[scenario...]', "bundled names or files (default: the inventory's own list)")
    .option('--listen-closed', 'listen for closed flows too: a refusal is then a firewall’s')
    .option(
      '--browser-ports <list>',
      'ports that browsers refuse: documented, or extended by what came since',
      'documented',
    )
    .action(async (scenarios: string[], flags: PreflightFlags & { color: boolean }) => {
      const [{ runPreflight }, { preflightSettings }] = await Promise.all([
        import('./preflight.js'),
        import('./options.js'),
      ]);
      const report = await runPreflight(scenarios, preflightSettings(flags), io.commandIo(flags));
      exitCode = report.summary.exitCode;
    });

  commonOptions(planOptions(program.command('plan')))
    .summary('show what would be probed; connects to nothing')
    .description('Show what would be probed: per flow its sources, destinations, ports, checks and probes.')
    .argument('[scenario...]', "bundled names or files (default: the inventory's own list)")
    .option('--notice', 'print what the security team wants to know beforehand, ready to be mailed')
    .option('--start <text>', 'with --notice: when it is to begin, in your own words')
    .action(async (scenarios: string[], flags: PlanCommandFlags & { color: boolean }) => {
      const { runPlan } = await import('./plan.js');
      runPlan(scenarios, flags, io.commandIo(flags));
    });

  commonOptions(probeOptions(paceOptions(pairOptions(program.command('explain')))))
    .summary("the whole story of one flow's checks")
    .description('Try the checks of one flow, and tell all that was seen and said, step by step, and what decided.')
    .argument('<flow>', 'FLOW or SCENARIO/FLOW')
    .action(async (flow: string, flags: ExplainFlags & { color: boolean }) => {
      const { runExplain } = await import('./explain.js');
      exitCode = await runExplain(flow, flags, io.commandIo(flags));
    });

  commonOptions(flowOptions(program.command('rules')))
    .summary('the firewall change request: what must be opened')
    .description(
      'Print what firewalls have to let through for the documented flows, merged; for review, never applied.',
    )
    .argument('[scenario...]', "bundled names or files (default: the inventory's own list)")
    .option('--failed <report>', 'only what failed in this JSON report, as far as a firewall may be why')
    .option('--format <name>', 'table, csv, markdown, nftables, firewalld, iptables, aws or terraform', 'table')
    .option('--nft-chain <chain>', 'where rules of nftables go (default: "inet filter forward")')
    .action(async (scenarios: string[], flags: RulesFlags & { color: boolean }) => {
      const { runRules } = await import('./rules.js');
      runRules(scenarios, flags, io.commandIo(flags));
    });

  const scenarios = program.command('scenarios').summary('list, show or validate scenarios');
  scenarios.description('The vendor documents as data.');
  commonOptions(scenarios.command('list', { isDefault: true }))
    .description('List the bundled scenarios.')
    .action(async (flags: { color: boolean }) => {
      const { listScenarios } = await import('./scenarios.js');
      const { stdout, width } = io.commandIo(flags);
      stdout(listScenarios(width));
    });
  commonOptions(scenarios.command('show'))
    .description('Show the flow table of a scenario.')
    .argument('<scenario>', 'a bundled name or a file')
    .action(async (scenario: string, flags: { color: boolean }) => {
      const { showScenario } = await import('./scenarios.js');
      const { stdout, width } = io.commandIo(flags);
      stdout(showScenario(scenario, width));
    });
  commonOptions(scenarios.command('validate'))
    .description('Check scenario files; every problem is reported with its file and line.')
    .argument('<file...>')
    .action(async (files: string[], flags: { color: boolean }) => {
      const { validateScenarios } = await import('./scenarios.js');
      io.commandIo(flags).stdout(validateScenarios(files));
    });

  commonOptions(program.command('demo'))
    .summary('see the tool work on an embedded site, some of it broken')
    .description('Start a small site on loopback, some of it broken on purpose, and check it.')
    .action(async (flags: { color: boolean }) => {
      const { runDemo } = await import('./demo.js');
      exitCode = await runDemo(io.commandIo(flags));
    });

  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Commander has printed its sentence already; its own code for every refusal is 1, which here means a failed check.
    return error.exitCode === 0 ? exitCodes.passed : exitCodes.usage;
  }
  return exitCode;
}
