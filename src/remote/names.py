# From the items of a batch to the addresses that are to be tried. node.py goes before it.
try:
    from _thread import start_new_thread
except ImportError:
    from thread import start_new_thread

# Names a resolver may take; it goes on in its thread, and ends with the process.
RESOLVER_SECONDS = 8
RESOLVERS = 16


# Without a descriptor the resolver cannot read its files, and calls every name unknown: that says nothing of the name.
def shortage():
    try:
        os.close(os.dup(0))
    except (IOError, OSError) as failure:
        return failure.errno


class Targets(object):
    """Finds the rows of a batch: literal addresses as they are, names as the node's resolver gives them."""
    def __init__(self, prober, descriptors):
        self.prober = prober
        self.resolvers = max(1, min(RESOLVERS, (descriptors - 16) // 4))

    def rows(self, items, own):
        waiting = deque()
        found = {}
        for index, item in enumerate(items):
            if item[3] == 'n':
                waiting.append((index, item[4]))
                continue
            try:
                # As bytes: for text, python loads its idna codec from a file, for which there may be no descriptor left.
                literal = item[4].encode('ascii')
                found[index] = _socket.getaddrinfo(literal, None, 0, _socket.SOCK_STREAM, 0, _socket.AI_NUMERICHOST)[:1]
            except (_socket.error, UnicodeError) as failure:
                found[index] = failure.args[-1]
        pending = {}

        took = {}

        def resolve(index, name):
            begun = clock()
            try:
                # Without the families that the node has no address of, as getent and most programs ask: it cannot even try them.
                answer = _socket.getaddrinfo(name.encode('utf-8'), None, 0, _socket.SOCK_STREAM, 0, _socket.AI_ADDRCONFIG)
                took[index] = int((clock() - begun) * 1000000) if precise else '-'
                found[index] = answer
            except _socket.error as failure:
                found[index] = shortage() or failure.args[-1]
            except Exception as failure:
                found[index] = str(failure)
        told = clock()
        while (waiting or pending) and not self.prober.cancelled:
            while waiting and len(pending) < self.resolvers:
                index, name = waiting.popleft()
                pending[index] = clock()
                start_new_thread(resolve, (index, name))
            for fd, _ in wait_for(self.prober.epoll, 0.005, 1):
                self.prober.listen()
            now = clock()
            if now - told > 1:
                told = now
                self.prober.say(['p 0'])
            for index in list(pending):
                if index in found:
                    del pending[index]
                elif now - pending[index] > RESOLVER_SECONDS:
                    del pending[index]
                    found[index] = 'the resolver gave no answer within %d s' % RESOLVER_SECONDS
        rows = []
        lines = []
        spared = 0
        for index, item in enumerate(items):
            answer = found.get(index)
            if answer is None:
                continue
            if isinstance(answer, int):
                if item[5] != '-':
                    lines.append('r %s %s u:out-of-sockets:%s %s' % (item[1], item[4], error_name(answer)[2:], item[5]))
                continue
            if not isinstance(answer, list):
                lines.append('n %s %s' % (item[1], word(answer)))
                continue
            addresses = []
            ports = [] if item[5] == '-' else [[int(n) for n in part.split('-')] for part in item[5].split(',')]
            for family, _, _, _, name in answer:
                if family not in (_socket.AF_INET, _socket.AF_INET6):
                    continue
                scope = '%' in name[0] or family == _socket.AF_INET or not name[3:] or not name[3]
                address = name[0] if scope else '%s%%%d' % (name[0], name[3])
                if item[3] == 'l':
                    address = item[4]
                if address in addresses:
                    continue
                addresses.append(address)
                packed = _socket.inet_pton(family, name[0].split('%')[0])
                mine = _socket.inet_ntop(family, packed) if family == _socket.AF_INET else \
                    ''.join(['%02x' % octet for octet in bytearray(packed)])
                if not ports:
                    continue
                if mine in own and item[2] == '0':
                    lines.append('r %s %s u:own-address %s' % (item[1], address, item[5]))
                    spared += sum([part[-1] - part[0] + 1 for part in ports])
                else:
                    rows.append(Row(item[1], address, family, (name[0], 0) + name[2:], ports, item[6:] == ['a']))
            if item[3] == 'n':
                lines.append('v %s %s %s' % (item[1], took[index], ' '.join(addresses)))
        self.prober.say(lines + ['p %d' % spared])
        return rows
