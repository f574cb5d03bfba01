import { createServer } from 'node:net';

// A process of its own, because it is going to be stopped: it listens with the shortest queue there is.
const [address, port] = process.argv.slice(2);
createServer().listen({ host: address!, port: Number(port), backlog: 1 }, () => process.stdout.write('listening\n'));
