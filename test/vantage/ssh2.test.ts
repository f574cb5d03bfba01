import { vantageContract } from './contract.js';
import { breakable, context, hostOf, never, ssh2For, sshdFor, sshdTest } from './fixtures.js';

vantageContract(sshdTest, 'ssh2', async (t) => ssh2For(t, context()).connect(hostOf(await sshdFor(t)), never), {
  forwards: true,
  breakable: breakable(ssh2For),
});
