/** Exit codes of the process; see docs/exit-codes.md. Computed once, from the verdicts or from one of these errors. */
export const exitCodes = {
  passed: 0,
  failed: 1,
  usage: 2,
  unknown: 3,
  untested: 4,
  internal: 70,
  interrupted: 130,
  terminated: 143,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/**
 * A failure that a user can cause and mend. Its message is a sentence for the person at the terminal: what was wrong,
 * where, what was expected, what to do. It is printed without a stack; every other error keeps its stack and exits 70.
 */
export class ExpectedError extends Error {
  override readonly name: string = 'ExpectedError';
  readonly exitCode: ExitCode;

  constructor(message: string, exitCode: ExitCode = exitCodes.usage) {
    super(message);
    this.exitCode = exitCode;
  }
}
