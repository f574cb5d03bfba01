import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { type AddressInfo, createServer, type Server, type ServerOpts, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ExecutionContext } from 'ava';
import { DialFailure, type Vantage, VantageFailure } from '#src/model/vantage.js';
import { freePort } from '../lab/sshd.js';
import { never, readAll } from './fixtures.js';

type Declare = (title: string, implementation: (t: ExecutionContext) => Promise<void>) => void;

type Make = (t: ExecutionContext) => Promise<Vantage>;

function contractFor(test: Declare, name: string, make: Make) {
  return (title: string, body: (t: ExecutionContext, vantage: Vantage) => Promise<void>) => {
    test(`${name}: ${title}`, async (t) => {
      const vantage = await make(t);
      t.teardown(() => vantage.close());
      await body(t, vantage);
    });
  };
}

/** A vantage whose connection a test can cut from outside. */
export interface Breakable {
  readonly vantage: Vantage;
  readonly cut: () => void;
}

/** What differs between transports. */
export interface VantageTerms {
  /** Whether dial is a channel of the connection's own, or a socket. */
  readonly forwards: boolean;
  /** 'none' where there is no connection that could be lost. */
  readonly breakable: ((t: ExecutionContext) => Promise<Breakable>) | 'none';
}

/** What every transport has to do, run for each of them. */
export function vantageContract(
  test: Declare,
  transport: string,
  make: Make,
  { breakable, forwards }: VantageTerms,
): void {
  const contract = contractFor(test, transport, make);
  dialContract(test, transport, make);
  if (breakable !== 'none') lossContract(test, transport, breakable);

  contract('exec runs a program that is sent on stdin', async (t, vantage) => {
    const running = await vantage.exec('sh -s');
    running.stdin.end('word=portolan\necho "heard $word"\n');
    t.is(await readAll(running.stdout), 'heard portolan\n');
    t.deepEqual(await running.exited, { code: 0, signal: null });
  });

  contract('exec keeps stderr apart and returns the exit code', async (t, vantage) => {
    const running = await vantage.exec('sh -s');
    running.stdin.end('echo out; echo err >&2; exit 7\n');
    const [out, err, exit] = await Promise.all([readAll(running.stdout), readAll(running.stderr), running.exited]);
    t.deepEqual([out, err, exit.code], ['out\n', 'err\n', 7]);
  });

  contract('exec says which signal ended the process', async (t, vantage) => {
    const running = await vantage.exec('exec sh -s');
    running.stdin.end('kill -KILL $$\n');
    running.stdout.resume();
    const exit = await running.exited;
    t.is(exit.signal, 'SIGKILL');
  });

  contract('exec delivers ten megabytes whole', async (t, vantage) => {
    const running = await vantage.exec('sh -s');
    running.stdin.end('yes 0123456789abcde | head -c 10485760\n');
    const out = await readAll(running.stdout);
    t.is(out.length, 10_485_760);
    t.true(out.endsWith('0123456789abcde\n'));
  });

  contract('exec takes a large stdin', async (t, vantage) => {
    const running = await vantage.exec('wc -c');
    running.stdin.end(Buffer.alloc(5_000_000, 'x'));
    t.is((await readAll(running.stdout)).trim(), '5000000');
  });

  contract('exec carries a megabyte of any bytes both ways at once', async (t, vantage) => {
    const running = await vantage.exec('cat');
    const sent = Buffer.from(Array.from({ length: 1_000_000 }, (_, index) => (index * 7919) >> 3));
    running.stdin.end(sent);
    t.true(Buffer.concat(await running.stdout.toArray()).equals(sent));
    t.is((await running.exited).code, 0);
  });

  contract('several commands run at once, each with its own input and end', async (t, vantage) => {
    const words = ['zero', 'one', 'two', 'three', 'four'];
    const all = await Promise.all(words.map((_, code) => vantage.exec(`cat; exit ${code}`)));
    // The last one first: none waits for another.
    for (const [index, running] of [...all.entries()].toReversed()) {
      running.stdin.end(words[index]);
      const [said, { code }] = await Promise.all([readAll(running.stdout), running.exited]);
      t.deepEqual([said, code], [words[index], index]);
    }
  });

  contract('kill closes stdin, which ends a process that listens', async (t, vantage) => {
    const running = await vantage.exec('cat');
    running.stdin.write('ready');
    await once(running.stdout, 'data');
    running.kill();
    running.stdout.resume();
    await running.exited;
    t.pass();
  });

  contract('dial is what the vantage says it is: a channel, or a relay', async (t, vantage) => {
    t.is(await vantage.forwards(), forwards);
  });

  contract('close ends running processes and is not a loss', async (t, vantage) => {
    const running = await vantage.exec('sh -s');
    running.stdin.write('echo ready; exec sleep 60\n');
    await once(running.stdout, 'data');
    running.stdout.resume();
    const started = Date.now();
    await vantage.close();
    await running.exited;
    t.true(Date.now() - started < 3000);
    await t.throwsAsync(vantage.exec('sleep 60'), {
      instanceOf: VantageFailure,
      message: /^\S+ did not run "sleep 60": /,
    });
    const lost = await Promise.race([vantage.lost.then(() => 'lost'), sleep(50)]);
    t.is(lost, undefined);
    await vantage.close();
  });

  contract('close leaves no process behind that listens to its stdin', async (t, vantage) => {
    const running = await vantage.exec('echo $$; exec cat');
    const [id] = (await once(running.stdout, 'data')) as [Buffer];
    const folder = `/proc/${id.toString().trim()}`;
    t.true(existsSync(folder), 'transports are tested on this machine');
    await vantage.close();
    for (let waited = 0; existsSync(folder) && waited < 10_000; waited += 20) await sleep(20);
    t.false(existsSync(folder), 'still there after 10 s');
  });
}

/** What every transport has to do when its connection is lost. */
function lossContract(test: Declare, transport: string, make: (t: ExecutionContext) => Promise<Breakable>): void {
  test(`${transport}: a lost connection is told, ends what ran, and runs nothing more`, async (t) => {
    const { cut, vantage } = await make(t);
    t.teardown(() => vantage.close());
    const running = await vantage.exec('echo ready; exec cat');
    await once(running.stdout, 'data');
    running.stdout.resume();
    cut();
    const { message } = await vantage.lost;
    t.true(message.startsWith(`the connection to ${vantage.host}`) && message.includes(' was lost: '), message);
    await t.throwsAsync(vantage.exec('true'), { instanceOf: VantageFailure, message: /^\S+ did not run "true": / });
    await vantage.close();
    t.not((await running.exited).code, 0);
  });
}

/** What a way of dialling cannot do, by name. */
export type DialBlindness = 'half-close' | 'resets' | 'ICMP';

/** What every dial has to do, whatever carries it. */
export function dialContract(test: Declare, name: string, make: Make, blind: readonly DialBlindness[] = []): void {
  const contract = contractFor(test, name, make);

  contract('dial carries bytes both ways', async (t, vantage) => {
    const { server, port } = await echo(t);
    const stream = await vantage.dial('127.0.0.1', port, never);
    stream.write('over the line');
    const [heard] = (await once(stream, 'data')) as [Buffer];
    t.is(heard.toString(), 'over the line');
    stream.destroy();
    server.close();
  });

  contract('dial sees the end of what the other side says', async (t, vantage) => {
    const { port } = await serve(t, (socket) => socket.end('bye'));
    const stream = await vantage.dial('127.0.0.1', port, never);
    t.is(await readAll(stream), 'bye');
    stream.end();
  });

  contract('dial of a closed port is refused', async (t, vantage) => {
    const error = await t.throwsAsync(vantage.dial('127.0.0.1', await freePort(), never), { instanceOf: DialFailure });
    t.deepEqual(error?.answer, { kind: 'error', errno: 'ECONNREFUSED' });
  });

  contract(
    'dial says when the connect is sent, so that nobody counts its own waiting as silence',
    async (t, vantage) => {
      let sent = 0;
      const { port } = await serve(t, (socket) => socket.end());
      const stream = await vantage.dial('127.0.0.1', port, never, () => {
        sent += 1;
      });
      stream.destroy();
      t.is(sent, 1);
    },
  );

  contract('dial rejects at once with the reason of an abort', async (t, vantage) => {
    const abort = new AbortController();
    abort.abort(new Error('enough'));
    const error = await t.throwsAsync(vantage.dial('127.0.0.1', 9, abort.signal));
    t.true(error instanceof DialFailure || error?.message === 'enough');
  });

  contract('dial carries every byte whole, and more than its windows hold both ways at once', async (t, vantage) => {
    const { port } = await echo(t);
    const stream = await vantage.dial('127.0.0.1', port, never);
    const sent = Buffer.from(Array.from({ length: bulkBytes }, (_, index) => (index * 7919) >> 3));
    stream.write(sent);
    t.true((await read(stream, sent.length)).equals(sent));
    stream.destroy();
  });

  contract(
    'dial keeps a stream that nobody reads from filling the memory or holding up another',
    async (t, vantage) => {
      let flooded = 0;
      const flood = await serve(t, (socket) => {
        const more = () => {
          while (socket.writable && flooded < 200_000_000) {
            flooded += 65_536;
            if (!socket.write(Buffer.alloc(65_536))) return void socket.once('drain', more);
          }
        };
        socket.on('error', () => {});
        more();
      });
      const unread = await vantage.dial('127.0.0.1', flood.port, never);
      const { port } = await echo(t);
      for (let times = 0; times < 20; times += 1) {
        const stream = await vantage.dial('127.0.0.1', port, never);
        stream.write('still there');
        t.is((await read(stream, 11)).toString(), 'still there');
        stream.destroy();
      }
      t.true(flooded < 50_000_000, `${flooded} bytes went somewhere`);
      unread.destroy();
    },
  );

  contract('dial sees all that was sent before the other side went, and then its end', async (t, vantage) => {
    const { port } = await serve(t, (socket) => socket.end(Buffer.alloc(bulkBytes, 7)));
    const stream = await vantage.dial('127.0.0.1', port, never);
    let length = 0;
    for await (const chunk of stream) length += (chunk as Buffer).length;
    t.is(length, bulkBytes);
  });

  if (!blind.includes('half-close'))
    contract('dial closes its own half and still hears the other', async (t, vantage) => {
      const { port } = await serve(t, { allowHalfOpen: true }, (socket) => {
        let heard = '';
        socket.on('data', (chunk) => {
          heard += chunk.toString();
        });
        socket.on('end', () => socket.end(`heard ${heard}`));
      });
      const stream = await vantage.dial('127.0.0.1', port, never);
      stream.end('all of it');
      t.is(await readAll(stream), 'heard all of it');
    });

  contract('a dialled stream that is ended and dropped closes with FIN', async (t, vantage) => {
    const gone = new Promise<string>((resolve) => {
      void serve(t, (socket) => {
        socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
        socket.on('end', () => resolve('FIN'));
        socket.resume();
      }).then(async ({ port }) => {
        const stream = await vantage.dial('127.0.0.1', port, never);
        stream.write('word');
        stream.end(() => stream.destroy());
      });
    });
    t.is(await gone, 'FIN');
  });
}

/** Several of a relay's windows. */
const bulkBytes = 40_000;

/** Reads so many bytes. */
function read(stream: NodeJS.ReadableStream, length: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let got = 0;
  return new Promise((resolve, reject) => {
    stream.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      got += chunk.length;
      if (got >= length) resolve(Buffer.concat(chunks));
    });
    stream.on('close', () => reject(new Error(`closed after ${got} of ${length} bytes`)));
  });
}

type OnSocket = (socket: Socket) => void;

async function serve(
  t: ExecutionContext,
  ...how: [OnSocket] | [ServerOpts, OnSocket]
): Promise<{ server: Server; port: number }> {
  const server = createServer(...(how as [ServerOpts, OnSocket])).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  return { server, port: (server.address() as AddressInfo).port };
}

const echo = (t: ExecutionContext) =>
  serve(t, (socket) => {
    socket.on('error', () => {});
    socket.pipe(socket);
  });
