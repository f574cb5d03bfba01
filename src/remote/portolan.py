# Portolan's prober for nodes with python: it listens to the controller, and sweeps when it is told. src/sweep/wire.ts
# describes what is said on stdin and stdout; engines.ts, which files go before this one.


class Prober(object):
    def __init__(self, descriptors):
        # So many connections may wait for their service to end them too.
        self.partings = Partings(max(1, min(256, (descriptors - 16) // 4)))
        self.sockets = max(1, descriptors - 16 - self.partings.most)
        self.targets = Targets(self, descriptors)
        self.buffer = b''
        self.commands = deque()
        self.rate = 0.0
        self.cancelled = False
        self.epoll = select.epoll()
        self.epoll.register(0, select.EPOLLIN)

    # Reads what there is. Any word from the controller puts off the alarm, which ends a program that hears none.
    def listen(self):
        data = os.read(0, 65536)
        if not data:
            self.partings.finish()
            os._exit(0)
        signal.alarm(6)
        lines = (self.buffer + data).split(b'\n')
        self.buffer = lines.pop()
        for line in lines:
            parts = line.decode('utf-8', 'replace').split(' ')
            if parts[0] == 'h':
                self.rate = float(parts[1])
                if len(parts) > 2:
                    emit(['e ' + parts[2]])
            elif parts[0] == 'x':
                self.cancelled = True
            else:
                self.commands.append(parts)

    def serve(self, own):
        items = []
        while True:
            while not self.commands:
                if wait_for(self.epoll, LOOK if self.partings.waiting else -1, 1):
                    self.listen()
                self.partings.look(clock(), self.partings.most)
            command = self.commands.popleft()
            if command[0] == 'b':
                items, limits = [], command
                self.cancelled = False
                self.rate = float(command[2])
            elif command[0] == 'i':
                items.append(command)
            elif command[0] == 'g':
                self.count = 0
                timeout, seed = int(limits[3]) / 1000.0, int(limits[4])
                most = max(1, min(int(limits[5]), self.sockets))
                rows = self.targets.rows(items, own)
                probes = 0
                if rows and not self.cancelled:
                    common = (self, rows, timeout, seed, most)
                    asking = len(limits) > 6
                    sweep = Asking(*common + (' '.join(limits[7:]).encode('ascii'), int(limits[6]))) if asking else Sweep(*common)
                    probes = sweep.run()
                self.say(['d %s %d %d %s' % (limits[1], probes, self.count, 'x' if self.cancelled else 'e')])

    def say(self, lines):
        self.count += len([line for line in lines if line[0] in 'rvnl'])
        emit(lines)


def main():
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(6)
    descriptors = raise_limit()
    found, own = facts()
    own.update(['0.0.0.0', '0' * 32])
    prober = Prober(descriptors)
    version = '.'.join([str(part) for part in sys.version_info[:3]])
    emit(['ready python %s %s %s' % (word(sys.executable or 'python'), version, 'queue' if read_queue else '-')]
         + found + ['.'])
    signal.alarm(6)
    serve_to_the_end(lambda: prober.serve(own))


main()
