import type { Duplex } from 'node:stream';

const farewellMs = 1000;

/**
 * FIN at once; what the service still says is not wanted, and must not hold the channel up. Resolves once the stream is
 * closed.
 */
export async function letGo(stream: Duplex): Promise<void> {
  stream.on('error', () => {});
  const closed = new Promise((resolve) => stream.once('close', resolve));
  stream.resume();
  stream.end();
  // It destroys itself once both sides have ended.
  const patience = setTimeout(() => stream.destroy(), farewellMs).unref();
  if (!stream.destroyed) await closed;
  clearTimeout(patience);
}
