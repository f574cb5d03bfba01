import * as z from 'zod';
import { secretReference } from '../definition.js';

const aPath = 'a path: "/" and what follows it, without spaces, and without a fragment (#…)';
const aHost = 'a host name or a literal address, with a port where a client would write one';
// Alone in a record, these two would be taken for references to a file and to an environment variable.
const aHeaderName = 'the name of a header ("Env" and "File" with a capital letter)';
const aHeaderValue = 'the value of a header, in one line and without control characters; or { "env": VARIABLE }';
const aStatus = 'a status such as 200, or a class of them such as "2xx"';

// RFC 9110, 5.1.
const headerName = z
  .string({ error: aHeaderName })
  .regex(/^(?!(?:env|file)$)[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, aHeaderName);
const headerValue = z.string().regex(/^[^\x00-\x1f\x7f]*$/, aHeaderValue);

/** Headers that frame the message, or that have a setting of their own. */
const ours: ReadonlyMap<string, string> = new Map([
  ['authorization', 'which the setting "authorization" sets'],
  ['host', 'which the setting "host" sets'],
  ...['connection', 'content-length', 'expect', 'keep-alive', 'te', 'trailer', 'transfer-encoding', 'upgrade'].map(
    (name): [string, string] => [name, 'which the dialogue sets as the exchange needs it'],
  ),
]);

const requestHeaders = z
  .record(headerName, z.union([headerValue, secretReference], { error: aHeaderValue }))
  .superRefine((headers, context) => {
    for (const name of Object.keys(headers)) {
      const why = ours.get(name.toLowerCase());
      if (why !== undefined) context.addIssue({ code: 'custom', path: [name], message: `no header ${name}, ${why}` });
    }
  });

/** A regular expression, as text. */
const pattern = z.string().superRefine((source, context) => {
  try {
    new RegExp(source);
  } catch (error) {
    context.addIssue({ code: 'custom', message: `a regular expression: ${(error as Error).message}` });
  }
});

const authorization = z.union(
  [
    z.strictObject({
      basic: z.strictObject({
        user: z.string().regex(/^[^:\x00-\x1f\x7f]*$/, 'a user name without a colon (RFC 7617)'),
        password: secretReference,
      }),
    }),
    z.strictObject({ bearer: secretReference }),
  ],
  { error: '{ "basic": { "user": NAME, "password": { "env": VARIABLE } } } or { "bearer": { "env": VARIABLE } }' },
);

/** The settings of a request and of the answer that is expected. */
export const httpSettings = () => ({
  path: z
    .string()
    .regex(/^\/[!-"$-~]*$/, aPath)
    .default('/')
    .meta({ description: 'What to ask for, with its query where it has one.' }),
  method: z
    .enum(['GET', 'HEAD', 'OPTIONS', 'POST'])
    .default('GET')
    .meta({ description: 'The method of the request. POST sends an empty body.' }),
  host: z
    .string()
    .regex(/^[!-.0-~]+$/, aHost)
    .optional()
    .meta({
      description:
        'The Host header. Default: the destination as the inventory writes it, and the port. The name in it is also the one that https asks for, unless serverName is set.',
    }),
  headers: requestHeaders
    .default({})
    .meta({ description: 'Further headers of the request; values are text, or { "env": VARIABLE } for a secret.' }),
  authorization: authorization
    .optional()
    .meta({ description: 'Credentials for the service, from environment variables. Default: none are sent.' }),
  status: z
    .array(
      z.union([z.int(aStatus).min(100, aStatus).max(599, aStatus), z.string().regex(/^[1-5]xx$/, aStatus)], {
        error: aStatus,
      }),
    )
    .min(1)
    .optional()
    .meta({
      description:
        'The accepted statuses: numbers, and classes such as "2xx". Default: all but 502, 503 and 504; a refusal (401, 403) identifies the service as well.',
    }),
  answerHeaders: z.record(headerName, pattern).default({}).meta({
    description: 'Headers that the answer has to have, and the regular expression that each value has to match.',
  }),
  body: pattern.optional().meta({
    description: 'The regular expression that the body of the answer has to match; its first 64 kB are looked at.',
  }),
  follow: z.int().min(0).max(10).default(0).meta({
    description:
      'How many redirects to follow: only on the same connection, to the same host and port. Others are reported, not followed.',
  }),
});

export type HttpSettings = z.infer<z.ZodObject<ReturnType<typeof httpSettings>>>;
