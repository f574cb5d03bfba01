# One address to be tried, and what is known of it. node.py goes before it.
import math

PER_OCTAVE = 16 / math.log(2)


class Row(object):
    """One address of one item, and what is known of it."""
    def __init__(self, item, address, family, name, ports, asks):
        self.item, self.address, self.family, self.ports, self.asks = item, address, family, ports, asks
        self.host, self.tail = name[0], name[2:]
        self.level, self.option = (41, IPV6_RECVERR) if family == _socket.AF_INET6 else (0, IP_RECVERR)
        self.out = {}
        # Microseconds that connects took, and how many took them.
        self.times = {}
        self.answered = False
        self.silent = []
        self.buckets, self.least, self.most = {}, 0, 0
        self.source = None
        # Whether a connection may meet itself: the kernel chooses the address that was asked for.
        self.own = False

    # Where the kernel found no way, it chose no address.
    def sent_from(self, sock):
        try:
            source = sock.getsockname()[0]
        except (IOError, OSError):
            return
        if source not in ('0.0.0.0', '::'):
            self.source = source
            self.own = source == self.host

    # Times are counted as they are while a sweep is busy; there are not many different ones.
    def count(self):
        times, self.times = self.times, {}
        for spent, count in times.items() if precise else ():
            spent = max(1, spent)
            bucket = int(math.log(spent) * PER_OCTAVE)
            self.buckets[bucket] = self.buckets.get(bucket, 0) + count
            self.most = max(self.most, spent)
            self.least = min(self.least or spent, spent)

    # Takes what has come in since the last time, as lines.
    def answers(self):
        out, self.out = self.out, {}
        self.count()
        for code, ports in out.items():
            ports.sort()
            runs = []
            first = last = ports[0]
            for port in ports[1:]:
                if port > last + 1:
                    runs.append('%d-%d' % (first, last) if last > first else '%d' % first)
                    first = port
                last = port
            runs.append('%d-%d' % (first, last) if last > first else '%d' % first)
            yield 'r %s %s %s %s' % (self.item, self.address, code, ','.join(runs))

    def latency(self):
        buckets = ','.join(['%d:%d' % pair for pair in sorted(self.buckets.items())]) or '-'
        return 'l %s %s %s %d %d %s' % (self.item, self.address, self.source, self.least, self.most, buckets)
