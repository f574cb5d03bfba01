import test from 'ava';
import { parseInventory } from '#src/inventory/load.js';
import { toProxy } from '#src/inventory/proxy.js';
import { ExpectedError } from '#src/model/errors.js';
import { proxyTo } from '#src/model/proxy.js';

const endpoints = (...lines: string[]) => `hosts: { a: { address: 10.0.0.1 } }\nendpoints:\n${lines.join('\n')}\n`;
const via = (url: string) => endpoints(`  b: { address: b.example, via: ${url} }`);

function refusal(text: string): string {
  try {
    parseInventory('site/f.yaml', text);
  } catch (error) {
    if (error instanceof ExpectedError) return error.message;
    throw error;
  }
  return 'accepted';
}

test('a proxy is a name or a literal, and a port', (t) => {
  const proxy = { host: 'proxy.example', port: 3128, authority: 'proxy.example:3128' };
  t.deepEqual(toProxy('http://proxy.example:3128'), proxy);
  t.deepEqual(toProxy('http://proxy.example:3128/'), proxy);
  t.deepEqual(toProxy('http://10.0.0.9:80'), { host: '10.0.0.9', port: 80, authority: '10.0.0.9:80' });
  t.deepEqual(toProxy('http://[fd00::9]:3128'), { host: 'fd00::9', port: 3128, authority: '[fd00::9]:3128' });
  const { members } = parseInventory('site/f.yaml', via('"http://proxy.example:3128"'));
  t.deepEqual(proxyTo(members.get('b')!), proxy);
  t.is(proxyTo(members.get('a')!), undefined);
});

const others = {
  'another scheme': 'https://proxy.example:3128',
  SOCKS: 'socks5://proxy.example:1080',
  'no scheme': 'proxy.example:3128',
  'no port': 'http://proxy.example',
  'port 0': 'http://proxy.example:0',
  'a port out of range': 'http://proxy.example:65536',
  'a login': 'http://user:secret@proxy.example:3128',
  'a path': 'http://proxy.example:3128/wpad.dat',
  'no host': 'http://:3128',
  'a mistyped address': 'http://10.0.0.256:3128',
  'IPv6 without brackets': 'http://fd00::9:3128',
};
for (const [what, url] of Object.entries(others))
  test(`a proxy with ${what} is refused`, (t) => {
    t.is(
      refusal(via(JSON.stringify(url))),
      `endpoints.b.via is "${url.replace('user:secret', '***')}" at site/f.yaml:3; expected an HTTP proxy and its port, without user or password, such as "http://proxy.example:3128"`,
    );
  });

test('a host is logged in to and reached directly: it has no proxy', (t) => {
  t.regex(
    refusal('hosts: { a: { address: 10.0.0.1, via: "http://p:1" } }\n'),
    /^unknown key "via" in hosts\.a at site\/f\.yaml:1/,
  );
});

test('one address is reached in one way', (t) => {
  const direct = '  b: { address: 10.0.0.5 }';
  const proxied = '  c: { address: 10.0.0.6, addresses: { backup: 10.0.0.5 }, via: "http://p:3128" }';
  t.is(
    refusal(endpoints(direct, proxied)),
    '"b" and "c" have the address 10.0.0.5, but not the same "via" at site/f.yaml:4; what goes to one address goes through one proxy, or directly',
  );
  t.is(
    refusal(endpoints('  b: { address: 10.0.0.5, via: "http://p:3128" }', '  c: { address: 10.0.0.5 }')),
    '"b" and "c" have the address 10.0.0.5, but not the same "via" at site/f.yaml:3; what goes to one address goes through one proxy, or directly',
  );
  t.is(
    refusal(
      endpoints(
        '  b: { address: 10.0.0.5, via: "http://p:3128" }',
        '  c: { address: 10.0.0.5, via: "http://p:3128/" }',
      ),
    ),
    'accepted',
  );
});
