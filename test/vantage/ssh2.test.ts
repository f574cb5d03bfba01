import test from 'ava';
import { createSsh2Transport } from '#src/vantage/ssh2.js';
import { vantageContract } from './contract.js';
import { context, hostOf, never, sshdFor } from './fixtures.js';

vantageContract(test, 'ssh2', async (t) => {
  const sshd = await sshdFor(t);
  if (sshd === undefined) return undefined;
  const transport = createSsh2Transport(context());
  return transport.connect(hostOf(sshd), never);
});
