import { createSocket } from 'node:dgram';

// Answers DNS queries (RFC 1035) in a host's network: node name-server-process.js ADDRESS ANSWER DELAY_MS
// Says "listening", and tells whoever asks for the IPv4 address of a name below .example that it is ANSWER, so many
// milliseconds later; there is no other name, and no other kind of address. Ends with its standard input.
const [address = '', answer = '', delay = ''] = process.argv.slice(2);

const [typeA, nameError] = [1, 3];

function replyTo(query: Buffer): Buffer {
  // Behind the header of 12 bytes: the name, label by label to an empty one, its type and its class.
  const end = query.indexOf(0, 12) + 5;
  const question = query.subarray(12, end);
  const known = question.includes('example');
  const answers = known && query.readUInt16BE(end - 4) === typeA;
  const header = Buffer.from(query.subarray(0, 12));
  header.writeUInt16BE(0x8180 | (known ? 0 : nameError), 2);
  header.writeUInt16BE(answers ? 1 : 0, 6);
  header.fill(0, 8);
  // A pointer to the question's name, type A, class IN, a minute to live, 4 bytes.
  const record = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, ...answer.split('.').map(Number)]);
  return Buffer.concat([header, question, ...(answers ? [record] : [])]);
}

const socket = createSocket('udp4', (query, from) => {
  const reply = replyTo(query);
  setTimeout(() => socket.send(reply, from.port, from.address), Number(delay));
});
socket.bind(53, address, () => process.stdout.write('listening\n'));
process.stdin.on('end', () => process.exit(0)).resume();
