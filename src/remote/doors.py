# Binds ports, to see whether it can be done and to listen on them. node.py and ports.py go before it.

# Linux values; python 2.7 does not name them all.
SOL_SOCKET, SO_REUSEADDR, SO_LINGER = 1, 2, 13
IPV6, IPV6_V6ONLY = 41, 26
TCP, TCP_QUICKACK = 6, 12
BACKLOG = 1024


def each_port(text):
    for part in text.split(','):
        first, _, last = part.partition('-')
        for port in range(int(first), int(last or first) + 1):
            yield port


# 20000-20499,20600; of ports in ascending order.
def port_text(ports):
    runs = []
    for port in ports:
        if runs and port == runs[-1][1] + 1:
            runs[-1][1] = port
        else:
            runs.append([port, port])
    return ','.join(['%d-%d' % (first, last) if first != last else '%d' % first for first, last in runs])


class Door(object):
    """A listening socket. local: the address that whoever connects has meant; None where it may be any of the node's."""
    def __init__(self, sock, family, local, port):
        self.sock, self.family, self.local, self.port = sock, family, local, port
        # Python 3's own way to a descriptor without an object around it.
        self.accept = getattr(sock, '_accept', None) or (lambda: accept_socket(sock))


# Python 2 closes a socket with its object.
held = {}


def accept_socket(sock):
    accepted, name = sock.accept()
    fd = accepted.fileno()
    held[fd] = accepted
    return fd, name


def close(fd):
    if fd in held:
        held.pop(fd).close()
    else:
        os.close(fd)


def local_address(fd, family):
    try:
        if fd in held:
            return held[fd].getsockname()[0]
        sock = _socket.socket(family, _socket.SOCK_STREAM, 0, fd)
        try:
            return sock.getsockname()[0]
        finally:
            sock.detach()
    except (IOError, OSError):
        return '-'


# Raises an error with errno. Remnants of an earlier service's connections (TIME_WAIT) do not count as taken, and of ours
# there shall be none: accepted sockets inherit the linger, so that whatever closes them, a kill too, resets them.
def door(family, name, port, listen):
    sock = _socket.socket(family, _socket.SOCK_STREAM | NONBLOCK, 0)
    try:
        sock.setblocking(False)
        sock.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
        sock.setsockopt(SOL_SOCKET, SO_LINGER, struct.pack('ii', 1, 0))
        if family == _socket.AF_INET6:
            sock.setsockopt(IPV6, IPV6_V6ONLY, 1)
        sock.bind((name[0], port) + name[2:])
        if listen:
            sock.listen(BACKLOG)
            # Only from here on is it inherited: the answer follows at once, and acknowledges the question by the way.
            sock.setsockopt(TCP, TCP_QUICKACK, 0)
        return sock
    except Exception:
        sock.close()
        raise


class Doors(object):
    def __init__(self, most):
        self.most = most
        self.by_fd = {}
        self.places = set()
        any_family = [(_socket.AF_INET, ('0.0.0.0', 0))]
        if content('/proc/net/if_inet6'):
            any_family.append((_socket.AF_INET6, ('::', 0, 0, 0)))
        self.everywhere = any_family

    def names(self, address):
        if address == '-':
            return self.everywhere
        # As bytes: for text, python loads its idna codec from a file.
        found = _socket.getaddrinfo(address.encode('ascii'), 0, 0, _socket.SOCK_STREAM, 0, _socket.AI_NUMERICHOST)
        return [(family, name) for family, _, _, _, name in found[:1]]

    # Whether what stands in the way is a listener of our own, which will do.
    def ours(self, family, address, port):
        every = '0.0.0.0' if family == _socket.AF_INET else '::'
        return (address, port) in self.places or (every, port) in self.places

    # The name of the error that kept one from being bound, or '-'. A port is wanted at all of its addresses or at none.
    def try_port(self, names, port, listen):
        opened = []
        for family, name in names:
            try:
                if listen and len(self.by_fd) + len(opened) >= self.most:
                    raise OSError(errno.EMFILE, '')
                opened.append((door(family, name, port, listen), family, name))
            except (IOError, OSError) as failure:
                if failure.errno == errno.EADDRINUSE and self.ours(family, name[0], port):
                    continue
                for sock, _, _ in opened:
                    sock.close()
                return error_name(failure.errno)[2:]
        for sock, family, name in opened:
            if listen:
                local = None if name[0] in ('0.0.0.0', '::') else sock.getsockname()[0]
                self.by_fd[sock.fileno()] = Door(sock, family, local, port)
                self.places.add((name[0], port))
            else:
                sock.close()
        return '-'

    # What became of an item's ports, alike ones together.
    def open(self, item, address, ports, listen):
        try:
            names = self.names(address)
        except (IOError, OSError):
            names = None
        by_error = {}
        for port in each_port(ports):
            if port % 1000 == 0:
                busy()
            error = self.try_port(names, port, listen) if names else 'EINVAL'
            by_error.setdefault(error, []).append(port)
        return by_error

    # Sockets that are in the tables for us.
    def inodes(self):
        return set([str(os.fstat(fd).st_ino) for fd in self.by_fd])

    def close(self):
        for each in self.by_fd.values():
            each.sock.close()
        self.by_fd = {}
