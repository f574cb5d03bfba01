# Accepts connections and answers their questions. node.py, ports.py and doors.py go before it. probeToken in
# src/model/listening.ts tells what is said.
from _collections import deque

IN, OUT, RDHUP = select.EPOLLIN, select.EPOLLOUT, 0x2000
# Seconds: a connection is closed after so many; those that wait for their client to end them are looked at so often.
PATIENCE = 10
LOOK = 0.1
CROWDED = 0.005
MOST_QUESTION = 65536
# Accepted at a time.
BATCH = 128


# A question may be long, and its answer with it.
def unblock(fd):
    if fd in held:
        held[fd].setblocking(False)
    elif hasattr(os, 'set_blocking'):
        os.set_blocking(fd, False)
    else:
        import fcntl
        fcntl.fcntl(fd, fcntl.F_SETFL, NONBLOCK)


class Slow(object):
    """An accepted connection whose question was not there whole when it was accepted."""
    def __init__(self, fd, door, peer, local, end):
        self.fd, self.door, self.peer, self.local, self.end = fd, door, peer, local, end
        self.question = self.answer = b''
        # Whether it is to be told as one that asked nothing of this run.
        self.strange = True
        self.mask = 0


class Visitors(object):
    """Accepted connections. The client ends each of them first."""
    def __init__(self, most, epoll, doors):
        # So many at once; the epoll is for those that are slow.
        self.most, self.epoll, self.doors = most, epoll, doors
        self.run = self.answer = b''
        self.slow = {}
        # Descriptors with the time by which they are closed; the client has its answer.
        self.answered = deque()
        # How many were answered when they were looked at, and have come since.
        self.left = self.since = 0
        self.next_look = 0
        # Whether the node has run out of what a connection needs.
        self.short = False
        # Ports by who asked where; and the same by the very words, which spares reading them again.
        self.seen, self.known = {}, {}

    def crowded(self):
        return self.short or len(self.answered) + len(self.slow) >= self.most

    # How many more may be accepted at once.
    def room(self):
        return max(1, min(BATCH, self.most - len(self.answered) - len(self.slow)))

    def seconds_to_look(self):
        return CROWDED if self.crowded() else LOOK if self.answered or self.slow else 1

    def note(self, source, peer, local, port):
        ports = self.seen.setdefault((source, peer, local), set())
        ports.add(port)
        return ports

    # The source's number; None where this is no question of this run's.
    def source(self, question):
        parts = question.split(b' ')
        if len(parts) not in (3, 4) or parts[0] != b'portolan-preflight' or parts[1] != self.run or not self.run:
            return None
        if len(parts) == 4 and parts[3].strip(b'x'):
            return None
        return parts[2].decode('ascii') if parts[2].isdigit() and len(parts[2]) < 10 else None

    def answer_to(self, question, port):
        text = self.answer + (' %d' % port).encode('ascii')
        if question.count(b' ') == 3:
            text += b' ' + b'x' * (len(question) - len(text) - 1)
        return text + b'\n'

    # One connection of each door that has some: what it says has mostly come by the time that all are accepted, and to read
    # where there is nothing would raise an exception.
    def accept(self, events, now):
        fresh = {}
        poll = select.poll()
        by_fd = self.doors.by_fd
        for fd, _ in events:
            each = by_fd.get(fd)
            if each is None:
                continue
            try:
                fd, name = each.accept()
            except (IOError, OSError) as failure:
                if failure.errno in SHORTAGES and failure.errno != errno.EAGAIN:
                    self.short = True
                continue
            fresh[fd] = (each, name[0])
            poll.register(fd, 1)
        if not fresh:
            return
        self.since += len(fresh)
        end = now + PATIENCE
        for fd, _ in poll.poll(0):
            each, peer = fresh.pop(fd)
            local = each.local or local_address(fd, each.family)
            try:
                data = os.read(fd, 4096)
                ports = self.known.get((data, peer, local))
                if ports is not None:
                    ports.add(each.port)
                    os.write(fd, self.answer + b' ' + str(each.port).encode('ascii') + b'\n')
                    self.answered.append((fd, end))
                    continue
            except (IOError, OSError):
                data = b''
            self.begin(fd, each, peer, local, end, data)
        for fd, (each, peer) in fresh.items():
            self.begin(fd, each, peer, each.local or local_address(fd, each.family), end, None)

    def begin(self, fd, each, peer, local, end, data):
        unblock(fd)
        slow = self.slow[fd] = Slow(fd, each, peer, local, end)
        if data is None:
            self.watch(slow, IN)
        else:
            self.read(slow, data)

    def watch(self, slow, mask):
        if slow.mask == mask:
            return
        if slow.mask:
            self.epoll.modify(slow.fd, mask)
        else:
            self.epoll.register(slow.fd, mask)
        slow.mask = mask

    def drop(self, slow):
        del self.slow[slow.fd]
        if slow.strange:
            self.note('-', slow.peer, slow.local, slow.door.port)
        close(slow.fd)

    def read(self, slow, data):
        if not data:
            self.drop(slow)
            return
        slow.question += data
        question, newline, _ = slow.question.partition(b'\n')
        if not newline and len(slow.question) < MOST_QUESTION:
            self.watch(slow, IN)
            return
        source = self.source(question) if newline and len(question) < MOST_QUESTION else None
        if source is None:
            # It is not answered; its end is waited for.
            slow.question = b''
            self.watch(slow, RDHUP)
            return
        slow.strange = False
        ports = self.note(source, slow.peer, slow.local, slow.door.port)
        if len(data) < 256 and question + b'\n' == data and question.count(b' ') == 2 and len(self.known) < 4096:
            self.known[(data, slow.peer, slow.local)] = ports
        slow.answer = self.answer_to(question, slow.door.port)
        self.write(slow)

    def write(self, slow):
        try:
            slow.answer = slow.answer[os.write(slow.fd, slow.answer):]
        except (IOError, OSError) as failure:
            if failure.errno not in (errno.EAGAIN, errno.EINTR):
                self.drop(slow)
                return
        if slow.answer:
            self.watch(slow, OUT)
            return
        if slow.mask:
            self.epoll.unregister(slow.fd)
        del self.slow[slow.fd]
        self.answered.append((slow.fd, slow.end))

    def attend(self, fd):
        slow = self.slow.get(fd)
        if slow is None:
            return
        if slow.answer:
            self.write(slow)
        elif slow.mask == RDHUP:
            self.drop(slow)
        else:
            try:
                data = os.read(slow.fd, 16384)
            except (IOError, OSError) as failure:
                if failure.errno in (errno.EAGAIN, errno.EINTR):
                    return
                data = b''
            self.read(slow, data)

    # Closes what the client has ended, and what has lasted too long.
    def look(self, now):
        answered, self.answered = self.answered, deque()
        self.since = 0
        self.short = False
        self.next_look = now + LOOK
        if answered:
            poll = select.poll()
            for fd, _ in answered:
                poll.register(fd, RDHUP)
            gone = set([fd for fd, _ in poll.poll(0)])
            for entry in answered:
                if entry[0] in gone or entry[1] <= now:
                    close(entry[0])
                else:
                    self.answered.append(entry)
        self.left = len(self.answered)
        for slow in [each for each in self.slow.values() if each.end <= now]:
            self.drop(slow)

    # Looks now and then, so that each connection is looked at a few times and not at every step.
    def look_in_time(self, now):
        if self.crowded() or self.since >= max(64, self.left) or now >= self.next_look:
            self.look(now)

    def close(self):
        for slow in list(self.slow.values()):
            self.drop(slow)
        for fd, _ in self.answered:
            close(fd)
        self.answered.clear()
