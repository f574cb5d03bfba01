# A sweep that says a token to what connects, and reads whether a temporary listener of this run answers. sweep.py goes
# before it, which knows nothing of this.

# Asked and not answered yet: were there more, a listener on a busy machine would come to the last of them too late.
ASKED_AT_ONCE = 256
# After these seconds an answer is slow: it no longer keeps others from being asked, and epoll watches it. So many may be slow:
# who filters what is said makes all of them so, but so does a machine that is too busy for us already.
SLOW = 0.5
MOST_SLOW = 768
# Seconds between two looks for answers, and after looks in vain. To be woken by each answer would cost more than the answer.
NAP, LONGEST_NAP = 0.001, 0.016
MOST_HEARD = 65536
# Bytes of a stranger's words that are reported.
EVIDENCE = 24
MUTE = 'x:silent'
HEX = b'0123456789abcdef'
# SOL_SOCKET, SO_LINGER and on for no time: close sends an RST, and neither side is left in TIME_WAIT.
ABORTING = (1, 13, struct.pack('ii', 1, 0))
# IPPROTO_TCP, TCP_DEFER_ACCEPT and on: of a socket that connects, that the last packet of the handshake waits for the token
# and carries it (tcp_rcv_synsent_state_process), or goes alone after 0.2 s. One packet less, and the listener accepts a
# connection that has spoken.
TOGETHER = (6, 9, 1)
UNREADY = (errno.EAGAIN, errno.EINTR)
RESET = (errno.ECONNRESET, errno.EPIPE, errno.ENOTCONN)


class Question(object):
    """A connection that was said the token."""
    __slots__ = ('sock', 'fd', 'probe', 'row', 'port', 'begun', 'heard', 'unsaid')


def talkative(family, kind):
    sock = _socket.socket(family, kind)
    sock.setsockopt(*TOGETHER)
    return sock


class Asking(Sweep):
    """The same for rows that ask and rows that do not."""
    socket = staticmethod(talkative)

    def __init__(self, prober, rows, timeout, seed, most, token, padded):
        Sweep.__init__(self, prober, rows, timeout, seed, most)
        self.token = token + (b' ' + b'x' * (padded - len(token) - 2) if padded else b'') + b'\n'
        self.padded = padded
        self.at_once = max(1, min(ASKED_AT_ONCE, most // 2))
        # Questions by descriptor, and in the order of their beginning. The fresh are looked for with one poll: to register
        # each with epoll would be a system call more.
        self.fresh, self.slow = {}, {}
        self.fresh_fifo, self.slow_fifo = deque(), deque()
        self.poll = select.poll()
        self.nap, self.full = NAP, False
        # The codes of the words that listeners have answered.
        self.words = {}
        # Of these probes the last that was said is that they were silent.
        self.mute = set()

    def run(self):
        try:
            return Sweep.run(self)
        finally:
            for question in list(self.fresh.values()) + list(self.slow.values()):
                question.sock.close()

    def idle(self):
        return Sweep.idle(self) and not self.fresh and not self.slow

    # None for less than a good part of a burst: each costs a look.
    def room(self, now, pace):
        room = Sweep.room(self, now, pace)
        fresh, slow = len(self.fresh), len(self.slow)
        free = min(self.at_once - fresh, self.at_once + MOST_SLOW - fresh - slow, self.most - len(self.live) - fresh - slow)
        self.full = free < max(1, min(BURST, self.at_once // 4))
        return 0 if self.full else min(room, free)

    def wait(self, now, pace):
        wait = Sweep.wait(self, now, pace)
        if self.slow_fifo:
            wait = max(0.0, min(wait, self.slow_fifo[0].begun + self.timeout + 0.0005 - now))
        if self.full:
            return self.nap if self.fresh else max(wait, NAP)
        return min(wait, self.nap) if self.fresh else wait

    def settle(self, sock, probe, row, port, spent, error, queued):
        if error in CONNECTED and row.asks and not (row.own and met_itself(sock, row, port)):
            row.times[spent] = row.times.get(spent, 0) + 1
            self.ask(sock, probe, row, port)
        else:
            Sweep.settle(self, sock, probe, row, port, spent, error, queued)

    def ask(self, sock, probe, row, port):
        question = Question()
        question.sock, question.probe, question.row, question.port = sock, probe, row, port
        question.heard, question.unsaid = b'', self.token
        question.begun, question.fd = clock(), sock.fileno()
        say(question)
        self.fresh[question.fd] = question
        self.fresh_fifo.append(question)
        watch(self.poll, question)

    def collect(self, answers):
        if self.slow:
            late = [self.slow[fd] for fd, _ in answers if fd in self.slow]
            answers = [answer for answer in answers if answer[0] not in self.slow]
            for question in late:
                self.hear(question)
        # Not between bursts that may follow each other: each look walks all that are fresh.
        if self.fresh and (self.full or self.stalled or self.pace() > 0 or not self.left):
            found = self.poll.poll(0)
            self.nap = 0 if len(found) >= BURST else NAP if found else min(max(NAP, self.nap * 2), LONGEST_NAP)
            for fd, _ in found:
                self.hear(self.fresh[fd])
        Sweep.collect(self, answers)

    def hear(self, question):
        if question.unsaid:
            say(question)
            if not question.unsaid:
                watch(self.poll if question.fd in self.fresh else self.epoll, question)
        sock, row, port = question.sock, question.row, question.port
        try:
            data = sock.recv(MOST_HEARD)
        except (IOError, OSError) as failure:
            if failure.errno in RESET:
                self.end(question, stranger(question.heard) if question.heard else 'x:reset')
            elif failure.errno not in UNREADY:
                # An ICMP message about what we said: the connection is there still, and TCP says it again. Let go of, or
                # it would wake us for ever.
                sock.setsockopt(row.level, row.option, 0)
            return
        heard = question.heard = question.heard + data if question.heard else data
        line, newline, _ = heard.partition(b'\n')
        code = newline and self.answer(line, port)
        if code:
            sock.setsockopt(*ABORTING)
            sock.close()
            self.forget(question)
            Sweep.note(self, row, code, question.probe, port)
        elif newline or not data or len(heard) >= MOST_HEARD or len(heard) >= EVIDENCE and heard[:16].strip(HEX):
            self.end(question, stranger(heard) if heard else 'x:closed')

    # The code of what our listeners say: their word, their port and as much padding as we said.
    def answer(self, line, port):
        parts = line.split(b' ')
        code = self.words.get(parts[0])
        if not code:
            if len(parts[0]) != 16 or parts[0].strip(HEX):
                return None
            code = self.words[parts[0]] = 'a:' + parts[0].decode('ascii')
        if self.padded and (len(line) != self.padded - 1 or parts.pop().strip(b'x')):
            return None
        if len(parts) != 2 or len(parts[1]) > 5 or not parts[1].isdigit():
            return None
        listening = int(parts[1])
        if not 0 < listening < 65536:
            return None
        return code if listening == port else '%s:%d' % (code, listening)

    # Whatever it was, it was none of ours, and is left as politely as everybody is.
    def end(self, question, code):
        if question.fd in self.slow:
            self.epoll.unregister(question.fd)
        self.forget(question)
        self.parting.append(question.sock)
        self.note(question.row, code, question.probe, question.port)

    def forget(self, question):
        if self.fresh.pop(question.fd, None):
            self.poll.unregister(question.fd)
        else:
            del self.slow[question.fd]
        question.fd = None

    def expire(self, asked):
        Sweep.expire(self, asked)
        fresh, slow = self.fresh_fifo, self.slow_fifo
        # In this order, or one might be called silent that epoll was not asked about.
        while slow and (slow[0].fd is None or slow[0].begun + self.timeout <= asked):
            question = slow.popleft()
            if question.fd is not None:
                self.end(question, stranger(question.heard) if question.heard else MUTE)
        slowly = asked - min(SLOW, self.timeout)
        while fresh and (fresh[0].fd is None or fresh[0].begun <= slowly):
            question = fresh.popleft()
            if question.fd is not None:
                del self.fresh[question.fd]
                self.poll.unregister(question.fd)
                self.slow[question.fd] = question
                watch(self.epoll, question)
                slow.append(question)
        self.part()

    # Who is silent is asked again, as what did not connect is tried again: its machine may be busy. What was said last of a
    # probe holds.
    def note(self, row, code, probe, port):
        if code is MUTE:
            row.silent.append(probe)
            row.answered = True
            if probe in self.mute:
                return
            self.mute.add(probe)
            self.changed = True
        elif code is self.silence and probe in self.mute:
            row.silent.append(probe)
            self.mute.remove(probe)
        else:
            Sweep.note(self, row, code, probe, port)
            return
        if not self.careful:
            self.tried += 1
        row.out.setdefault(code, []).append(port)


# Says what is left of the token. Of a failure the reading tells more: what was said before, or that it was ended.
def say(question):
    try:
        question.unsaid = question.unsaid[question.sock.send(question.unsaid):]
    except (IOError, OSError) as failure:
        if failure.errno not in UNREADY:
            question.unsaid = b''


# POLLIN and EPOLLIN, POLLOUT and EPOLLOUT are the same. What epoll knows already is what it has watched connecting.
def watch(poll, question):
    events = 5 if question.unsaid else 1
    try:
        poll.register(question.fd, events)
    except (IOError, OSError):
        poll.modify(question.fd, events)


def stranger(heard):
    return 'x:stranger:' + ''.join(['%02x' % octet for octet in bytearray(heard[:EVIDENCE])])
