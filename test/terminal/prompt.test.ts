import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { execaSync } from 'execa';
import { terminalAsk } from '#src/terminal/prompt.js';
import { testNeeding } from '../needing.js';

const module = fileURLToPath(import.meta.resolve('#src/terminal/prompt.js'));
const hasPty = execaSync('python3', ['-c', 'import pty'], { reject: false }).exitCode === 0;
const ptyTest = (title: string, implementation: (t: ExecutionContext) => Promise<void>) =>
  testNeeding(hasPty ? undefined : 'no python3 with its pty module', title, implementation);

/** Runs a script with `ask` on a terminal of its own, and types each answer once its question is there. */
async function converse(script: string, typed: Readonly<Record<string, string>>): Promise<string> {
  const program = `
    import { terminalAsk } from ${JSON.stringify(module)};
    const onInterrupt = () => { console.log('interrupted'); process.exit(130); };
    const ask = terminalAsk({ input: process.stdin, output: process.stdout, onInterrupt });
    ${script}`;
  const command = [process.execPath, '--input-type=module', '-e', program];
  const child = spawn('python3', ['-c', 'import pty, sys; pty.spawn(sys.argv[1:])', ...command], { stdio: 'pipe' });
  let output = '';
  const waiting = Object.entries(typed);
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    while (waiting[0] !== undefined && output.includes(waiting[0][0])) child.stdin.write(waiting.shift()![1]);
  });
  await once(child, 'close');
  return output;
}

ptyTest('an answer is returned, and shown as it is typed', async (t) => {
  const output = await converse("console.log('got', await ask('User?', { secret: false }));", { 'User?': 'ops\r' });
  t.regex(output, /User\? .*ops/);
  t.regex(output, /got ops/);
});

ptyTest('a secret is returned and never shown', async (t) => {
  const script = "const got = await ask('Password?', { secret: true }); console.log('length ' + got.length);";
  const output = await converse(script, { 'Password?': 'hunter2\r' });
  t.regex(output, /length 7/);
  t.notRegex(output, /hunter2/);
});

ptyTest('questions are asked one at a time, in the order of asking', async (t) => {
  const script = `
    const both = [ask('First?', { secret: true }), ask('Second?', { secret: true })];
    console.log('got', (await Promise.all(both)).join());`;
  const output = await converse(script, { 'First?': 'a\r', 'Second?': 'b\r' });
  t.true(output.indexOf('First?') < output.indexOf('Second?'));
  t.regex(output, /got a,b/);
});

ptyTest('Ctrl-C at a question is handed on', async (t) => {
  const output = await converse("await ask('Password?', { secret: true });", { 'Password?': '\u0003' });
  t.regex(output, /interrupted/);
});

test('without a terminal nobody is asked', async (t) => {
  const { stdin, stdout } = process;
  const input = Object.create(stdin, { isTTY: { value: false } }) as NodeJS.ReadStream;
  const ask = terminalAsk({ input, output: stdout, onInterrupt: () => t.fail() });
  t.is(await ask('Password?', { secret: true }), undefined);
});
