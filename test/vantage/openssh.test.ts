import { vantageContract } from './contract.js';
import { breakable, context, hostOf, never, opensshFor, sshdFor, sshdTest } from './fixtures.js';

vantageContract(sshdTest, 'openssh', async (t) => opensshFor(t, context()).connect(hostOf(await sshdFor(t)), never), {
  forwards: false,
  breakable: breakable(opensshFor),
});
