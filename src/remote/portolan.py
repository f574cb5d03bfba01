# Portolan's prober for nodes with python; node.py goes before it. src/sweep/wire.ts describes what is said on stdin and
# stdout.
import math
from _bisect import bisect_right
from _collections import deque
try:
    from _thread import start_new_thread
except ImportError:
    from thread import start_new_thread

# Names a resolver may take; it goes on in its thread, and ends with the process.
RESOLVER_SECONDS = 8
RESOLVERS = 16
# Re-probing: so many connects a second and at once, however fast the first pass was.
CAREFUL_RATE = 300
CAREFUL_AT_ONCE = 1024
# Started between two looks at what has been answered.
BURST = 64
# A near peer has answered before connect returns, and asking there and then costs less than an epoll: so often in a row
# it is asked in vain before that is given up.
PROMPT = 16


# Without a descriptor the resolver cannot read its files, and calls every name unknown: that says nothing of the name.
def shortage():
    try:
        os.close(os.dup(0))
    except (IOError, OSError) as failure:
        return failure.errno


class Row(object):
    """One address of one item, and what is known of it."""
    def __init__(self, item, address, family, name, ports):
        self.item, self.address, self.family, self.name, self.ports = item, address, family, name, ports
        self.tail = name[2:]
        self.level = (41, IPV6_RECVERR) if family == _socket.AF_INET6 else (0, IP_RECVERR)
        self.out = {}
        self.answered = False
        self.silent = []
        self.buckets, self.least, self.most, self.source = {}, 0, 0, None


class Prober(object):
    def __init__(self):
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
            os._exit(0)
        signal.alarm(6)
        lines = (self.buffer + data).split(b'\n')
        self.buffer = lines.pop()
        for line in lines:
            parts = line.decode('utf-8', 'replace').split(' ')
            if parts[0] == 'h':
                self.rate = float(parts[1])
            elif parts[0] == 'x':
                self.cancelled = True
            else:
                self.commands.append(parts)

    def serve(self, own, descriptors):
        items = []
        while True:
            while not self.commands:
                if wait_for(self.epoll, -1, 1):
                    self.listen()
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
                most = max(1, min(int(limits[5]), descriptors - 16))
                self.resolvers = max(1, min(RESOLVERS, (descriptors - 16) // 4))
                rows = self.rows(items, own)
                probes = self.sweep(rows, timeout, seed, most) if rows and not self.cancelled else 0
                self.say(['d %s %d %d %s' % (limits[1], probes, self.count, 'x' if self.cancelled else 'e')])

    def say(self, lines):
        self.count += len([line for line in lines if line[0] in 'rvnl'])
        emit(lines)

    # Literal addresses as they are, names as the node's resolver gives them.
    def rows(self, items, own):
        waiting = deque()
        found = {}
        for index, item in enumerate(items):
            if item[3] == 'n':
                waiting.append((index, item[4]))
                continue
            try:
                # As bytes: for text, python loads its idna codec from a file, for which there may be no descriptor left.
                literal = item[4].encode('ascii')
                found[index] = _socket.getaddrinfo(literal, None, 0, _socket.SOCK_STREAM, 0, _socket.AI_NUMERICHOST)[:1]
            except (_socket.error, UnicodeError) as failure:
                found[index] = failure.args[-1]
        pending = {}

        def resolve(index, name):
            try:
                # Without the families that the node has no address of, as getent and most programs ask: it cannot even try them.
                found[index] = _socket.getaddrinfo(name.encode('utf-8'), None, 0, _socket.SOCK_STREAM, 0, _socket.AI_ADDRCONFIG)
            except _socket.error as failure:
                found[index] = shortage() or failure.args[-1]
            except Exception as failure:
                found[index] = str(failure)
        told = clock()
        while (waiting or pending) and not self.cancelled:
            while waiting and len(pending) < self.resolvers:
                index, name = waiting.popleft()
                pending[index] = clock()
                start_new_thread(resolve, (index, name))
            for fd, _ in wait_for(self.epoll, 0.005, 1):
                self.listen()
            now = clock()
            if now - told > 1:
                told = now
                self.say(['p 0'])
            for index in list(pending):
                if index in found:
                    del pending[index]
                elif now - pending[index] > RESOLVER_SECONDS:
                    del pending[index]
                    found[index] = 'the resolver gave no answer within %d s' % RESOLVER_SECONDS
        rows = []
        lines = []
        spared = 0
        for index, item in enumerate(items):
            answer = found.get(index)
            if answer is None:
                continue
            if isinstance(answer, int):
                if item[5] != '-':
                    lines.append('r %s %s u:out-of-sockets:%s %s' % (item[1], item[4], error_name(answer)[2:], item[5]))
                continue
            if not isinstance(answer, list):
                lines.append('n %s %s' % (item[1], word(answer)))
                continue
            addresses = []
            ports = [] if item[5] == '-' else [[int(n) for n in part.split('-')] for part in item[5].split(',')]
            for family, _, _, _, name in answer:
                if family not in (_socket.AF_INET, _socket.AF_INET6):
                    continue
                scope = '%' in name[0] or family == _socket.AF_INET or not name[3:] or not name[3]
                address = name[0] if scope else '%s%%%d' % (name[0], name[3])
                if item[3] == 'l':
                    address = item[4]
                if address in addresses:
                    continue
                addresses.append(address)
                packed = _socket.inet_pton(family, name[0].split('%')[0])
                mine = _socket.inet_ntop(family, packed) if family == _socket.AF_INET else \
                    ''.join(['%02x' % octet for octet in bytearray(packed)])
                if not ports:
                    continue
                if mine in own and item[2] == '0':
                    lines.append('r %s %s u:own-address %s' % (item[1], address, item[5]))
                    spared += sum([part[-1] - part[0] + 1 for part in ports])
                else:
                    rows.append(Row(item[1], address, family, (name[0], 0) + name[2:], ports))
            if item[3] == 'n':
                lines.append('v %s %s' % (item[1], ' '.join(addresses)))
        self.say(lines + ['p %d' % spared])
        return rows

    def flush(self, rows, progress):
        lines = []
        for row in rows:
            if not row.out:
                continue
            for code, ports in row.out.items():
                ports = sorted(ports)
                runs = []
                first = last = ports[0]
                for port in ports[1:]:
                    if port > last + 1:
                        runs.append('%d-%d' % (first, last) if last > first else '%d' % first)
                        first = port
                    last = port
                runs.append('%d-%d' % (first, last) if last > first else '%d' % first)
                lines.append('r %s %s %s %s' % (row.item, row.address, code, ','.join(runs)))
            row.out = {}
        lines.append('p %d' % progress)
        self.say(lines)

    def sweep(self, rows, timeout, seed, most):
        starts, owners, firsts = [], [], []
        total = 0
        for row in rows:
            for part in row.ports:
                starts.append(total)
                owners.append(row)
                firsts.append(part[0])
                total += part[-1] - part[0] + 1
        # The order of the probes: index, index + step, index + 2 step... modulo the total; src/sweep/order.ts has the same.
        step = 1 + (total * 618034 // 1000000 + seed) % total
        while gcd(step, total) != 1:
            step += 1
        step %= total
        index = seed % total
        left = total
        tried = 0
        silence = 't:%d' % round(timeout * 1000)
        live, fifo, again = {}, deque(), deque()
        retries = {}
        epoll = self.epoll
        register = epoll.register
        socket, log = _socket.socket, math.log
        per_octave = 16 / math.log(2)
        kind = _socket.SOCK_STREAM | NONBLOCK
        limit, careful = most, 0
        tokens, last = 0.0, clock()
        flushed, told = last, 0
        stalled, dry, changed = False, 0, False
        prompt, answers = PROMPT, []
        try:
            while not self.cancelled:
                now = clock()
                room = min(limit - len(live), BURST)
                pace = self.rate
                if careful and (pace <= 0 or pace > CAREFUL_RATE):
                    pace = CAREFUL_RATE
                if pace > 0:
                    tokens = min(tokens + (now - last) * pace, max(1.0, pace / 20.0))
                    last = now
                    if room > tokens:
                        room = int(tokens)
                if stalled:
                    if live and len(live) > limit // 2:
                        room = 0
                    else:
                        stalled = False
                started = 0
                while started < room:
                    if again:
                        probe = again.popleft()
                    elif left:
                        left -= 1
                        if careful:
                            probe = order[left]
                        else:
                            probe = index
                            index = (index + step) % total
                    else:
                        break
                    segment = bisect_right(starts, probe) - 1
                    row = owners[segment]
                    port = firsts[segment] + probe - starts[segment]
                    sock = None
                    try:
                        sock = socket(row.family, kind)
                        sock.setsockopt(row.level[0], row.level[1], 1)
                        begun = clock()
                        error = sock.connect_ex((row.name[0], port) + row.tail)
                    except (IOError, OSError) as failure:
                        error = failure.errno or (failure.args and failure.args[0]) or 0
                        if not isinstance(error, int) or error <= 0:
                            error = errno.EINVAL
                    if error == errno.EINPROGRESS or error == 0:
                        fd = sock.fileno()
                        if row.source is None:
                            row.source = sock.getsockname()[0]
                        live[fd] = (sock, probe, row, port, begun)
                        error = prompt and sock.getsockopt(1, 4)
                        if error:
                            prompt = PROMPT
                            answers.append((fd, -error))
                        else:
                            if prompt:
                                prompt -= 1
                            register(fd, 4)
                            fifo.append((begun, fd, probe))
                        started += 1
                        dry = 0
                        continue
                    if error in SHORTAGES:
                        if sock:
                            sock.close()
                        if live or dry < 20:
                            again.appendleft(probe)
                            limit = max(1, len(live))
                            stalled = True
                            if not live:
                                dry += 1
                            break
                        code = 'u:out-of-sockets:' + error_name(error)[2:]
                    else:
                        code = error_code(sock, error) if sock else error_name(error)
                        if sock:
                            sock.close()
                    started += 1
                    if not careful:
                        tried += 1
                    row.out.setdefault(code, []).append(port)
                if pace > 0:
                    tokens -= started
                if not live and not left and not again:
                    # A pass is over. Silence is tried again, slowly, where the address answered something, and once
                    # more where that changed anything: Linux limits the rate of its ICMP, and SYNs get lost.
                    if careful == 2 or careful and not changed:
                        break
                    order = []
                    for row in rows:
                        if row.answered:
                            order.extend(row.silent)
                        row.silent = []
                    careful, changed, left = careful + 1, False, len(order)
                    limit, tokens, dry = min(most, CAREFUL_AT_ONCE), 1.0, 0
                    if not left:
                        break
                    continue
                if stalled and not live:
                    wait = 0.1
                elif answers or started == BURST or (started and not pace and len(live) < limit):
                    wait = 0
                else:
                    wait = 1.0
                    if fifo:
                        wait = min(wait, max(0.0, fifo[0][0] + timeout - now))
                    if pace > 0 and (left or again) and len(live) < limit and not stalled:
                        wait = min(wait, max(0.0, (1.0 - tokens) / pace))
                    # epoll counts in milliseconds: rounded up, or the last one would be spent in a busy loop.
                    wait += 0.0005
                asked = clock()
                answers += wait_for(epoll, wait, most + 1)
                for fd, event in answers:
                    if fd == 0:
                        self.listen()
                        continue
                    sock, probe, row, port, begun = live.pop(fd)
                    now = clock()
                    if event < 0:
                        error = -event
                    elif event & 24:
                        error = sock.getsockopt(1, 4)
                    else:
                        error = 0
                    # A reset after the handshake: it was connected, and what happened next is no business of a sweep.
                    if error == 0 or error == errno.ECONNRESET or error == errno.EPIPE:
                        code = 'o'
                        try:
                            mine = sock.getsockname()
                            if mine[1] == port and mine[0] == row.name[0]:
                                # Connected to itself: the kernel chose the port that was asked for.
                                code = 'e:ECONNREFUSED'
                                if retries.get(probe, 0) < 2:
                                    retries[probe] = retries.get(probe, 0) + 1
                                    code = None
                        except (IOError, OSError):
                            pass
                    elif error == errno.ETIMEDOUT:
                        code = silence
                    else:
                        code = error_code(sock, error)
                    sock.close()
                    if code is None:
                        again.append(probe)
                        continue
                    if code is silence:
                        row.silent.append(probe)
                    else:
                        row.answered = True
                        changed = True
                        if precise and (code == 'o' or code == 'e:ECONNREFUSED'):
                            spent = int((now - begun) * 1000000) or 1
                            bucket = int(log(spent) * per_octave)
                            row.buckets[bucket] = row.buckets.get(bucket, 0) + 1
                            if spent > row.most:
                                row.most = spent
                            if spent < row.least or not row.least:
                                row.least = spent
                    if not careful:
                        tried += 1
                    elif code is silence:
                        continue
                    if code in row.out:
                        row.out[code].append(port)
                    else:
                        row.out[code] = [port]
                answers = []
                # Silent is what was due when poll was asked and poll did not name: by a later look at the clock, the time
                # in which this node was stopped, or slow, would be the targets' silence.
                while fifo:
                    begun, fd, probe = fifo[0]
                    entry = live.get(fd)
                    if entry is not None and entry[1] == probe and entry[4] == begun:
                        if begun + timeout > asked:
                            break
                        del live[fd]
                        entry[0].close()
                        entry[2].silent.append(probe)
                        if not careful:
                            tried += 1
                            entry[2].out.setdefault(silence, []).append(entry[3])
                    fifo.popleft()
                now = clock()
                if now - flushed > 1:
                    self.flush(rows, tried - told)
                    flushed, told = now, tried
        finally:
            for entry in live.values():
                entry[0].close()
        self.flush(rows, tried - told)
        lines = []
        for row in rows:
            if row.source:
                lines.append('l %s %s %s %d %d %s' % (
                    row.item, row.address, row.source, row.least, row.most,
                    ','.join(['%d:%d' % pair for pair in sorted(row.buckets.items())]) or '-'))
        self.say(lines)
        return tried


def gcd(a, b):
    while b:
        a, b = b, a % b
    return a


def main():
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(6)
    descriptors = raise_limit()
    found, own = facts()
    own.update(['0.0.0.0', '0' * 32])
    prober = Prober()
    version = '.'.join([str(part) for part in sys.version_info[:3]])
    emit(['ready python %s %s %s' % (word(sys.executable or 'python'), version, 'queue' if read_queue else '-')]
         + found + ['.'])
    signal.alarm(6)
    serve_to_the_end(lambda: prober.serve(own, descriptors))


main()
