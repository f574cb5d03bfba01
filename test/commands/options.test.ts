import test from 'ava';
import { type PreflightFlags, preflightSettings } from '#src/commands/options.js';
import { ExpectedError } from '#src/model/errors.js';

const flags: PreflightFlags = {
  ...{ from: [], to: [], flow: [], rate: '200', totalRate: '2000', reporter: [], timeout: '3.5s', parallel: '50' },
  ...{ mysqlUser: 'portolan', diagnose: true, browserPorts: 'documented' },
};

test('before an installation closed flows have no listener, and browsers’ ports are the document’s, unless asked', (t) => {
  t.like(preflightSettings(flags), { listenClosed: false, extendedBrowserPorts: false, listen: false });
  const all = preflightSettings({ ...flags, listenClosed: true, browserPorts: 'extended' });
  t.like(all, { listenClosed: true, extendedBrowserPorts: true });
});

test('another list of browsers’ ports is refused', (t) => {
  t.throws(() => preflightSettings({ ...flags, browserPorts: 'all' }), {
    instanceOf: ExpectedError,
    message: '--browser-ports all: expected documented or extended',
  });
});
