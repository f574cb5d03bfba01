# Leaving a service politely. node.py goes before it.
from _collections import deque

# After these seconds a connection is looked at, and again, until the service has ended it too or the last have passed.
LOOK = 0.1
PATIENCE = 0.5


class Partings(object):
    """
    Connections that we have ended (FIN). To close one while the service has yet to speak, or with its words unread, would
    send it an RST, which some log as an attack; so they wait until it ends them too. Only so many wait: beyond that, the
    oldest goes first.
    """
    def __init__(self, most):
        self.most = most
        self.waiting = deque()

    def add(self, socks, now):
        entry = (now + LOOK, now + PATIENCE)
        for sock in socks:
            try:
                sock.shutdown(1)
                self.waiting.append((entry, sock))
            except (IOError, OSError):
                # It was reset.
                sock.close()

    def look(self, now, most):
        waiting = self.waiting
        due = []
        poll = select.poll()
        while waiting and (waiting[0][0][0] <= now or len(waiting) > most):
            entry = waiting.popleft()
            due.append(entry)
            poll.register(entry[1].fileno(), 1)
        # To read where there is nothing would raise an exception.
        spoke = set([fd for fd, _ in poll.poll(0)]) if due else ()
        for (_, end), sock in due:
            if sock.fileno() in spoke and ended(sock) or end <= now or len(waiting) >= most:
                sock.close()
            else:
                waiting.append(((now + LOOK, end), sock))

    # When the program is told to end: most have been ended by their service long since.
    def finish(self):
        while self.waiting:
            for _ in range(len(self.waiting)):
                entry, sock = self.waiting.popleft()
                if not ended(sock) and clock() < entry[1]:
                    self.waiting.append((entry, sock))
            time.sleep(0.01)


# Reads what a service says and tells whether it has ended; of one that never stops, no more than a little.
def ended(sock):
    try:
        for _ in range(16):
            if not sock.recv(16384):
                return True
    except (IOError, OSError) as failure:
        return failure.errno not in (errno.EAGAIN, errno.EINTR)
    return False
