import { readFileSync } from 'node:fs';
import { packagedPath } from '#src/packaged.js';

export const protocolsPage = packagedPath('docs/protocols.md');

/**
 * The lines that one check leaves in the logs of servers, by server, as docs/protocols.md lists them: a fence of the
 * language `log` and the server's name. A line that a check leaves twice is listed twice.
 */
export function documentedLogs(): ReadonlyMap<string, readonly string[]> {
  const page = readFileSync(protocolsPage, 'utf8');
  const fences = [...page.matchAll(/^ *```log (\S+)\n(.*?)^ *```$/gms)];
  return new Map(fences.map(([, server, text]) => [server!, linesOf(text!)]));
}

function linesOf(text: string): readonly string[] {
  const lines = text.split('\n').map((line) => line.trim());
  return lines.filter((line) => line !== '' && line !== '(nothing)');
}

/** What the words in capitals stand for. */
const placeholders: Readonly<Record<string, string>> = {
  TIME: '[0-9A-Za-z:./+ -]+',
  ADDRESS: '[0-9a-f.:]+',
  PORT: '\\d+',
  PID: '\\d+',
  // Go writes µs, and its logger puts that in quotes.
  DURATION: '(?:[0-9.]+[a-z]+|"[0-9.]+µs")',
  NUMBER: '[0-9.]+',
  HOST: '[\\w.-]+',
  ID: '[0-9a-fx-]+',
  VERSION: '[\\w.+-]+',
};

/** The line of a log that fits a documented one, placeholders and all. */
export function patternOf(line: string): RegExp {
  const escaped = line.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  const words = new RegExp(`\\b(?:${Object.keys(placeholders).join('|')})\\b`, 'g');
  return new RegExp(`^${escaped.replace(words, (word) => placeholders[word]!)}$`);
}
