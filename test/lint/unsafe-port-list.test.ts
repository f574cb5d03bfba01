import test from 'ava';
import { documentedUnsafePorts, furtherUnsafePorts } from '#src/lint/unsafe-port-list.js';
import { countPorts, intersectPorts, parsePorts } from '#src/model/port-set.js';

// "Ports deemed insecure by Google Chrome", as https://help.fanruan.com/fineops-en/doc-view-32.html prints it.
const sentence =
  'Do not use the following ports, as doing so will prevent Google Chrome from accessing FineOps. 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 465, 512, 513, 514, 515, 526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6697, and 10080';

test('the list is the document’s own, all 79 of it', (t) => {
  const printed = sentence.match(/\d+/g)!;
  t.is(printed.length, 79);
  t.deepEqual(documentedUnsafePorts, parsePorts(printed.join(',')));
  t.is(countPorts(documentedUnsafePorts), 79);
});

test('the further ports are in the Fetch standard and not in the document', (t) => {
  t.deepEqual(furtherUnsafePorts, [
    [0, 0],
    [427, 427],
    [4190, 4190],
    [6679, 6679],
  ]);
  t.deepEqual(intersectPorts(furtherUnsafePorts, documentedUnsafePorts), []);
});
