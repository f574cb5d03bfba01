import test from 'ava';
import { decodeMessage, encodeBatch, type Message } from '#src/sweep/wire.js';

const answers = (code: string) => decodeMessage(`r 3 10.0.0.1 ${code} 1-5,9`);

test('a batch is one line an item, between its limits and go', (t) => {
  t.is(
    encodeBatch(
      2,
      [
        { id: 0, target: '10.0.0.1', ports: [[1, 5]], allowOwnAddress: false },
        { id: 1, target: 'db1', ports: [], allowOwnAddress: true },
      ],
      { rate: 200, timeoutMs: 3500, seed: 9, atOnce: 4096 },
    ),
    'b 2 200 3500 9 4096\ni 0 0 l 10.0.0.1 1-5\ni 1 1 n db1 -\ng\n',
  );
});

test('a target that would break the line is a bug', (t) => {
  const item = { id: 0, target: 'a b', ports: [], allowOwnAddress: false };
  t.throws(() => encodeBatch(1, [item], { rate: 0, timeoutMs: 1, seed: 0, atOnce: 1 }), {
    message: 'not a target: "a b"',
  });
});

test('a token, how far it is padded and which items say it are sent only where some do', (t) => {
  const limits = {
    rate: 0,
    timeoutMs: 1,
    seed: 0,
    atOnce: 1,
    token: { text: 'portolan-preflight 00ff 7', paddedTo: 1400 },
  };
  const item = { id: 0, target: '10.0.0.1', ports: [[1, 5]], allowOwnAddress: false } as const;
  const asking = { ...item, id: 1, ask: true };
  t.is(
    encodeBatch(1, [item, asking], limits),
    'b 1 0 1 0 1 1400 portolan-preflight 00ff 7\ni 0 0 l 10.0.0.1 1-5\ni 1 0 l 10.0.0.1 1-5 a\ng\n',
  );
  t.is(encodeBatch(1, [item, { ...item, id: 1, ask: false }], limits).split('\n')[0], 'b 1 0 1 0 1');
});

test('an item that asks without a token, and a token that would break the line, are bugs', (t) => {
  const limits = { rate: 0, timeoutMs: 1, seed: 0, atOnce: 1 };
  const item = { id: 0, target: '10.0.0.1', ports: [], allowOwnAddress: false, ask: true };
  t.throws(() => encodeBatch(1, [item], limits), { message: 'items that ask, and no token to say' });
  for (const text of ['', 'a\nb', 'a  b', ' a', 'ä'])
    t.throws(() => encodeBatch(1, [item], { ...limits, token: { text, paddedTo: 0 } }), {
      message: `not a token: ${JSON.stringify(text)}`,
    });
});

test('answers to a token are decoded, a stranger’s to what can be printed', (t) => {
  const event = (answer: object) => ({ type: 'event', event: { type: 'answers', item: 3, answer } });
  t.like(answers('a:0123456789abcdef'), event({ kind: 'token', answer: '0123456789abcdef' }));
  t.like(answers('a:0123456789abcdef:99'), event({ kind: 'token', answer: '0123456789abcdef', port: 99 }));
  for (const how of ['silent', 'closed', 'reset']) t.like(answers(`x:${how}`), event({ kind: 'tokenless', how }));
  t.like(answers('x:stranger:4a000a382e30ff7e'), event({ kind: 'tokenless', how: 'stranger', said: 'J··8.0·~' }));
});

test('answers are decoded with what the error queue said', (t) => {
  const ports = [
    [1, 5],
    [9, 9],
  ];
  const event = (answer: object) => ({
    type: 'event',
    event: { type: 'answers', item: 3, address: '10.0.0.1', ports, answer },
  });
  t.like(answers('o'), event({ kind: 'connected' }));
  t.like(answers('e:ECONNREFUSED'), event({ kind: 'error', errno: 'ECONNREFUSED' }));
  t.like(
    answers('e:EACCES:6/1/1/fd00::12'),
    event({ kind: 'error', errno: 'EACCES', icmp: { version: 6, type: 1, code: 1, sender: 'fd00::12' } }),
  );
  t.like(answers('t:3500'), event({ kind: 'silence', afterMs: 3500 }));
  t.like(
    answers('u:out-of-sockets:EMFILE'),
    event({ kind: 'untried', cause: 'out-of-sockets', detail: 'the node ran out of sockets (EMFILE)' }),
  );
});

test('what a name resolved to comes with how long that took, where it was timed', (t) => {
  const resolved = (more: object) => ({ type: 'event', event: { type: 'resolved', item: 3, ...more } });
  const addresses = ['10.0.0.1', 'fe80::12%east'];
  t.deepEqual(decodeMessage('v 3 1250 10.0.0.1 fe80::12%east'), resolved({ addresses, resolveMs: 1.25 }) as Message);
  t.deepEqual(decodeMessage('v 3 - 10.0.0.1 fe80::12%east'), resolved({ addresses }) as Message);
  t.deepEqual(decodeMessage('v 3 - '), resolved({ addresses: [] }) as Message);
});

test('what is no sentence of the language is noise', (t) => {
  const answersOfNone = ['r', 'r 3 10.0.0.1 o', 'r 3 10.0.0.1 o 70000', 'r x 10.0.0.1 o 1'];
  const namesOfNone = ['v', 'v 3', 'v 3 10.0.0.1', 'v 3 -1 10.0.0.1', 'v 3 1.5 10.0.0.1'];
  for (const text of ['', 'welcome to db1', ...answersOfNone, ...namesOfNone, 'd 1'])
    t.is(decodeMessage(text), undefined, text);
  for (const code of ['x', 'e', 'e:lower', 'e:EACCES:5/1/1/a', 'e:EACCES:4/1', 't:soon', 'u:unheard-of'])
    t.is(answers(code), undefined, code);
  const tokensOfNone = ['a', 'a:', 'a:0123', 'a:0123456789ABCDEF', 'a:0123456789abcdef:', 'a:0123456789abcdef:1:2'];
  for (const code of [
    ...tokensOfNone,
    'x:',
    'x:deaf',
    'x:silent:00',
    'x:stranger',
    'x:stranger:',
    'x:stranger:4',
    'x:stranger:4g',
  ])
    t.is(answers(code), undefined, code);
});
