import type { Accept, BindResult, PortHolder, PortSettings } from '../model/listening.js';
import { parsePorts } from '../model/port-set.js';
import { wholeNumber } from '../remote-program/answer-code.js';
import { decodeReady, type Ready } from '../remote-program/ready.js';
import { decodeHolder } from './holder.js';
import { decodeSettings } from './settings.js';

// What the controller and a listener program say to each other, one line a sentence. PORTS as in `20000-20499,20600`.
//
// To the program:
//   s RUN ANSWER SECONDS        the words of the run, and when it ends by itself; answered by its settings
//   t                           what time it is
//   i ITEM ADDRESS PORTS MODE   an item; `-`: every address; MODE: l to listen, b to bind only
//   g                           do so
//   f                           close the listeners, and tell what they accepted
//   h                           heartbeat
// From the program, every line behind its nonce:
//   ready ENGINE INTERPRETER VERSION FEATURES
//   s UID USER UNPRIVILEGED RANGE RESERVED    settings; `?` for what cannot be read
//   t MILLISECONDS PRECISION    since 1970, and how exactly it knows
//   b ITEM ERRNO PORTS          `-`: could be bound
//   o ORDER LOCAL REMOTE KIND UID USER PID PROCESS COMMAND UNIT NAMESPACE
//                               a socket that holds a port: addresses as the kernel prints them, ORDER of their bytes
//   p BINDS HOLDERS             all is prepared; so many lines told it
//   a LOCAL PEER SOURCE PORTS   accepted connections; `-` for SOURCE: ended without a question of this run's
//   . ACCEPTS                   all is closed; so many lines told what was accepted
//   h                           heartbeat, heard
//
// The words of the run go by stdin: an argument could be read by everybody on the node.

export type ListenerMessage =
  | Ready
  | { readonly type: 'alive' }
  | { readonly type: 'clock'; readonly ms: number; readonly precisionMs: number }
  | { readonly type: 'settings'; readonly settings: Omit<PortSettings, 'clockSkew'> }
  | { readonly type: 'bind'; readonly result: BindResult }
  | { readonly type: 'holder'; readonly holder: PortHolder }
  | { readonly type: 'prepared'; readonly binds: number; readonly holders: number }
  | { readonly type: 'accept'; readonly accept: Accept }
  | { readonly type: 'finished'; readonly accepts: number };

/** Reads what follows the nonce; undefined where it is no sentence of this language. */
export function decodeListenerMessage(text: string): ListenerMessage | undefined {
  const [word, ...fields] = text.trimEnd().split(' ');
  const [first, second] = [wholeNumber(fields[0]), wholeNumber(fields[1])];
  switch (word) {
    case 'ready':
      return decodeReady(fields);
    case 'h':
      return { type: 'alive' };
    case 't':
      return first === undefined || second === undefined
        ? undefined
        : { type: 'clock', ms: first, precisionMs: second };
    case 's': {
      const settings = decodeSettings(fields);
      return settings && { type: 'settings', settings };
    }
    case 'b':
      return decodeBind(fields);
    case 'o': {
      const holder = decodeHolder(fields);
      return holder && { type: 'holder', holder };
    }
    case 'p':
      return first === undefined || second === undefined
        ? undefined
        : { type: 'prepared', binds: first, holders: second };
    case 'a':
      return decodeAccept(fields);
    case '.':
      return first === undefined ? undefined : { type: 'finished', accepts: first };
    default:
      return undefined;
  }
}

function decodeBind([itemText, error, portText = '']: readonly string[]): ListenerMessage | undefined {
  const item = wholeNumber(itemText);
  const ports = parsePorts(portText);
  if (item === undefined || error === undefined || ports === undefined || !/^(?:-|E\w+)$/.test(error)) return undefined;
  return { type: 'bind', result: { item, ports, errno: error === '-' ? undefined : error } };
}

function decodeAccept([local, remote, sourceText, portText = '']: readonly string[]): ListenerMessage | undefined {
  const source = sourceText === '-' ? '-' : wholeNumber(sourceText);
  const ports = parsePorts(portText);
  if (!local || !remote || source === undefined || ports === undefined) return undefined;
  const [address, peer] = [plainAddress(local), plainAddress(remote)];
  return { type: 'accept', accept: { address, peer, source: source === '-' ? undefined : source, ports } };
}

/** An IPv4-mapped address as IPv4, and without the zone that some interpreters add. */
function plainAddress(text: string): string {
  return text.replace(/%.*$/, '').replace(/^::ffff:(?=\d+\.)/, '');
}
