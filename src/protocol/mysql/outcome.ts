import type { Said } from '../../model/dialogue.js';
import { closedEarly as closedBeforeWords, identified, mismatch, seconds } from '../outcome.js';
import { describeStranger } from '../stranger.js';
import { type Greeting, productOf, type ServerError } from './greeting.js';

/** How the login that follows a greeting ended. */
export type LoginEnd =
  | ServerError
  | { readonly kind: 'ok' }
  | { readonly kind: 'closed' }
  | { readonly kind: 'silence'; readonly afterMs: number }
  | { readonly kind: 'unreadable' };

const service = 'mysql';

/** The server greeted, and the login was carried to its end. */
export function greeted(greeting: Greeting, user: string, end: LoginEnd): Said {
  const product = productOf(greeting.version);
  switch (end.kind) {
    case 'ok':
      return identified(service, `${product} greeted and logged ${user} in`);
    case 'error':
      return identified(service, `${product} greeted and refused the login (${end.code})`, warningOf(end));
    case 'closed':
      return identified(service, `${product} greeted, then closed instead of answering the login`, withoutLogin);
    case 'silence':
      return identified(
        service,
        `${product} greeted, then left the login unanswered for ${seconds(end.afterMs)}`,
        withoutLogin,
      );
    case 'unreadable':
      return identified(
        service,
        `${product} greeted, then answered the login with what no MySQL server says`,
        withoutLogin,
      );
  }
}

const withoutLogin =
  'the service greets but does not answer a login: a proxy without a server behind it does that, and a server out of threads';

/** The server refused the connection in place of a greeting. */
export function turnedAway(error: ServerError): Said {
  switch (error.code) {
    case 1129:
      return {
        ...identified(service, 'MySQL answers, and has blocked this source (1129)', warningOf(error)),
        problem: 'source-blocked',
      };
    case 1130:
      return identified(service, 'MySQL answers, and allows no login from this source (1130)', warningOf(error));
    default:
      return identified(
        service,
        `MySQL answers with an error in place of a greeting (${error.code})`,
        warningOf(error),
      );
  }
}

// https://dev.mysql.com/doc/mysql-errors/8.4/en/server-error-reference.html
function warningOf({ code, message }: ServerError): string | undefined {
  switch (code) {
    case 1129:
      return 'the server has blocked the source after too many broken connections, and every client there with it: unblock it with `mariadb-admin flush-hosts` (`mysqladmin flush-hosts`, or TRUNCATE TABLE performance_schema.host_cache), and find what breaks its connections';
    case 1130:
      return 'no account of the server allows logins from this source: clients there need one (CREATE USER …@…)';
    case 1040:
      return 'the server is at its limit of connections (max_connections): clients are turned away';
    // Access denied, in its three forms, and a server that wants TLS first: what a stranger should get.
    case 1045:
    case 1044:
    case 1698:
    case 3159:
      return undefined;
    default:
      return `the server said: ${message}`;
  }
}

/** Something answered that does not speak MySQL. */
export function stranger(bytes: Buffer): Said {
  return mismatch(service, describeStranger(bytes), 'stranger');
}

export function silent(afterMs: number): Said {
  return mismatch(service, `connected, then silent for ${seconds(afterMs)}, where MySQL greets first`, 'silent');
}

export function closedEarly(bytes: Buffer): Said {
  return bytes.length === 0 ? closedBeforeWords(service) : stranger(bytes);
}

export function closedLate(silentMs: number): Said {
  return {
    kind: 'dialogue',
    service,
    outcome: 'reset',
    detail: `connected, silent for ${seconds(silentMs)}, then closed without a greeting`,
  };
}
