import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import type { Machine } from '../lab/machine.js';

/** What listeners of a test answer. */
export const answer = '0123456789abcdef';

/**
 * Listens in a machine's network, ports by what they do: token-listener-process.ts says what that is. The result ends
 * them.
 */
export async function listenForTokens(
  machine: Machine,
  address: string,
  token: string,
  spec: Readonly<Record<string, string>>,
): Promise<() => void> {
  const file = fileURLToPath(new URL('./token-listener-process.js', import.meta.url));
  const ports = Object.entries(spec).map((each) => each.join('='));
  const program = [process.execPath, file, address, answer, token, ...ports];
  const child = execa('nsenter', [...machine.networkOnly, ...program], { stdin: 'pipe', reject: false });
  await new Promise<void>((resolve, reject) => {
    child.stdout.once('data', () => resolve());
    void child.then(({ stderr }) => reject(new Error(`token listeners did not start: ${stderr}`)));
  });
  return () => void child.kill('SIGKILL');
}
