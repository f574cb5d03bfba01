import type { DialogueContext } from '#src/model/dialogue.js';

/** The surroundings of a dialogue with a server on loopback, whose transcript nobody reads. */
export function dialogueContext(over: Partial<DialogueContext> = {}): DialogueContext {
  return {
    target: '127.0.0.1',
    address: '127.0.0.1',
    port: 0,
    timeoutMs: 2000,
    mysqlUser: 'portolan',
    materials: { file: () => Buffer.alloc(0), secret: () => '' },
    transcript: { note() {}, sent() {}, received() {}, phase() {} },
    signal: new AbortController().signal,
    ...over,
  };
}
