import { createServer } from 'node:net';
import { argv, stdout } from 'node:process';

// A process of its own, because it is going to be stopped: it listens with the shortest queue there is.
const [address, port] = argv.slice(2);
createServer().listen({ host: address!, port: Number(port), backlog: 1 }, () => stdout.write('listening\n'));
