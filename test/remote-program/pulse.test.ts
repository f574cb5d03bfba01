import test from 'ava';
import type { Answer } from '#src/model/observation.js';
import { type Moment, Pulse } from '#src/remote-program/pulse.js';
import { LastWords } from '#src/sweep/last-words.js';

class Clock {
  steadyMs = 0;
  wallMs = 0;
  readonly read = (): Moment => ({ steadyMs: this.steadyMs, wallMs: this.wallMs });

  pass(ms: number): void {
    this.steadyMs += ms;
    this.wallMs += ms;
  }
}

const silence = { kind: 'silence', afterMs: 1000 } as const;

function beating() {
  const clock = new Clock();
  const pulse = new Pulse(1000, clock.read);
  const words = new LastWords(pulse, 1000, ['10.0.0.9']);
  /** So many seconds with a heartbeat each; `echoed`: whether the node hears them. */
  const seconds = (count: number, echoed: boolean) => {
    for (let second = 0; second < count; second++) {
      const number = pulse.beat();
      clock.pass(100);
      if (echoed) words.settle(pulse.echoed(number)!);
      clock.pass(900);
      pulse.tick();
    }
  };
  const note = (port: number, answer: Answer) =>
    words.note({ type: 'answers', item: 0, address: '10.0.0.1', ports: [[port, port]], answer }, () => []);
  const doubted = (unsettled: boolean) => words.doubted(unsettled).flatMap(({ ports }) => ports.map(([port]) => port));
  return { clock, pulse, words, seconds, note, doubted };
}

test('silence is believed once a heartbeat that was sent after it has come back', (t) => {
  const { seconds, note, doubted, words } = beating();
  seconds(5, true);
  note(80, silence);
  t.true(words.areWaiting);
  t.deepEqual(doubted(true), [80], 'the node may be lost in this very moment');
  seconds(1, true);
  t.false(words.areWaiting);
  t.deepEqual(doubted(true), []);
});

test('what was silent while heartbeats did not come back is not believed, although the node survived', (t) => {
  const { pulse, seconds, note, doubted, words } = beating();
  seconds(6, true);
  note(80, silence);
  seconds(1, true);
  seconds(4, false);
  note(81, silence);
  note(82, { kind: 'error', errno: 'EHOSTUNREACH' });
  note(83, { kind: 'error', errno: 'EHOSTUNREACH', icmp: { version: 4, type: 3, code: 1, sender: '10.0.0.9' } });
  // These were said by somebody else, whatever happened to the way.
  note(84, { kind: 'error', errno: 'EHOSTUNREACH', icmp: { version: 4, type: 3, code: 1, sender: '10.0.0.254' } });
  note(85, { kind: 'error', errno: 'ECONNREFUSED' });
  note(86, { kind: 'connected' });
  words.settle(pulse.echoed(11)!);
  seconds(1, true);
  t.deepEqual(doubted(false), [81, 82, 83]);
  seconds(6, true);
  note(87, silence);
  seconds(1, true);
  t.deepEqual(doubted(true), [81, 82, 83], 'later silence is believed again');
});

test('a way that was down for less than probes are tried for is no cut', (t) => {
  const { clock, pulse, seconds, note, doubted, words } = beating();
  seconds(5, true);
  const number = pulse.beat();
  clock.pass(2000);
  note(80, silence);
  words.settle(pulse.echoed(number)!);
  seconds(1, true);
  t.deepEqual(doubted(true), []);
});

test('a controller that stood still notices by either clock, and a late timer is none', (t) => {
  const blocked = beating();
  blocked.seconds(3, true);
  t.is(blocked.pulse.standstill, undefined);
  blocked.clock.pass(1500);
  blocked.pulse.tick();
  t.is(blocked.pulse.standstill, undefined);
  blocked.clock.pass(8000);
  blocked.pulse.tick();
  t.is(blocked.pulse.standstill?.forMs, 8000);
  const suspended = beating();
  suspended.seconds(3, true);
  // The steady clock does not run meanwhile.
  suspended.clock.wallMs += 60_000;
  suspended.clock.pass(1000);
  suspended.pulse.tick();
  t.is(suspended.pulse.standstill?.forMs, 61_000);
});

test('the pulse knows for how long the node has heard nothing', (t) => {
  const { pulse, seconds } = beating();
  seconds(3, true);
  t.is(pulse.cutOffMs, 0);
  seconds(2, false);
  t.is(pulse.cutOffMs, 0);
  seconds(5, false);
  t.is(pulse.cutOffMs, 7000);
  t.is(pulse.echoed(2), undefined, 'an echo that came before is no news');
  t.is(pulse.echoed(99), undefined, 'a heartbeat that was never sent');
});
