import { createSsh2Transport } from '#src/vantage/ssh2.js';
import { vantageContract } from './contract.js';
import { context, hostOf, never, sshdFor, sshdTest } from './fixtures.js';

vantageContract(
  sshdTest,
  'ssh2',
  async (t) => createSsh2Transport(context()).connect(hostOf(await sshdFor(t)), never),
  { forwards: true },
);
