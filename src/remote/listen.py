# Portolan's temporary listeners for nodes with python. node.py, ports.py, doors.py and visitors.py go before it.
# src/listen/wire.ts describes what is said on stdin and stdout.


# In milliseconds, and how exactly it is known.
def wall_clock():
    return '%d 1' % (time.time() * 1000)


class Listeners(object):
    def __init__(self, descriptors):
        # A quarter for accepted connections.
        most = max(1, min(2048, (descriptors - 16) // 4))
        self.doors = Doors(max(0, descriptors - 16 - most))
        self.epoll, self.inner = select.epoll(), select.epoll()
        # Apart, so that doors can be left alone where there are connections enough.
        self.inner.register(0, IN)
        self.inner_fd = self.inner.fileno()
        self.epoll.register(self.inner_fd, IN)
        self.visitors = Visitors(most, self.inner, self.doors)
        self.buffer = b''
        self.lines, self.items = [], []
        self.end = None

    def prepare(self):
        # Whoever listens on every address does so on each of them.
        ordered = sorted(self.items, key=lambda item: item[2] != '-')
        asked, failed = set(), set()
        binds = []
        for _, item, address, ports, mode in ordered:
            asked.update(each_port(ports))
            for error, these in sorted(self.doors.open(item, address, ports, mode == 'l').items()):
                binds.append('b %s %s %s' % (item, error, port_text(these)))
                if error != '-':
                    failed.update(these)
        found = holders(asked, failed, self.doors.inodes())
        self.lines += binds + found + ['p %d %d' % (len(binds), len(found))]
        for fd in self.doors.by_fd:
            self.epoll.register(fd, IN)

    def finish(self):
        visitors = self.visitors
        # Who has connected has been accepted by the kernel.
        for _ in range(BACKLOG):
            now = clock()
            if visitors.crowded():
                visitors.look(now)
            if visitors.crowded():
                break
            events = wait_for(self.epoll, 0, visitors.room())
            if not [fd for fd, _ in events if fd in self.doors.by_fd]:
                break
            visitors.accept(events, now)
        self.doors.close()
        visitors.close()
        for (source, peer, local), ports in sorted(visitors.seen.items()):
            self.lines.append('a %s %s %s %s' % (local, peer, source, port_text(sorted(ports))))
        self.lines.append('. %d' % len(visitors.seen))

    def obey(self, words):
        if words[0] == 'h':
            self.lines.append('h')
        elif words[0] == 't':
            self.lines.append('t ' + wall_clock())
        elif words[0] == 's':
            self.visitors.run, self.visitors.answer = words[1].encode('ascii'), words[2].encode('ascii')
            self.end = clock() + int(words[3])
            self.lines.append(port_settings())
        elif words[0] == 'i':
            self.items.append(words)
        elif words[0] == 'g':
            self.prepare()
        elif words[0] == 'f':
            self.finish()

    # Any word from the controller puts off the alarm, which ends a program that hears none.
    def listen(self):
        data = os.read(0, 65536)
        if not data:
            os._exit(0)
        signal.alarm(6)
        lines = (self.buffer + data).split(b'\n')
        self.buffer = lines.pop()
        for line in lines:
            self.obey(line.decode('ascii').split(' '))
        if self.lines:
            lines, self.lines = self.lines, []
            emit(lines)
            # On a slow way this may have taken long, and the controller's words lie waiting.
            signal.alarm(6)

    def serve(self):
        visitors = self.visitors
        while True:
            crowded = visitors.crowded()
            events = wait_for(self.inner if crowded else self.epoll, visitors.seconds_to_look(), visitors.room())
            now = clock()
            if self.end is not None and now >= self.end:
                os.write(2, b'the time that temporary listeners may last is over\n')
                os._exit(0)
            inner = events if crowded else ()
            if not crowded and events:
                visitors.accept(events, now)
                if self.inner_fd in [fd for fd, _ in events]:
                    inner = wait_for(self.inner, 0, BATCH)
            for fd, _ in inner:
                if fd == 0:
                    self.listen()
                else:
                    visitors.attend(fd)
            visitors.look_in_time(now)


signal.signal(signal.SIGALRM, signal.SIG_DFL)
signal.alarm(6)
program = Listeners(raise_limit())
emit(['ready python %s %s -' % (word(sys.executable or 'python'), '.'.join([str(part) for part in sys.version_info[:3]]))])
serve_to_the_end(program.serve)
