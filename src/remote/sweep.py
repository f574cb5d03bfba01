# The sweep itself: many connects at once. node.py, row.py and parting.py go before it.
from _bisect import bisect_right

# Re-probing: so many connects a second and at once, however fast the first pass was.
CAREFUL_RATE = 300
CAREFUL_AT_ONCE = 1024
# Started between two looks at what has been answered; fewer where answers are noticed only then, or connect times would
# be those of our own turns.
BURST = 64
DISTANT_BURST = 16
# A near peer has answered before connect returns, and asking it without an epoll costs less: so often in a row it is asked
# in vain before that is given up.
PROMPT = 16
# A connect that was noticed within these microseconds took as long as the kernel says; after more, a SYN was lost.
NOTICED_LATE = 100000
# Connects that met themselves are tried again so often.
RETRIES = 2
# Tenths of a second without a single socket to be had.
DRY = 20
# EPOLLOUT | EPOLLONESHOT: a parting connection keeps its descriptor.
WRITABLE_ONCE = 0x40000004
# getsockopt's level, option and size, and of what it fills in: the state and the handshake's time (tcp(7), tcpi_rtt), in
# microseconds.
TCP_INFO = (6, 11, 72)
tcp_info = struct.Struct('=B67xI').unpack
ESTABLISHED, CLOSED, CLOSE_WAIT = 1, 7, 8
CONNECTED = (0, errno.ECONNRESET, errno.EPIPE)
IN_PROGRESS, REFUSED = errno.EINPROGRESS, errno.ECONNREFUSED


class Sweep(object):
    """One batch: a pass over all its ports, and up to two careful ones over what was silent."""
    socket = _socket.socket

    def __init__(self, prober, rows, timeout, seed, most):
        self.prober, self.rows, self.timeout, self.most = prober, rows, timeout, most
        self.epoll, self.partings = prober.epoll, prober.partings
        self.starts, self.owners, self.firsts = [], [], []
        total = 0
        for row in rows:
            for part in row.ports:
                self.starts.append(total)
                self.owners.append(row)
                self.firsts.append(part[0])
                total += part[-1] - part[0] + 1
        # The order of the probes: index, index + step, index + 2 step... modulo the total; src/sweep/order.ts has the same.
        step = 1 + (total * 618034 // 1000000 + seed) % total
        while gcd(step, total) != 1:
            step += 1
        self.total, self.left = total, total
        self.probes = self.first_pass(seed % total, step % total)
        self.silence = 't:%d' % round(timeout * 1000)
        # By descriptor; in the order of their beginning; to be tried again.
        self.live, self.fifo, self.again = {}, deque(), deque()
        self.retries = {}
        # Connected, and to be ended politely.
        self.parting = []
        # The number of the careful pass.
        self.careful = 0
        # Whether anything but silence has come of this pass.
        self.changed = False
        self.limit, self.stalled, self.dry = most, False, 0
        self.tokens, self.last = 0.0, clock()
        # What is asked first of a new connect is what the last one came to.
        self.prompt, self.mostly_open = PROMPT, False
        self.tried, self.told, self.flushed = 0, 0, self.last

    def run(self):
        try:
            while not self.prober.cancelled:
                now = clock()
                pace = self.pace()
                room = self.room(now, pace)
                started = self.start(room)
                if pace > 0:
                    self.tokens -= started
                if self.idle():
                    if not self.next_pass():
                        break
                    continue
                wait = 0 if started and started == room and not pace else self.wait(now, pace)
                asked = clock()
                self.collect(wait_for(self.epoll, wait, self.most + 1))
                self.expire(asked)
                now = clock()
                self.partings.look(now, self.partings.most)
                if now - self.flushed > 1:
                    self.flush()
                    self.flushed = now
        finally:
            for entry in self.live.values():
                entry[0].close()
        self.flush()
        self.prober.say([row.latency() for row in self.rows if row.source])
        return self.tried

    def idle(self):
        return not self.live and not self.left and not self.again

    def pace(self):
        rate = self.prober.rate
        return CAREFUL_RATE if self.careful and (rate <= 0 or rate > CAREFUL_RATE) else rate

    # How many may be started now.
    def room(self, now, pace):
        if self.stalled:
            # Sockets ran out: half of those that there were have to come free first.
            if len(self.live) > self.limit // 2:
                return 0
            self.stalled = False
        room = min(self.limit - len(self.live), BURST if self.prompt else DISTANT_BURST)
        if pace > 0:
            self.tokens = min(self.tokens + (now - self.last) * pace, max(1.0, pace / 20.0))
            self.last = now
            room = min(room, int(self.tokens))
        return room

    # How long to wait for answers: until the oldest is silent, the rate allows another, or a parting is due.
    def wait(self, now, pace):
        if self.stalled and not self.live:
            return 0.1
        wait = 1.0
        if self.fifo:
            wait = min(wait, self.fifo[0][0] + self.timeout - now)
        if self.partings.waiting:
            wait = min(wait, self.partings.waiting[0][0][0] - now)
        if (self.left or self.again) and len(self.live) < self.limit and not self.stalled:
            wait = min(wait, (1.0 - self.tokens) / pace if pace > 0 else 0.0)
        # epoll counts in milliseconds: rounded up, or the last one would be spent in a busy loop.
        return max(0.0, wait) + 0.0005 if wait > 0 else 0

    # A pass is over. Silence is tried again, slowly, where the address answered something, and once more where that changed
    # anything: Linux limits the rate of its ICMP, and SYNs get lost.
    def next_pass(self):
        if self.careful == 2 or self.careful and not self.changed:
            return False
        # What this pass says goes before what the next one makes of it: older pythons keep no order within a row.
        self.flush()
        order = []
        # By address: flows of one port each are rows of their own, and no worse off than a range.
        lively = set([row.address for row in self.rows if row.answered])
        for row in self.rows:
            if row.address in lively:
                order.extend(row.silent)
            row.silent = []
        self.careful, self.changed, self.left = self.careful + 1, False, len(order)
        self.probes = iter(order)
        self.limit, self.tokens, self.dry = min(self.most, CAREFUL_AT_ONCE), 1.0, 0
        return self.left > 0

    def first_pass(self, index, step):
        total = self.total
        for _ in range(total):
            yield index
            index = (index + step) % total

    # Starts so many, or as many as there are sockets for; the result is how many.
    def start(self, room):
        socket, kind = self.socket, _socket.SOCK_STREAM | NONBLOCK
        starts, owners, firsts = self.starts, self.owners, self.firsts
        again, probes, prompt, mostly_open = self.again, self.probes, self.prompt, self.mostly_open
        answers, pending = [], []
        started, short, begun = 0, 0, 0.0
        # Of the range that the last probe was of.
        low = high = 0
        while started < room:
            if again:
                probe = again.popleft()
            elif self.left:
                self.left -= 1
                probe = next(probes)
            else:
                break
            if probe < low or probe >= high:
                segment = bisect_right(starts, probe)
                low, high = starts[segment - 1], starts[segment] if segment < len(starts) else self.total
                row = owners[segment - 1]
                family, level, option, host, tail = row.family, row.level, row.option, row.host, row.tail
                base = firsts[segment - 1] - low
            port = base + probe
            sock = None
            spent = 0
            try:
                sock = socket(family, kind)
                sock.setsockopt(level, option, 1)
                begun = clock()
                error = sock.connect_ex((host, port) + tail if tail else (host, port))
                if error == IN_PROGRESS and prompt:
                    error = 0 if mostly_open else sock.getsockopt(1, 4)
                    if not error:
                        state, spent = tcp_info(sock.getsockopt(*TCP_INFO))
                        if state not in (ESTABLISHED, CLOSE_WAIT):
                            error = state == CLOSED and sock.getsockopt(1, 4) or IN_PROGRESS
                            spent = 0
            except (IOError, OSError) as failure:
                error = failure.errno or (failure.args and failure.args[0]) or 0
                if not isinstance(error, int) or error <= 0:
                    error = errno.EINVAL
            if row.source is None and sock:
                row.sent_from(sock)
            if error == IN_PROGRESS:
                pending.append((sock, probe, row, port, begun))
            elif error in SHORTAGES and self.give_way(sock, row, error):
                again.appendleft(probe)
                break
            else:
                mostly_open = not error
                answers.append((sock, probe, row, port, spent or microseconds(begun), error))
                short += error in SHORTAGES
            started += 1
        for entry in pending:
            fd = entry[0].fileno()
            self.epoll.register(fd, WRITABLE_ONCE)
            self.live[fd] = entry
            self.fifo.append((entry[4], fd, entry[1]))
        self.mostly_open = mostly_open
        self.prompt = PROMPT if answers else max(0, self.prompt - len(pending))
        queued = with_queue([answer[0] for answer in answers if answer[5] and answer[0]])
        for sock, probe, row, port, spent, error in answers:
            self.settle(sock, probe, row, port, spent, error, sock in queued)
        self.part()
        if started > short:
            self.dry = 0
        return started

    # Whether there will be sockets later: when what is in flight, or waits for its service to end it, comes free.
    def give_way(self, sock, row, error):
        if sock:
            sock.close()
        if error == errno.EADDRNOTAVAIL and not has_source(row):
            return False
        if self.partings.waiting:
            self.partings.look(clock(), len(self.partings.waiting) // 2)
        elif not self.live:
            self.dry += 1
            if self.dry > DRY:
                return False
        self.limit = max(1, len(self.live))
        self.stalled = True
        return True

    def collect(self, answers):
        for fd, event in answers:
            if fd == 0:
                self.prober.listen()
                continue
            sock, probe, row, port, begun = self.live.pop(fd)
            spent = microseconds(begun)
            if event & 24:
                self.settle(sock, probe, row, port, spent, sock.getsockopt(1, 4), True)
            else:
                self.settle(sock, probe, row, port, spent if spent > NOTICED_LATE else round_trip(sock) or spent, 0, False)
        self.part()

    def part(self):
        if self.parting:
            self.partings.add(self.parting, clock())
            self.parting = []

    # Silent is what was due when poll was asked and poll did not name: by a later look at the clock, the time in which this
    # node was stopped, or slow, would be the targets' silence.
    def expire(self, asked):
        fifo, live = self.fifo, self.live
        while fifo:
            begun, fd, probe = fifo[0]
            entry = live.get(fd)
            if entry is not None and entry[1] == probe and entry[4] == begun:
                if begun + self.timeout > asked:
                    break
                del live[fd]
                sock, _, row, port, _ = entry
                sock.close()
                self.note(row, self.silence, probe, port)
            fifo.popleft()

    def settle(self, sock, probe, row, port, spent, error, queued):
        if error == REFUSED:
            row.times[spent] = row.times.get(spent, 0) + 1
            code = error_code(sock, error) if queued else 'e:ECONNREFUSED'
            sock.close()
        # A reset after the handshake: it was connected, and what happened next is no business of a sweep.
        elif error in CONNECTED:
            if row.own and met_itself(sock, row, port):
                sock.close()
                tries = self.retries[probe] = self.retries.get(probe, 0) + 1
                if tries <= RETRIES:
                    self.again.append(probe)
                    return
                code = 'e:ECONNREFUSED'
            else:
                row.times[spent] = row.times.get(spent, 0) + 1
                self.parting.append(sock)
                code = 'o'
        elif error == errno.ETIMEDOUT:
            sock.close()
            code = self.silence
        elif error in SHORTAGES and (error != errno.EADDRNOTAVAIL or has_source(row)):
            code = 'u:out-of-sockets:' + error_name(error)[2:]
        else:
            code = error_code(sock, error) if queued else error_name(error)
            if sock:
                sock.close()
        self.note(row, code, probe, port)

    # A careful pass says only what has changed.
    def note(self, row, code, probe, port):
        if code is self.silence:
            row.silent.append(probe)
            if self.careful:
                return
        elif code[0] != 'u':
            row.answered = self.changed = True
        if not self.careful:
            self.tried += 1
        if code in row.out:
            row.out[code].append(port)
        else:
            row.out[code] = [port]

    def flush(self):
        lines = []
        for row in self.rows:
            lines.extend(row.answers())
        self.prober.say(lines + ['p %d' % (self.tried - self.told)])
        self.told = self.tried


def gcd(a, b):
    while b:
        a, b = b, a % b
    return a


# Connected to itself: the kernel chose the port that was asked for.
def met_itself(sock, row, port):
    try:
        mine = sock.getsockname()
        return mine[1] == port and mine[0] == row.host
    except (IOError, OSError):
        return False


def microseconds(begun):
    return int((clock() - begun) * 1000000)


# Of the handshake, as the kernel measured it; 0 where it does not say.
def round_trip(sock):
    try:
        return tcp_info(sock.getsockopt(*TCP_INFO))[1]
    except (IOError, OSError):
        return 0


# Those not closed yet whose error queue holds something (POLLERR): to ask the others for it would raise an exception each.
def with_queue(socks):
    if not socks:
        return ()
    poll, by_descriptor = select.poll(), {}
    for sock in socks:
        fd = sock.fileno()
        if fd >= 0:
            by_descriptor[fd] = sock
            poll.register(fd, 0)
    return [by_descriptor[fd] for fd, event in poll.poll(0) if event & 8]


# Whether the node has an address to send from at all: UDP needs one too, and has its own ports.
def has_source(row):
    if row.source is not None:
        return True
    try:
        sock = _socket.socket(row.family, _socket.SOCK_DGRAM)
        try:
            return sock.connect_ex((row.host, 9) + row.tail) != errno.EADDRNOTAVAIL
        finally:
            sock.close()
    except (IOError, OSError):
        return True
