# What a node says of itself when a program starts: its addresses, listeners and routes. node.py goes before it.
# Linux values; python 2.7 does not name them.
NETLINK = 16
SOCK_DIAG = 4


def lines_of(path):
    try:
        with open(path) as file:
            for line in file:
                yield line
    except (IOError, OSError):
        pass


# Listeners as /proc/net/tcp prints them, asked of the kernel (sock_diag(7)): behind its listeners that file walks the whole
# table of connections, and 250,000 empty buckets take 8 ms.
def listeners(family):
    sock = _socket.socket(NETLINK, _socket.SOCK_RAW, SOCK_DIAG)
    sock.settimeout(2)
    sock.send(struct.pack('=IHHIIBBBBI48x', 72, 20, 0x301, 0, 0, family, _socket.IPPROTO_TCP, 0, 0, 1024))
    found = []
    while True:
        data = sock.recv(65536)
        at = 0
        while at < len(data):
            length, kind = struct.unpack_from('=IH', data, at)
            if kind == 3:
                sock.close()
                return found
            if kind != 20:
                raise OSError('no list of listeners')
            port, = struct.unpack_from('>H', data, at + 20)
            words = struct.unpack_from('=I' if family == _socket.AF_INET else '=IIII', data, at + 24)
            found.append('%s:%04X' % (''.join(['%08X' % part for part in words]), port))
            at += (length + 3) & ~3


# The same where the kernel does not answer that.
def listed_listeners(path):
    for line in lines_of(path):
        parts = line.split()
        if parts[3] == '0A':
            yield parts[1]
        elif parts[0] != 'sl':
            break


# Rows are sent as the kernel prints them: src/sweep/facts.ts parses them for every engine.
def facts():
    found = []
    seen = set()
    last = ''
    for line in lines_of('/proc/net/fib_trie'):
        parts = line.split()
        if parts[0] == '|--':
            last = parts[1]
        elif parts[:3] == ['/32', 'host', 'LOCAL'] and last not in seen:
            seen.add(last)
            found.append('f fib_trie ' + last)
    for line in lines_of('/proc/net/if_inet6'):
        digits = line.split()[0]
        seen.add(digits)
        found.append('f if_inet6 ' + digits)
    for table, family in (('tcp', _socket.AF_INET), ('tcp6', _socket.AF_INET6)):
        try:
            listening = listeners(family)
        except (IOError, OSError, struct.error):
            listening = listed_listeners('/proc/net/' + table)
        found.extend(['f %s %s' % (table, each) for each in listening])
    for line in lines_of('/proc/net/route'):
        parts = line.split()
        if parts[0] != 'Iface':
            found.append('f route ' + ' '.join([parts[0], parts[1], parts[2], parts[3], parts[7]]))
    # Without what the kernel keeps for itself and refuses: it shows both on lo.
    for line in lines_of('/proc/net/ipv6_route'):
        parts = line.split()
        if parts[9] != 'lo':
            found.append('f ipv6_route ' + ' '.join([parts[9], parts[0], parts[1], parts[4], parts[8]]))
    return found, seen
