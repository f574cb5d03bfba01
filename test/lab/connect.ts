import type { Machine } from './machine.js';

// A bare connect by python's socket module, not by anything of Portolan's: it shows what the lab's faults are.
const program = `
import errno, socket, sys, time
began = time.time()
try:
    socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=float(sys.argv[3])).close()
    said = 'connected'
except socket.timeout:
    said = 'silence'
except OSError as error:
    said = errno.errorcode.get(error.errno, 'name-failure')
print(said, int(1000 * (time.time() - began)))
`;

/** `connected`, `silence`, an errno such as `ECONNREFUSED`, or `name-failure`. */
export async function connect(
  machine: Machine,
  address: string,
  port: number,
  { timeoutMs = 1000 } = {},
): Promise<string> {
  const { stdout } = await machine.runInside('python3', ['-c', program, address, `${port}`, `${timeoutMs / 1000}`]);
  return stdout.split(' ')[0] ?? '';
}
