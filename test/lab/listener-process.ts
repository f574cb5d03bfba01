import { createServer, type Server } from 'node:net';

// Listens in a host's network: node listener-process.js GREETING ADDRESS PORTS [ADDRESS PORTS]…
// Says "listening" once all ports are open, accepts and closes politely, and ends with its standard input.
const [greeting = '', ...pairs] = process.argv.slice(2);

function listen(address: string, port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.resume();
      socket.end(greeting);
    });
    server.once('error', reject);
    server.listen({ host: address, port, backlog: 511 }, () => resolve(server));
  });
}

const servers: Promise<Server>[] = [];
for (let index = 0; index < pairs.length; index += 2) {
  const address = pairs[index]!;
  for (const part of pairs[index + 1]!.split(',')) {
    const [first, last = first] = part.split('-').map(Number);
    for (let port = first!; port <= last!; port += 1) servers.push(listen(address, port));
  }
}
await Promise.all(servers);
process.stdout.write('listening\n');
process.stdin.on('end', () => process.exit(0)).resume();
