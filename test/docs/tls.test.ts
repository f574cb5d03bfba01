import test from 'ava';
import { parse } from 'yaml';
import { readPackaged } from '#src/packaged.js';
import { tlsSettings } from '#src/protocol/secure.js';
import { serviceEntry } from '#src/protocol/service.js';
import { tls } from '#src/protocol/tls/dialogue.js';

const page = readPackaged('docs/tls.md');

test('the example names a service with settings that fit', (t) => {
  const example = parse(/^```yaml\n(.*?)^```$/ms.exec(page)![1]!);
  t.is(serviceEntry.safeParse(example.ports.ldaps.service).error, undefined);
});

test('every setting is explained, and every default is the one that is said', (t) => {
  for (const name of Object.keys(tlsSettings)) t.regex(page, new RegExp(`^- .*\`${name}\``, 'm'), name);
  t.deepEqual(tls.settings.parse({}), {
    verify: 'yes',
    minimumVersion: 'TLSv1.2',
    expiryWarning: 30,
    expiryFailure: 7,
  });
  t.regex(page, /`minimumVersion`: `TLSv1\.2` if left out/);
  t.regex(page, /`expiryWarning`, `expiryFailure`: days, 30 and 7/);
});
