import { connect } from 'node:net';

// What ssh runs, as SSH_ASKPASS, when it wants to know something: passes the question on to the run, and prints its answer.
// A program of its own; `askpass.ts` is the other end.

const { PORTOLAN_ASKPASS: socket = '', PORTOLAN_LOGIN: login = '', SSH_ASKPASS_PROMPT: kind = '' } = process.env;

/** ssh goes on without an answer, or gives up. */
process.exitCode = 1;
let answer = '';
connect(socket)
  .on('error', () => {})
  .on('data', (data: Buffer) => {
    answer += data.toString();
  })
  .on('end', () => {
    if (answer === '') return;
    process.stdout.write(`${JSON.parse(answer)}\n`);
    process.exitCode = 0;
  })
  .write(`${JSON.stringify({ login, kind, prompt: process.argv[2] ?? '' })}\n`);
