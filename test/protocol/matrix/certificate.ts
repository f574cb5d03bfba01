import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import type { ServerTls } from '../../lab/servers/server.js';

/** A certificate that nobody vouches for. */
export async function selfSigned(): Promise<ServerTls> {
  const folder = mkdtempSync(join(tmpdir(), 'portolan-certificate-'));
  const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
  const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '365'];
  await execa('openssl', ['req', ...kind, '-subj', '/CN=lab', '-keyout', key, '-out', certificate]);
  const pem = { certificate: readFileSync(certificate, 'utf8'), key: readFileSync(key, 'utf8') };
  rmSync(folder, { recursive: true });
  return pem;
}
