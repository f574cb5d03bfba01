import test from 'ava';
import { explanationText } from '#src/explain/explanation.js';
import { DialogueRecorder, type Recording } from '#src/explain/recorder.js';
import type { Observations, Spoken } from '#src/model/observation.js';
import type { Plan } from '#src/model/plan.js';
import {
  addressSeen,
  connected,
  endpoint,
  flow,
  host,
  icmp,
  observations,
  plan,
  ports,
  rst,
  silence,
  vantage,
} from '../judge/build.js';
import { matchesGolden } from '../report/golden.js';
import { reportOf } from '../report/sample.js';

interface Scene {
  readonly plan: Plan;
  readonly seen: Observations;
  readonly recording?: Recording;
  readonly leftOut?: number;
}

function explain({ leftOut = 0, plan: planned, recording, seen }: Scene, width = 80, color = false): string {
  const recordingOf = () => recording;
  const explanation = {
    plan: planned,
    observations: seen,
    report: reportOf(planned, seen),
    recordingOf,
    secrets: recording?.secrets ?? [],
    leftOut,
  };
  return [...explanationText(explanation, { width, color })].join('');
}

function golden(name: string, scene: Scene, width?: number) {
  return (t: Parameters<typeof matchesGolden>[0]) => {
    const text = explain(scene, width);
    matchesGolden(t, name, text, 'explain');
    for (const line of text.split('\n')) t.true(line.length <= (width ?? 80), line);
  };
}

const app = host('app-1', '10.0.0.4', ['app']);
const cache = host('cache-1', '10.0.0.5', ['cache']);
const login = vantage('app-1', { address: '10.0.0.4' });

function spoken(settings: Pick<Spoken, 'service' | 'answer'> & Partial<Spoken>) {
  return { port: 3306, phases: { connect: 0.4, firstByte: 3.2 }, ...settings };
}

const recorded = (() => {
  let now = 0;
  const recorder = new DialogueRecorder([], () => now);
  now = 0.4;
  recorder.note('connected in 0.4 ms');
  now = 0.9;
  recorder.note('TLS 1.3 with TLS_AES_256_GCM_SHA384');
  recorder.sent(Buffer.from('*2\r\n$4\r\nAUTH\r\n$9\r\nswordfish\r\n'), [Buffer.from('swordfish')]);
  now = 12.3456;
  recorder.received(Buffer.from('+OK\r\n'));
  now = 1234.5;
  recorder.received(Buffer.from('-ERR no swordfish \u001b[31mhere\r\n'));
  return recorder;
})();

const identified: Scene = {
  plan: plan([
    flow({ id: 'sql', title: 'Applications ask the database', service: 'mysql', ports: '3306', pairs: [[app, cache]] }),
  ]),
  seen: observations(
    {
      'app-1': {
        '10.0.0.5': [
          {
            ...addressSeen('10.0.0.5', {}, [
              { ports: ports('3306'), histogram: { buckets: new Map([[138, 1]]), minUs: 400, maxUs: 400 } },
            ]),
            sourceAddress: '10.0.0.4',
            spoken: [
              spoken({
                service: 'mysql',
                answer: {
                  kind: 'dialogue',
                  service: 'mysql',
                  outcome: 'open',
                  detail: 'MariaDB 10.11.6 greeted and refused the login (1045)',
                },
              }),
            ],
          },
        ],
      },
    },
    [login],
  ),
  recording: recorded,
};

test('a dialogue is told step by step, and its secret masked', golden('a-dialogue-step-by-step', identified));

test('a narrow terminal has shorter lines', golden('a-narrow-terminal', identified, 50));

test('a secret is nowhere in what is told, in hex either', (t) => {
  const text = explain(identified);
  t.false(text.includes('swordfish'));
  t.false(text.replaceAll(/\s/g, '').includes(Buffer.from('swordfish').toString('hex')));
  t.true(text.includes('** ** **'));
  const hexes = [...text.matchAll(/^ {4}[0-9a-f]{4} {2}((?:[0-9a-f*]{2} {1,2})+)/gm)].map((match) => match[1]!);
  t.false(hexes.join('').replaceAll(' ', '').includes(Buffer.from('swordfish').toString('hex')));
});

test('a secret that a service gives back in its own words is masked there too', (t) => {
  const words = { kind: 'dialogue', service: 'mysql', detail: 'it says: no swordfish here' } as const;
  for (const answer of [
    { ...words, outcome: 'mismatch' },
    { ...words, outcome: 'open', warning: 'swordfish is not to its taste' },
  ] as const) {
    const address = addressSeen('10.0.0.5', { '3306': answer });
    const text = explain({ ...identified, seen: observations({ 'app-1': { '10.0.0.5': [address] } }, [login]) });
    t.regex(text, /it says: no \*\*\* here/);
    t.false(text.includes('swordfish'));
  }
});

test('what a peer sends cannot reach the terminal', (t) => {
  t.false(explain(identified).includes('\u001b'));
});

test('colours adorn the words where the terminal has them', (t) => {
  const coloured = explain(identified, 80, true);
  t.true(coloured.includes('\u001b['));
  t.is(coloured.replaceAll(/\u001b\[\d+m/g, ''), explain(identified));
});

const ldap = endpoint('ldap-1', 'ldap.example.com', ['ldap-server']);
const node = host('exa-n11', '10.0.0.11');

test(
  'a name, its addresses, what refused and the waiver that it has',
  golden('a-name-refused-and-waived', {
    plan: plan([
      flow({
        scenario: 'exasol',
        id: 'ldap',
        title: 'LDAP queries',
        ports: '389,636',
        pairs: [[node, ldap]],
        notes: ['the documentation leaves open which of them'],
      }),
    ]),
    seen: observations(
      {
        'exa-n11': {
          'ldap.example.com': [
            addressSeen('192.0.2.9', { '389': connected, '636': rst }),
            addressSeen('2001:db8::9', { '389,636': icmp(1, 1, '2001:db8::1', 6) }),
          ],
        },
      },
      [vantage('exa-n11', { blindSpots: ['cannot tell RST from ICMP 3/3'], engine: 'dial', interpreter: undefined })],
    ),
  }),
);

test(
  'silence and its control, and what was left out',
  golden('silence-and-its-control', {
    plan: plan(
      [flow({ id: 'shut', title: 'Nobody may', ports: '3306', expect: 'closed', pairs: [[app, cache]] })],
      [{ from: 'app-1', target: '10.0.0.5', port: 22 }],
    ),
    seen: observations({ 'app-1': { '10.0.0.5': { '22': connected, '3306': silence } } }, [login]),
    leftOut: 32,
  }),
);

test(
  'a host that nobody could log in to',
  golden('no-login', {
    plan: plan([flow({ id: 'sql', title: 'Applications ask', ports: '3306', pairs: [[app, cache]] })]),
    seen: observations({}, [
      vantage('app-1', { status: 'failed', engine: undefined, interpreter: undefined, error: 'the key was refused' }),
    ]),
  }),
);
