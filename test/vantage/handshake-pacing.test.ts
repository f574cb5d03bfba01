import test from 'ava';
import { HandshakePacing, LostBeforeHandshake } from '#src/vantage/handshake-pacing.js';
import { never } from './fixtures.js';

test('handshakes with one destination are limited, and destinations do not wait for each other', async (t) => {
  const pacing = new HandshakePacing({ atOnce: 2 });
  const running = new Map<string, number>();
  let most = 0;
  let both = 0;
  const handshake = (destination: string) =>
    pacing.run(destination, never, async () => {
      running.set(destination, (running.get(destination) ?? 0) + 1);
      most = Math.max(most, running.get(destination)!);
      both = Math.max(
        both,
        [...running.values()].reduce((sum, one) => sum + one),
      );
      await new Promise((resolve) => setTimeout(resolve, 5));
      running.set(destination, running.get(destination)! - 1);
    });
  await Promise.all(Array.from({ length: 20 }, (_, index) => handshake(index % 2 === 0 ? 'a' : 'b')));
  t.is(most, 2);
  t.is(both, 4);
});

test('a dropped handshake is tried again after growing, jittered waits, and then given up with its last reason', async (t) => {
  const waits: number[] = [];
  const pacing = new HandshakePacing({
    tries: 7,
    random: () => 0.5,
    wait: async (milliseconds) => {
      waits.push(milliseconds);
    },
  });
  let tried = 0;
  const dropped = pacing.run('a', never, async () => {
    tried += 1;
    throw new LostBeforeHandshake(`try ${tried}`);
  });
  await t.throwsAsync(dropped, { message: 'try 7' });
  t.deepEqual(waits, [200, 300, 500, 900, 1100, 1100]);
});

test('any other failure is not tried again', async (t) => {
  let tried = 0;
  const failing = new HandshakePacing().run('a', never, async () => {
    tried += 1;
    throw new Error('wrong key');
  });
  await t.throwsAsync(failing, { message: 'wrong key' });
  t.is(tried, 1);
});

test('a drop halves what the destination is given at once', async (t) => {
  const pacing = new HandshakePacing({ atOnce: 4, wait: async () => {} });
  let dropped = false;
  let running = 0;
  let most = 0;
  const handshake = () =>
    pacing.run('a', never, async () => {
      if (!dropped) {
        dropped = true;
        throw new LostBeforeHandshake('dropped');
      }
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setTimeout(resolve, 5));
      running -= 1;
    });
  await handshake();
  most = 0;
  await Promise.all(Array.from({ length: 10 }, handshake));
  t.is(most, 2);
});

test('an abort ends the waiting for a turn, and the turn is not lost', async (t) => {
  const pacing = new HandshakePacing({ atOnce: 1 });
  let finish = () => {};
  const first = pacing.run('a', never, () => new Promise<void>((resolve) => (finish = resolve)));
  const abort = new AbortController();
  const second = pacing.run('a', abort.signal, async () => t.fail());
  const third = pacing.run('a', never, async () => 'third');
  abort.abort(new Error('Ctrl-C'));
  await t.throwsAsync(second, { message: 'Ctrl-C' });
  finish();
  await first;
  t.is(await third, 'third');
});
