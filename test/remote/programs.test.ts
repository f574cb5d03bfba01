import test from 'ava';
import { execa, execaSync } from 'execa';
import { listenerPrograms } from '#src/listen/programs.js';
import { bootstrapScript, programText, type RemoteProgram } from '#src/remote-program/bootstrap.js';
import { lastEngines, programEngines } from '#src/sweep/engines.js';
import { relayPrograms } from '#src/vantage/relay/programs.js';
import { testNeeding } from '../needing.js';

const programs: readonly RemoteProgram[] = [...programEngines, ...lastEngines, ...relayPrograms, ...listenerPrograms];

const compile = 'import sys; compile(sys.stdin.read(), "program", "exec")';

async function compiles(file: string, args: readonly string[], program: RemoteProgram) {
  return execa(file, args, { input: programText(program), reject: false });
}

const python2 = process.env.PORTOLAN_PYTHON2 ?? 'python2.7';
const hasPython2 = execaSync(python2, ['-c', ''], { reject: false }).exitCode === 0;
const missing = hasPython2 ? undefined : 'no python 2.7; PORTOLAN_PYTHON2 may name one';

/** The wall clock, in each language. */
const clocks: Readonly<Record<string, RegExp>> = {
  python: /time\.time\b/,
  perl: /(?<![$@%&\w>-])time\b(?=\s*[;,()}])|HiRes::time/,
  nc: /\bdate\b/,
  bash: /\bdate\b|\bEPOCH|printf.*%\(/,
};

/** The listeners tell what time it is where they run, and do nothing by it. */
const told = /^(?:def|sub) wall_clock.*\n(?:[ }].*\n|\}\n)*/m;

for (const program of programs) {
  const [name] = program.files.slice(-1);
  if (program.name === 'python') {
    test(`${name} compiles under python 3`, async (t) => {
      const { exitCode, stderr } = await compiles('python3', ['-W', 'error', '-c', compile], program);
      t.is(exitCode, 0, stderr);
    });

    testNeeding(missing, `${name} compiles under python 2.7`, async (t) => {
      const { exitCode, stderr } = await compiles(python2, ['-c', compile], program);
      t.is(exitCode, 0, stderr);
    });

    test(`${name} is ASCII, so that python 2 takes it without a declared encoding`, (t) => {
      t.regex(programText(program), /^[\x09\x0a\x20-\x7e]*$/);
    });
  }

  if (program.name === 'perl')
    test(`${name} compiles without a warning`, async (t) => {
      const { exitCode, stderr } = await compiles('perl', ['-wc'], program);
      t.deepEqual([exitCode, stderr], [0, '- syntax OK']);
    });

  if (program.name === 'bash')
    test(`${name} is well formed`, async (t) => {
      const { exitCode, stderr } = await compiles('bash', ['-n'], program);
      t.deepEqual([exitCode, stderr], [0, '']);
    });

  if (program.name === 'nc')
    for (const sh of [['dash'], ['bash', '--posix'], ['busybox', 'sh']] as const)
      test(`${name} is well formed for ${sh[0]}`, async (t) => {
        const [file, ...args] = sh;
        const { exitCode, stderr } = await compiles(file, [...args, '-n'], program);
        t.deepEqual([exitCode, stderr], [0, '']);
      });

  test(`${name} does not look at the wall clock: were it set, every probe would be silent at once`, (t) => {
    t.notRegex(programText(program).replace(told, ''), clocks[program.name] ?? /$/);
  });
}

for (const [what, those] of Object.entries({
  sweep: programEngines,
  'sweep’s last resort': lastEngines,
  relay: relayPrograms,
  listener: listenerPrograms,
}))
  test(`the bootstrap script of a ${what} is well formed, and below the 100 KB that an argument may safely have`, async (t) => {
    const script = bootstrapScript('0123456789abcdef', those);
    t.true(Buffer.byteLength(script) < 100_000);
    const { exitCode, stderr } = await execa('sh', ['-n'], { input: script, reject: false });
    t.is(exitCode, 0, stderr);
    t.notRegex(script, /<<(?!<)/, 'a here-document would be written to /tmp by older shells');
  });
