import { once } from 'node:events';
import { createSecureServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { http, https } from '#src/protocol/http/dialogue.js';
import { createCertificates } from '../../lab/certificates.js';
import { dockerRegistryUnavailable, startDockerRegistry } from '../../lab/servers/docker-registry.js';
import { nginxUnavailable, startNginx } from '../../lab/servers/nginx.js';
import { testNeeding } from '../../needing.js';
import { bareConnect } from '../converse.js';
import { speak } from '../speak.js';

// Real servers: nginx, and docker-registry, which is what Go makes of HTTP.

const certificates = createCertificates();
test.after.always(() => certificates.remove());
const tls = certificates.issue({ commonName: 'lab', names: ['IP:127.0.0.1'] });

testNeeding(nginxUnavailable(), 'nginx is told by its statuses, its headers and its bodies', async (t) => {
  const nginx = await startNginx({
    answers: {
      '/api/v2/time': { status: 200, body: '2026-01-01T00:00:00Z', headers: { 'X-Api': 'v2' } },
      '/metrics': { status: 200, body: `# HELP up\n${'up 1\n'.repeat(500)}` },
      '/old': { status: 302, body: '/api/v2/time' },
      '/out': { status: 302, body: 'https://sso.example/' },
    },
    config: [
      'location = /down { proxy_pass http://127.0.0.1:1; }',
      'location = /secret { deny all; }',
      'location = /large { alias /bin/sh; }',
    ],
  });
  t.teardown(() => nginx.stop());
  const cases = [
    [
      { path: '/api/v2/time', status: [200], answerHeaders: { 'X-Api': '^v2$' }, body: String.raw`^\d{4}-\d\d-\d\dT` },
      'open',
      /^HTTP 200 to GET \/api\/v2\/time \(nginx\/[\d.]+\)$/,
    ],
    [{ path: '/metrics', body: '^# HELP' }, 'open', /^HTTP 200 to GET \/metrics/],
    [{ path: '/large', body: '^.ELF' }, 'open', /^HTTP 200 to GET \/large/],
    [{ path: '/metrics', method: 'HEAD' }, 'open', /^HTTP 200 to HEAD \/metrics/],
    [{ path: '/secret' }, 'open', /^HTTP 403 to GET \/secret/],
    [{ path: '/nowhere' }, 'open', /^HTTP 404 to GET \/nowhere/],
    [
      { path: '/nowhere', status: [200] },
      'mismatch',
      /^HTTP 404 to GET \/nowhere \(nginx\/[\d.]+\), where 200 is expected$/,
    ],
    [{ path: '/down' }, 'mismatch', /^path fine, upstream down: HTTP 502 to GET \/down \(nginx\/[\d.]+\)$/],
    [{ path: '/old' }, 'open', /^HTTP 302 to GET \/old \(nginx\/[\d.]+\), redirected to \/api\/v2\/time$/],
    [
      { path: '/old', follow: 1, status: [200] },
      'open',
      /^HTTP 200 to GET \/api\/v2\/time \(nginx\/[\d.]+\), after one redirect$/,
    ],
    [
      { path: '/out', follow: 1, status: [200] },
      'mismatch',
      /redirected to https:\/\/sso\.example\/, which is elsewhere and not followed/,
    ],
  ] as const;
  for (const [settings, outcome, detail] of cases) {
    const said = await speak(http, nginx.port, settings);
    t.is(said.outcome, outcome, said.detail);
    t.regex(said.detail, detail);
  }
  t.notRegex(nginx.log(), / 499 |prematurely|reset/, 'no request was aborted');
});

testNeeding(nginxUnavailable(), 'nginx with TLS answers to https, and tells plain HTTP so', async (t) => {
  const nginx = await startNginx({ tls: await tls });
  t.teardown(() => nginx.stop());
  const verified = await speak(https, nginx.port, { ca: { file: (await tls).certificateFile } });
  t.is(verified.outcome, 'open', verified.detail);
  const unverified = await speak(https, nginx.port, { verify: 'no', body: 'welcome' });
  t.is(unverified.outcome, 'open', unverified.detail);
  t.regex(unverified.detail, /^HTTP 200 to GET \/ \(nginx\/[\d.]+\), over TLS 1\.[23], certificate of lab$/);
  t.is(unverified.warning, undefined);
  const warned = await speak(https, nginx.port, { verify: 'warn' });
  t.is(warned.outcome, 'open');
  t.regex(warned.warning ?? '', /^its certificate/);
  const refused = await speak(https, nginx.port);
  t.is(refused.outcome, 'mismatch');
  t.is(refused.service, 'https');
  t.is((await speak(https, nginx.port, { verify: 'no', status: [201] })).outcome, 'mismatch');
  const plain = await speak(http, nginx.port);
  t.is(plain.outcome, 'mismatch');
  t.regex(
    plain.detail,
    /^the port speaks TLS, and refuses plain HTTP: HTTP 400 to GET \/ \(nginx\/[\d.]+\); https may be meant$/,
  );
});

testNeeding(nginxUnavailable(), 'nginx that wants a client certificate says so', async (t) => {
  const own = await tls;
  const nginx = await startNginx({ tls: { ...own, clientAuthority: own.certificate } });
  t.teardown(() => nginx.stop());
  const without = await speak(https, nginx.port, { verify: 'no' });
  t.is(without.outcome, 'mismatch');
  t.regex(without.detail, /^wants a client certificate \(clientCertificate\): HTTP 400 to GET \//);
  const shown = { clientCertificate: { file: own.certificateFile }, clientKey: { file: own.keyFile } };
  t.is((await speak(https, nginx.port, { verify: 'no', ...shown })).outcome, 'open');
});

testNeeding(nginxUnavailable(), 'https asks for the host that it is told to ask for', async (t) => {
  const nginx = await startNginx({
    tls: await tls,
    config: ['location = /host { return 200 "$ssl_server_name $http_host"; }'],
  });
  t.teardown(() => nginx.stop());
  const settings = {
    verify: 'no',
    path: '/host',
    host: 'virtual.example:8443',
    body: '^virtual.example virtual.example:8443$',
  };
  const said = await speak(https, nginx.port, settings);
  t.is(said.outcome, 'open', said.detail);
});

testNeeding(dockerRegistryUnavailable(), 'docker-registry is told by its header, locked or not', async (t) => {
  const settings = {
    path: '/v2/',
    status: [200, 401],
    answerHeaders: { 'Docker-Distribution-API-Version': '^registry/2.0$' },
  };
  for (const locked of [false, true]) {
    const registry = await startDockerRegistry({ locked });
    t.teardown(() => registry.stop());
    const said = await speak(http, registry.port, settings);
    t.is(said.outcome, 'open', said.detail);
    t.is(said.detail, `HTTP ${locked ? 401 : 200} to GET /v2/`);
  }
});

testNeeding(dockerRegistryUnavailable(), 'docker-registry with TLS is told from one without', async (t) => {
  const registry = await startDockerRegistry({ tls: await tls });
  t.teardown(() => registry.stop());
  t.is((await speak(https, registry.port, { path: '/v2/', verify: 'no' })).outcome, 'open');
  const plain = await speak(http, registry.port);
  t.is(plain.detail, 'the port speaks TLS, and refuses plain HTTP: HTTP 400 to GET /; https may be meant');
});

// What decides whether a port may be swept first.
testNeeding(
  nginxUnavailable() ?? dockerRegistryUnavailable(),
  'a connect that says nothing is logged by a server in Go with TLS, and by no other',
  async (t) => {
    const loud = await startDockerRegistry({ tls: await tls });
    const quiet = [await startNginx(), await startNginx({ tls: await tls }), await startDockerRegistry()];
    for (const { stop } of [loud, ...quiet]) t.teardown(stop);
    const before = quiet.map(({ log }) => log());
    for (const server of [...quiet, loud]) await bareConnect(server);
    for (let tries = 0; tries < 100 && !/TLS handshake error/.test(loud.log()); tries++) await sleep(50);
    t.regex(loud.log(), /http: TLS handshake error from .*: EOF/);
    t.deepEqual(
      quiet.map(({ log }) => log()),
      before,
    );
  },
);

test('a server that speaks nothing but HTTP/2 over TLS is a mismatch', async (t) => {
  const { key, certificate } = await tls;
  const server = createSecureServer({ key, cert: certificate });
  server.on('sessionError', () => {}).on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const said = await speak(https, (server.address() as AddressInfo).port, { verify: 'no' });
  server.close();
  t.is(said.outcome, 'mismatch');
  t.regex(said.detail, /no_application_protocol/);
});
