import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { prepareMaterials, readMaterials } from '#src/commands/materials.js';
import { ExpectedError } from '#src/model/errors.js';
import type { Service } from '#src/model/service.js';
import { makeService } from '#src/protocol/service.js';

const serviceWith = (label: string, settings: Service['settings']): Service => ({
  name: label,
  settings,
  key: label,
  label,
});

test('files and secrets are found wherever settings name them', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'portolan-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'ca.pem');
  writeFileSync(file, 'a certificate');
  const web = serviceWith('https /', {
    ca: [{ file }],
    authorization: { basic: { user: 'ops', password: { env: 'WEB' } } },
  });
  const materials = readMaterials([web], { WEB: 'hunter2' });
  t.is(materials.file({ file }).toString(), 'a certificate');
  t.is(materials.secret({ env: 'WEB' }), 'hunter2');
});

test('everything that is missing is said at once, each once, and no secret with it', (t) => {
  const web = serviceWith('https /', { ca: { file: '/nonexistent/ca.pem' }, password: { env: 'WEB_PASSWORD' } });
  const error = t.throws(() => readMaterials([web, web], { OTHER: 'hunter2' }), { instanceOf: ExpectedError });
  t.is(
    error.message,
    'the service https / needs the file /nonexistent/ca.pem, which cannot be read (ENOENT)\n' +
      'the service https / needs the environment variable WEB_PASSWORD, which is not set',
  );
});

test('settings that only look like references are none', (t) => {
  const web = serviceWith('http /', { headers: { file: 'a', env: 'b' }, env: 'production' });
  t.notThrows(() => readMaterials([web], {}));
});

test('a file that is of no use to TLS is refused with the service that names it', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'portolan-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'ca.pem');
  writeFileSync(file, 'a certificate');
  const { settings } = makeService('https', { ca: { file } });
  await t.throwsAsync(prepareMaterials([serviceWith('https /', settings)], {}), {
    instanceOf: ExpectedError,
    message: `the service https /: ${file}: holds no certificate authority. Expected: certificates in PEM.`,
  });
});

test('a secret that no header can hold is refused with the service that names it', async (t) => {
  const web = makeService('http', { path: '/v2/', authorization: { bearer: { env: 'TOKEN' } } });
  await t.throwsAsync(prepareMaterials([web], { TOKEN: 'hunter2\n' }), {
    instanceOf: ExpectedError,
    message:
      'the service http /v2/: the value of the environment variable TOKEN cannot be sent in a header: it holds a line break or another control character',
  });
});
