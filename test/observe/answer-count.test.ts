import test from 'ava';
import type { Answer } from '#src/model/observation.js';
import { parsePorts } from '#src/model/port-set.js';
import { AnswerCount } from '#src/observe/answer-count.js';

const refused: Answer = { kind: 'error', errno: 'ECONNREFUSED' };
const silence: Answer = { kind: 'silence', afterMs: 3500 };
const starved: Answer = { kind: 'untried', cause: 'out-of-sockets', detail: 'EMFILE' };
const ports = (text: string) => parsePorts(text)!;

test('silence counts only where something answered, whichever came first', (t) => {
  const count = new AnswerCount();
  count.expected = 100;
  count.add('dead', ports('1-50'), silence);
  count.add('lively', ports('1-5'), silence);
  count.add('lively', ports('6-10'), refused);
  t.like(count.take(), { answered: 5, silent: 5, starved: 0 });
  count.add('lively', ports('11'), silence);
  count.add('dead', ports('51-60'), starved);
  t.like(count.take(), { answered: 0, silent: 1, starved: 10 });
});

test('an address that only rejects by ICMP is not lively: few of its answers come at any rate', (t) => {
  const count = new AnswerCount();
  count.expected = 100;
  const icmp = { version: 4, type: 3, code: 10, sender: '10.0.0.1' } as const;
  count.add('a', ports('1-6'), { kind: 'error', errno: 'EHOSTUNREACH', icmp });
  count.add('a', ports('7-60'), silence);
  t.like(count.take(), { answered: 0, silent: 0 });
});

test('once every port has had its turn, answers are of ports that were silent', (t) => {
  const count = new AnswerCount();
  count.expected = 10;
  count.add('a', ports('1-9'), silence);
  t.false(count.firstPassOver);
  count.add('a', ports('10'), refused);
  t.true(count.firstPassOver);
  t.is(count.take().revived, 0);
  count.add('a', ports('3-4'), refused);
  t.is(count.take().revived, 2);
});

test('the load of the re-probes is where lively addresses were silent', (t) => {
  const count = new AnswerCount();
  count.add('a', ports('1-30'), silence);
  count.add('a', ports('31'), refused);
  count.add('b', ports('1-10'), silence);
  count.add('b', ports('11'), refused);
  count.add('dead', ports('1-100'), silence);
  t.deepEqual(
    [...count.silentLoad],
    [
      ['a', 0.75],
      ['b', 0.25],
    ],
  );
});
