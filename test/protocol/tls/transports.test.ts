import { tls } from '#src/protocol/tls/dialogue.js';
import { createCertificates } from '../../lab/certificates.js';
import { opensslUnavailable, startOpenssl } from '../../lab/servers/openssl.js';
import { missingSshd } from '../../lab/sshd.js';
import { testNeeding } from '../../needing.js';
import { context, hostOf, never, ssh2For, sshdFor, vantageFor } from '../../vantage/fixtures.js';
import { dialogueContext } from '../context.js';
import { patientMs } from '../speak.js';

// Streams that are no sockets: a channel of sshd's, and a relay on the node where sshd forbids channels.

for (const [way, config] of [
  ['a channel', []],
  ['a relay', ['AllowTcpForwarding no']],
] as const) {
  testNeeding(
    opensslUnavailable() ?? missingSshd(),
    `a handshake over ${way} of a real sshd ends with close_notify and FIN`,
    async (t) => {
      const certificates = createCertificates();
      t.teardown(() => certificates.remove());
      const server = await startOpenssl({ identity: await certificates.issue({ commonName: 'db1' }) });
      t.teardown(() => server.stop());
      const vantage = await vantageFor(t, ssh2For(t, context()), hostOf(await sshdFor(t, { config: [...config] })));
      const surroundings = dialogueContext({ timeoutMs: patientMs });
      const speak = async (settings: object) => {
        const stream = await vantage.dial('127.0.0.1', server.port, never);
        return tls.converse(stream, tls.settings.parse(settings), surroundings);
      };
      t.is((await speak({ verify: 'no' })).detail, 'TLS 1.3, certificate of db1');
      t.is((await speak({})).problem, 'certificate');
      t.notRegex(server.log(), /error|errno/i);
    },
  );
}
