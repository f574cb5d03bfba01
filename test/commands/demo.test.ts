import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { runDemo } from '#src/commands/demo.js';
import { addressShared } from '#src/demo/layout.js';

const cli = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));

interface Demo {
  readonly finished: Promise<{ readonly code: number | null; readonly output: string }>;
  /** As a terminal does: the signal goes to the whole group. */
  interrupt(): void;
  /** SIGKILL, to the demo alone. */
  kill(): void;
  /** Resolves while it is in the middle of its check. */
  checking(): Promise<void>;
  /** Files and processes of this demo that are still there. */
  remains(): readonly string[];
}

/** A demo with a home and a folder for temporary files of its own, by which its remains are known. */
function startDemo(t: ExecutionContext): Demo {
  const folder = mkdtempSync(join(tmpdir(), 'portolan-test-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const env = { PATH: process.env.PATH, HOME: folder, TMPDIR: folder };
  const child = spawn(process.execPath, [cli, 'demo'], { env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  return {
    finished: once(child, 'close').then(([code]) => ({ code, output })),
    interrupt: () => process.kill(-child.pid!, 'SIGINT'),
    kill: () => void child.kill('SIGKILL'),
    checking: async () => {
      while (!output.includes('This is what')) {
        if (child.exitCode !== null) throw new Error(`the demo has ended:\n${output}`);
        await sleep(20);
      }
      await sleep(1000);
    },
    remains: () => [...readdirSync(folder), ...processesWith(`HOME=${folder}`)],
  };
}

function processesWith(setting: string): string[] {
  if (!existsSync('/proc/self/environ')) return [];
  return readdirSync('/proc').filter((entry) => {
    try {
      return /^\d+$/.test(entry) && readFileSync(`/proc/${entry}/environ`, 'utf8').split('\0').includes(setting);
    } catch {
      // It ended meanwhile, or is not ours.
      return false;
    }
  });
}

test.serial('the demo sees what it planted, exits 0 and leaves nothing behind', async (t) => {
  const demo = startDemo(t);
  const { code, output } = await demo.finished;
  t.is(code, 0, output);
  for (const text of ['tow-lines', 'an HTTP server answers', 'timeout (3.5 s)', 'Customs opens in spring'])
    t.true(output.includes(text), text);
  // The ports are moved up where another program, or another demo, has them.
  t.regex(output, /\b\d{3}12-\d{3}14\b/);
  t.regex(output, /The report is exactly what was\s+planted/);
  t.deepEqual(demo.remains(), []);
});

test.serial('Ctrl-C ends the demo with what is known so far, and leaves nothing behind', async (t) => {
  const demo = startDemo(t);
  await demo.checking();
  t.not(demo.remains().length, 0);
  demo.interrupt();
  const { code, output } = await demo.finished;
  t.is(code, 130, output);
  t.deepEqual(demo.remains(), []);
});

test.serial('a demo that is killed leaves nothing behind either', async (t) => {
  const demo = startDemo(t);
  await demo.checking();
  demo.kill();
  await demo.finished;
  // The programs on its hosts notice by their input that nobody is there any more.
  for (let attempt = 0; attempt < 100 && demo.remains().length > 0; attempt++) await sleep(100);
  t.deepEqual(demo.remains(), []);
});

test.serial('where all members share one address, as on macOS, the demo sees the same', async (t) => {
  let output = '';
  const code = await runDemo(
    {
      stdout: (text) => {
        output += text;
      },
      warn: (sentence) => t.log(sentence),
      width: 80,
      color: false,
      environment: process.env,
      ask: () => Promise.resolve(undefined),
      progress: () => {},
      signal: new AbortController().signal,
      now: () => new Date(),
    },
    addressShared,
  );
  t.is(code, 0, output);
});
