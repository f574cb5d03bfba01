import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';
import type { EngineName } from '#src/model/engine.js';
import { openSession } from '#src/sweep/session.js';
import { countResets } from '../lab/filter.js';
import { labTest } from '../lab/lab-test.js';
import type { Machine } from '../lab/machine.js';
import { finalAnswers, sweepAll } from './final-answers.js';
import { inside, machine, quiet } from './node.js';

/** Services by port: what each does with a connection. */
const services: Readonly<Record<number, string>> = {
  20000: 'socket.end()',
  20001: 'socket.end("220 mail.example ESMTP\\r\\n")',
  // As sshd: it greets, and a moment after it was connected to.
  20002: 'setTimeout(() => socket.end("SSH-2.0-OpenSSH_9.2\\r\\n"), 50)',
  20003: 'setTimeout(() => socket.write("220 welcome\\r\\n"), 250)',
  // It waits for the client to speak first, and sees that the client is gone.
  20004: 'socket.on("end", () => socket.end())',
};

async function serve(node: Machine): Promise<() => void> {
  const servers = Object.entries(services).map(
    ([port, what]) =>
      `net.createServer({ allowHalfOpen: true }, (socket) => { socket.on('error', () => {}).resume(); ${what} }).listen(${port}, '10.9.0.1')`,
  );
  const program = `const net = require('net'); ${servers.join('; ')}; setTimeout(() => console.log('listening'), 100);`;
  const child = execa('nsenter', [...node.networkOnly, process.execPath, '-e', program], { reject: false });
  await new Promise((resolve) => child.stdout.once('data', resolve));
  return () => void child.kill('SIGKILL');
}

for (const engine of ['python', 'perl'] as const satisfies readonly EngineName[])
  labTest(`${engine}: a service that greets, closes or waits is left with FIN, never with RST`, async (t) => {
    const node = await machine(t);
    t.teardown(await serve(node));
    const resets = await countResets(node, { chain: 'output', ports: '20000-20004' });
    const session = await openSession(inside(node), { engine }, quiet);
    const item = { id: 0, target: '10.9.0.1', ports: [[20000, 20004]] as const, allowOwnAddress: true };
    for (let round = 0; round < 5; round += 1)
      t.deepEqual(finalAnswers(await sweepAll(session, [item])), { '10.9.0.1': { connected: '20000-20004' } });
    await session.close();
    await delay(500);
    t.is(await resets(), 0);
  });
