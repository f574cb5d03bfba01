import { execFileSync } from 'node:child_process';
import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import type { Vantage } from '#src/model/vantage.js';
import { createCommandTransport } from '#src/vantage/command.js';
import { pathOf } from '../lab/interpreters.js';
import { testNeeding } from '../needing.js';
import { vantageContract } from './contract.js';
import { commandHost, context, folderFor, never, output, refusal } from './fixtures.js';

// Shells that read ahead on their stdin, and one that does not.
for (const command of [['sh'], ['bash'], ['busybox', 'sh']])
  vantageContract(
    (title, body) => testNeeding(pathOf(command[0]!) ? undefined : `no ${command[0]}`, title, body),
    `command ${command.join(' ')}`,
    () => begin(command),
    {
      forwards: false,
      breakable: async (t) => {
        // The first is the one that holds the host; a container's end is the end of all.
        const file = join(folderFor(t), 'ids');
        const vantage = await begin(['sh', '-c', 'echo $$ >>"$0"; exec "$@"', file, ...command]);
        const cut = () => {
          for (const id of readFileSync(file, 'utf8').trim().split('\n')) process.kill(Number(id), 'SIGKILL');
          rmSync(dirname(file), { recursive: true });
        };
        return { vantage, cut };
      },
    },
  );

const begin = (command: readonly string[]) => createCommandTransport(context()).connect(commandHost(command), never);

/** A program of the test's own; a real client may not be there, nor a daemon behind it. */
function program(t: ExecutionContext, text: string): string {
  const file = join(folderFor(t), 'docker');
  writeFileSync(file, `#!/bin/sh\n${text}`);
  chmodSync(file, 0o755);
  return file;
}

async function vantageOf(t: ExecutionContext, command: readonly string[]): Promise<Vantage> {
  const vantage = await begin(command);
  t.teardown(() => vantage.close());
  return vantage;
}

const sentence = (t: ExecutionContext, command: readonly string[], readyMs = 20_000) =>
  refusal(t, createCommandTransport(context(), { readyMs }), commandHost(command));

test('command: what a profile prints before the command runs is none of its output', async (t) => {
  const noisy = program(t, 'echo "welcome to"; printf "this host"; exec sh\n');
  const vantage = await vantageOf(t, [noisy]);
  t.is(await output(vantage, 'cat', 'in'), 'in');
});

test('command: words reach the program as they are, without a shell in between', async (t) => {
  const picky = program(t, '[ "$#" = 2 ] && [ "$2" = "a b; *" ] && exec sh\n');
  const vantage = await vantageOf(t, [picky, '-i', 'a b; *']);
  t.is(await output(vantage, "echo 'it'\\''s in'"), "it's in\n");
});

test('command: a program that is not there', async (t) => {
  t.is(
    await sentence(t, ['dokcer', 'exec', '-i', 'db1', 'sh']),
    'cannot log in to db1: "dokcer exec -i db1 sh" cannot be started: there is no program dokcer on this machine; check ' +
      '"transport" in the inventory, and the PATH',
  );
});

test('command: a file that may not be run', async (t) => {
  const file = join(folderFor(t), 'docker');
  writeFileSync(file, '#!/bin/sh\n');
  t.is(
    await sentence(t, [file, 'sh']),
    `cannot log in to db1: "${file} sh" cannot be started: ${file} may not be run by this user`,
  );
});

test('command: a container that is not there, in docker’s own words', async (t) => {
  const docker = program(t, 'echo "Error response from daemon: No such container: $3" >&2; exit 1\n');
  t.is(
    await sentence(t, [docker, 'exec', '-i', 'db1', 'sh']),
    `cannot log in to db1: "${docker} exec -i db1 sh" ended with exit code 1: Error response from daemon: No such container: db1`,
  );
});

test('command: one that ends at once and says nothing, as docker exec without -i does', async (t) => {
  const docker = program(t, 'exec "$3" </dev/null\n');
  t.is(
    await sentence(t, [docker, 'exec', 'db1', 'sh']),
    `cannot log in to db1: "${docker} exec db1 sh" ended with exit code 0: it has to start a shell that reads its standard ` +
      'input; docker, podman and kubectl need -i for that',
  );
});

test('command: one that says nothing at all', async (t) => {
  t.is(
    await sentence(t, ['sleep', '60'], 300),
    'cannot log in to db1: "sleep 60" gave no shell within 0.3 s: it has to start one that reads its standard input',
  );
});

test('command: one that sends back what it reads is no shell', async (t) => {
  t.regex(
    await sentence(t, ['cat'], 300),
    /^cannot log in to db1: "cat" gave no shell within 0\.3 s \(it said: echo .*\): it has to start one/,
  );
});

test('command: an abort while the command is still silent ends it', async (t) => {
  const abort = new AbortController();
  setTimeout(() => abort.abort(new Error('enough')), 100);
  const connecting = createCommandTransport(context()).connect(commandHost(['sleep', '4711.5']), abort.signal);
  await t.throwsAsync(connecting, { message: 'enough' });
  t.throws(() => execFileSync('pgrep', ['-f', 'sleep 4711.5']), { message: /failed/i });
});

test('command: the end of what holds the host open is its loss', async (t) => {
  const docker = program(t, '[ -e "$0.pid" ] || echo $$ >"$0.pid"; exec sh\n');
  const vantage = await vantageOf(t, [docker, 'exec', '-i', 'db1', 'sh']);
  t.is(await output(vantage, 'echo in'), 'in\n');
  t.is(await Promise.race([vantage.lost, sleep(50)]), undefined, 'the end of a command is not');
  process.kill(Number(readFileSync(`${docker}.pid`, 'utf8')), 'SIGKILL');
  t.is((await vantage.lost).message, `the connection to db1 was lost: "${docker} exec -i db1 sh" was ended by SIGKILL`);
});

test('command: its process is in a group of its own, which the terminal’s Ctrl-C does not reach', async (t) => {
  const vantage = await vantageOf(t, ['sh']);
  const group = await output(vantage, 'ps -o pgid= -p $$');
  t.not(group.trim(), execFileSync('ps', ['-o', 'pgid=', '-p', `${process.pid}`], { encoding: 'utf8' }).trim());
});
