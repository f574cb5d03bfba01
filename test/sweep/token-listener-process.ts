import { createServer, type Server, type Socket } from 'node:net';

// Listeners that answer a token as temporary listeners do, and such as do not:
// node token-listener-process.js ADDRESS ANSWER TOKEN BEHAVIOUR=PORTS…
// Says "listening" once all ports are open, and ends with its standard input.
const [address, answer, token, ...spec] = process.argv.slice(2);

type Behaviour = (socket: Socket, question: string, port: number, visit: number) => void;

const reply = (question: string, port: number) => {
  const short = `${answer} ${port}`;
  // Padded as the question was: it ends in a blank and as many x as it takes.
  return `${question === token ? short : `${short} ${'x'.repeat(question.length - short.length - 1)}`}\n`;
};

/** The padding in one piece, or it would take minutes. */
const byteWise = (socket: Socket, text: string, at = 0): void => {
  const step = at < 24 ? 1 : text.length;
  socket.write(text.slice(at, at + step));
  if (at + step < text.length) setTimeout(() => byteWise(socket, text, at + step), 2);
};

/** What each does once it has heard a line. */
const behaviours: Readonly<Record<string, Behaviour>> = {
  ours: (socket, question, port) => socket.write(reply(question, port)),
  slow: (socket, question, port) => setTimeout(() => socket.write(reply(question, port)), 600),
  bytes: (socket, question, port) => byteWise(socket, reply(question, port)),
  translated: (socket, question) => socket.write(reply(question, 99)),
  busy: (socket, question, port, visit) => visit > 1 && socket.write(reply(question, port)),
  silent: () => {},
  closing: (socket) => socket.end(),
  resetting: (socket) => socket.resetAndDestroy(),
  echoing: (socket, question) => socket.write(`${question}\n`),
  http: (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'),
  word: (socket, _, port) => socket.write(`${answer!.toUpperCase()} ${port}\n`),
  port: (socket) => socket.write(`${answer} 65536\n`),
  short: (socket, _, port) => socket.write(`${answer} ${port}\n`),
  half: (socket, _, port) => socket.end(`${answer} ${port}`),
  prompt: (socket) => socket.write('Password: '),
};

function listen(name: string, port: number): Promise<Server> {
  let visits = 0;
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => {
      const visit = ++visits;
      let heard = '';
      socket.setNoDelay().on('error', () => {});
      socket.on('data', (data) => {
        heard += data.toString();
        if (heard.endsWith('\n')) behaviours[name]!(socket, heard.slice(0, -1), port, visit);
      });
    });
    server.once('error', reject);
    server.listen({ host: address, port, backlog: 511 }, () => resolve(server));
  });
}

const servers: Promise<Server>[] = [];
for (const each of spec) {
  const [name = '', ports = ''] = each.split('=');
  const [first, last = first] = ports.split('-').map(Number);
  for (let port = first!; port <= last!; port += 1) servers.push(listen(name, port));
}
await Promise.all(servers);
process.stdout.write('listening\n');
process.stdin.on('end', () => process.exit(0)).resume();
