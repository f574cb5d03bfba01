import * as z from 'zod';
import { secretReference } from '../definition.js';
import { tlsRules } from '../over-tls.js';
import { toPattern } from './pattern.js';

const bytes = z.strictObject({
  hex: z
    .string()
    .regex(/^(?:\s*[0-9A-Fa-f]{2})+\s*$/, 'bytes in hexadecimal: "00 01 ff"')
    .meta({ description: 'Bytes in hexadecimal.' }),
});

const text = z.string().min(1);
const part = z.union([text, bytes, secretReference], {
  error: 'text, { "hex": "00 01 ff" } or { "env": NAME } for a secret',
});

const pattern = text.superRefine((value, context) => {
  try {
    toPattern(value);
  } catch (error) {
    context.addIssue({ code: 'custom', message: `a regular expression: ${(error as Error).message}` });
  }
});

const step = z
  .strictObject({
    send: z
      .union([part, z.array(part).min(1)])
      .meta({
        description: `What to send, as it stands: a line needs its \\r\\n. Text, { "hex": … }, { "env": … }, or several of them in a row. \${1} is what the first group of the last "expect" matched.`,
      })
      .optional(),
    expect: z
      .union([pattern, bytes])
      .meta({
        description:
          'What has to come: a regular expression that is looked for in every line, or the very next bytes as { "hex": … }.',
      })
      .optional(),
    starttls: tlsRules.meta({ description: 'Go over to TLS here; the rules for it.' }).optional(),
  })
  .refine((step) => Object.keys(step).length > 0, 'one of send, expect and starttls');

export type Part = z.infer<typeof part>;
export type Step = z.infer<typeof step>;

/** In their order; in one step, what is sent comes before what is expected, and TLS last. */
export const steps = z.array(step).superRefine((all, context) => {
  if (all.length > 0 && all.every(({ expect, starttls }) => expect === undefined && starttls === undefined)) {
    const message = 'at least one step that expects something: what is only sent proves nothing';
    context.addIssue({ code: 'custom', message });
  }
  // Without a match there is not even ${0}.
  let groups = -1;
  for (const [k, { send, expect }] of all.entries()) {
    if ([send ?? []].flat().some((part) => highestReference(part) > groups)) {
      const message = 'no group that the last pattern before it does not have';
      context.addIssue({ code: 'custom', path: [k, 'send'], message });
    }
    if (expect !== undefined) groups = typeof expect === 'string' ? groupsOf(expect) : -1;
  }
});

function highestReference(part: Part): number {
  const references = typeof part === 'string' ? part.matchAll(/\$\{(\d)\}/g) : [];
  return Math.max(-1, ...[...references].map((match) => Number(match[1])));
}
/** How many groups a pattern has: an alternative that always matches shows them all. */
function groupsOf(pattern: string): number {
  try {
    return toPattern(`${pattern}|`).exec('')!.length - 1;
  } catch {
    return 0;
  }
}
