# Portolan's relay for nodes with python: many TCP streams over one exec. node.py goes before it.
# src/vantage/relay/wire.ts describes what is said on stdin and stdout.
import binascii

# Bytes of a stream that may be under way to the controller; src/vantage/relay/wire.ts has the same number.
WINDOW = 16384
PIECE = 4096
IN, OUT, TROUBLE = select.EPOLLIN, select.EPOLLOUT, select.EPOLLERR | select.EPOLLHUP


class Stream(object):
    def __init__(self, number, sock, level):
        self.number, self.sock, self.level, self.fd = number, sock, level, sock.fileno()
        self.begun = clock()
        self.connected = False
        self.credit = WINDOW
        self.out = b''
        # Whether the controller, and the other side, have said all that they had to say.
        self.said = self.heard = self.shut = False
        self.mask = 0

    def wanted(self):
        if not self.connected:
            return OUT
        return (IN if self.credit > 0 and not self.heard else 0) | (OUT if self.out else 0)


class Relay(object):
    def __init__(self):
        self.epoll = select.epoll()
        self.epoll.register(0, IN)
        self.buffer = b''
        self.by_number, self.by_fd = {}, {}
        self.lines = []

    def say(self, text):
        self.lines.append(text)

    # A stream that can do nothing is not watched: its end, were there one, would be told again and again.
    def watch(self, stream):
        wanted = stream.wanted()
        if wanted == stream.mask:
            return
        if not stream.mask:
            self.epoll.register(stream.fd, wanted)
        elif not wanted:
            self.epoll.unregister(stream.fd)
        else:
            self.epoll.modify(stream.fd, wanted)
        stream.mask = wanted

    def drop(self, stream):
        if stream.mask:
            self.epoll.unregister(stream.fd)
        del self.by_number[stream.number], self.by_fd[stream.fd]
        stream.sock.close()

    def open(self, number, address, port):
        # As bytes: for text, python loads its idna codec from a file.
        try:
            family, _, _, _, name = _socket.getaddrinfo(address, port, 0, _socket.SOCK_STREAM, 0, _socket.AI_NUMERICHOST)[0]
            sock = _socket.socket(family, _socket.SOCK_STREAM | NONBLOCK, 0)
        except (IOError, OSError) as failure:
            self.fail(number, failure.errno, None)
            return
        sock.setblocking(False)
        level = (41, IPV6_RECVERR) if family == _socket.AF_INET6 else (0, IP_RECVERR)
        if read_queue:
            sock.setsockopt(level[0], level[1], 1)
        stream = Stream(number, sock, level)
        try:
            error = sock.connect_ex(name)
        except (IOError, OSError) as failure:
            error = failure.errno
        if error and error != errno.EINPROGRESS:
            self.fail(number, error, sock)
            sock.close()
            return
        self.by_number[number] = self.by_fd[stream.fd] = stream
        self.watch(stream)

    def fail(self, number, error, sock, begun=None):
        if error in SHORTAGES:
            code = 'u:out-of-sockets:' + error_name(error)[2:]
        elif error == errno.ETIMEDOUT:
            code = 't:%d' % (1000 * max(1, round(clock() - begun)))
        elif sock:
            code = error_code(sock, error)
        else:
            code = error_name(error)
        self.say('e %d %s' % (number, code))

    def settle(self, stream):
        spent = clock() - stream.begun
        error = stream.sock.getsockopt(1, 4)
        # A reset that came since is for the first read to tell.
        if error in (0, errno.ECONNRESET, errno.EPIPE):
            error = 0
            try:
                if stream.sock.getsockname()[:2] == stream.sock.getpeername()[:2]:
                    # Connected to itself: the kernel chose the port that was asked for, and nobody listens there.
                    self.say('e %d e:ECONNREFUSED' % stream.number)
                    self.drop(stream)
                    return
            except (IOError, OSError):
                pass
        if error:
            self.fail(stream.number, error, stream.sock, stream.begun)
            self.drop(stream)
            return
        if read_queue:
            # An established connection outlives an ICMP error, unless it asked to be told.
            stream.sock.setsockopt(stream.level[0], stream.level[1], 0)
        stream.connected = True
        self.say('c %d %s' % (stream.number, '%d' % (spent * 1000000) if precise else '-'))

    def broken(self, stream, failure):
        self.say('r %d %s' % (stream.number, error_name(failure.errno)[2:]))
        self.drop(stream)

    def read(self, stream):
        try:
            data = stream.sock.recv(min(PIECE, stream.credit))
        except (IOError, OSError) as failure:
            if failure.errno not in (errno.EAGAIN, errno.EINTR):
                self.broken(stream, failure)
            return
        if data:
            stream.credit -= len(data)
            self.say('d %d %s' % (stream.number, binascii.hexlify(data).decode('ascii')))
        else:
            stream.heard = True
            self.say('f %d' % stream.number)

    def write(self, stream):
        try:
            sent = stream.sock.send(stream.out) if stream.out else 0
            if sent:
                stream.out = stream.out[sent:]
                self.say('w %d %d' % (stream.number, sent))
            if stream.said and not stream.out and not stream.shut:
                stream.shut = True
                stream.sock.shutdown(_socket.SHUT_WR)
        except (IOError, OSError) as failure:
            if failure.errno not in (errno.EAGAIN, errno.EINTR):
                self.broken(stream, failure)

    def abandon(self, stream):
        if stream.connected:
            try:
                # What lies there unread would make the end of the connection a reset.
                stream.sock.recv(65536)
            except (IOError, OSError):
                pass
        self.drop(stream)

    def obey(self, word, number, rest):
        if word == b'o':
            self.open(number, rest[0], int(rest[1]))
            return
        stream = self.by_number.get(number)
        if stream is None:
            return
        if word == b'x':
            self.abandon(stream)
            return
        if word == b'w':
            stream.credit += int(rest[0])
        elif word == b'd':
            stream.out += binascii.unhexlify(rest[0])
        elif word == b'f':
            stream.said = True
        if word != b'w' and stream.connected:
            self.write(stream)
        self.after(stream)

    def after(self, stream):
        if self.by_number.get(stream.number) is not stream:
            return
        if stream.heard and stream.shut:
            self.drop(stream)
        else:
            self.watch(stream)

    # Any word from the controller puts off the alarm, which ends a program that hears none.
    def listen(self):
        data = os.read(0, 65536)
        if not data:
            os._exit(0)
        signal.alarm(6)
        lines = (self.buffer + data).split(b'\n')
        self.buffer = lines.pop()
        for line in lines:
            parts = line.split(b' ')
            if parts[0] == b'h':
                self.say('h')
            else:
                self.obey(parts[0], int(parts[1]), parts[2:])

    def serve(self):
        while True:
            for fd, event in wait_for(self.epoll, -1, 64):
                if fd == 0:
                    self.listen()
                    continue
                stream = self.by_fd.get(fd)
                if stream is None:
                    continue
                if not stream.connected:
                    self.settle(stream)
                else:
                    if event & (IN | TROUBLE) and stream.credit > 0 and not stream.heard:
                        self.read(stream)
                    if event & (OUT | TROUBLE) and self.by_number.get(stream.number) is stream:
                        self.write(stream)
                self.after(stream)
            if self.lines:
                lines, self.lines = self.lines, []
                emit(lines)
                # On a slow way this may have taken long, and the controller's words lie waiting.
                signal.alarm(6)


signal.signal(signal.SIGALRM, signal.SIG_DFL)
signal.alarm(6)
raise_limit()
relay = Relay()
emit(['ready python %s %s %s' % (word(sys.executable or 'python'), '.'.join([str(part) for part in sys.version_info[:3]]),
                                 'queue' if read_queue else '-')])
serve_to_the_end(relay.serve)
