import * as z from 'zod';

const aCommand = 'a program and its arguments, one text each: ["docker", "exec", "-i", "db1", "sh"]';
const noScript = 'a shell that reads its standard input: leave "-c" and what follows it out';
const noTerminal = 'no terminal, which changes what is sent through it: "-i" without "t"';

const shells = /^(?:.*\/)?(?:a|ba|da|k|mk|z)?sh$/;
const containerClients = /^(?:.*\/)?(?:docker|podman|nerdctl|kubectl|oc)$/;

/** Whether a shell of the command is told to run a script of its own, and so would not read ours. */
function hasScript(words: readonly string[]): boolean {
  return words.some((word, index) => shells.test(word) && /^-[a-z]*c$/.test(words[index + 1] ?? ''));
}

function wantsTerminal(words: readonly string[]): boolean {
  return containerClients.test(words[0] ?? '') && words.some((word) => /^(?:-it|-ti|--tty|--tty=true)$/.test(word));
}

/** What starts a shell on a host: passed to the operating system as it is, without a shell in between. */
export const shellCommand = z
  .array(z.string({ error: aCommand }).min(1, aCommand), { error: aCommand })
  .min(1, aCommand)
  .refine((words) => words.length > 1 || !/\s/.test(words[0] ?? ''), aCommand)
  .refine((words) => !hasScript(words), noScript)
  .refine((words) => !wantsTerminal(words), noTerminal)
  .meta({ description: 'A program and its arguments, which give a shell on the host that reads its standard input.' });
