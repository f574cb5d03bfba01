import { readFileSync } from 'node:fs';
import test from 'ava';
import { execa, execaSync } from 'execa';
import { packagedPath } from '#src/packaged.js';
import { bootstrapScript } from '#src/remote-program/bootstrap.js';
import { programEngines } from '#src/sweep/engines.js';
import { testNeeding } from '../needing.js';

const compile = 'import sys; compile(sys.stdin.read(), "portolan.py", "exec")';

async function compiles(file: string, args: readonly string[], program: string) {
  return execa(file, args, { inputFile: packagedPath(program), reject: false });
}

test('portolan.py compiles under python 3', async (t) => {
  const { exitCode, stderr } = await compiles('python3', ['-W', 'error', '-c', compile], 'src/remote/portolan.py');
  t.is(exitCode, 0, stderr);
});

const python2 = process.env.PORTOLAN_PYTHON2 ?? 'python2.7';
const hasPython2 = execaSync(python2, ['-c', ''], { reject: false }).exitCode === 0;
const missing = hasPython2 ? undefined : 'no python 2.7; PORTOLAN_PYTHON2 may name one';

testNeeding(missing, 'portolan.py compiles under python 2.7', async (t) => {
  const { exitCode, stderr } = await compiles(python2, ['-c', compile], 'src/remote/portolan.py');
  t.is(exitCode, 0, stderr);
});

test('portolan.pl compiles without a warning', async (t) => {
  const { exitCode, stderr } = await compiles('perl', ['-wc'], 'src/remote/portolan.pl');
  t.deepEqual([exitCode, stderr], [0, '- syntax OK']);
});

test('the bootstrap script is well formed, and below the 100 KB that an argument may safely have', async (t) => {
  const script = bootstrapScript('0123456789abcdef', programEngines);
  t.true(Buffer.byteLength(script) < 100_000);
  const { exitCode, stderr } = await execa('sh', ['-n'], { input: script, reject: false });
  t.is(exitCode, 0, stderr);
  t.notRegex(script, /<<(?!<)/, 'a here-document would be written to /tmp by older shells');
});

test('portolan.py is ASCII, so that python 2 takes it without a declared encoding', async (t) => {
  const program = bootstrapScript('0', programEngines.slice(0, 1));
  t.regex(program, /^[\x09\x0a\x20-\x7e]*$/);
});

test('no program looks at the wall clock: were it set, every probe would be silent at once', (t) => {
  const program = (file: string) => readFileSync(packagedPath(file), 'utf8');
  t.notRegex(program('src/remote/portolan.py'), /time\.time\b/);
  t.notRegex(program('src/remote/portolan.pl'), /(?<![$@%&\w>-])time\b(?=\s*[;,()}])|HiRes::time/);
});
