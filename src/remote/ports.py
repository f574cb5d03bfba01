# What a node says of its own ports: who may bind which, and who holds them. node.py goes before it.
try:
    import pwd
except ImportError:
    pwd = None

COMMAND = 200
# Of one port: a service in use has thousands.
MOST_CLIENTS = 8


told = [0]


# What takes long must not look like death: meanwhile the controller's words are not read, and its heartbeats not answered.
def busy():
    signal.alarm(6)
    now = clock()
    if now >= told[0] + 1:
        told[0] = now
        emit(['h'])


def content(path):
    try:
        fd = os.open(path, os.O_RDONLY)
    except OSError:
        return b''
    try:
        data = b''
        while len(data) < 1000000:
            more = os.read(fd, 65536)
            if not more:
                break
            data += more
        return data
    except OSError:
        return b''
    finally:
        os.close(fd)


# Python 2 and 3 have no text in common that takes every byte.
def printable(data):
    return ''.join([chr(byte) if 32 <= byte < 127 else ' ' if byte in (0, 9, 10) else '?' for byte in bytearray(data)])


# A range is two numbers, a reservation a list of ranges: either arrives as one word, with commas. '?' for what cannot be
# read: a list that is empty is not.
def setting(name):
    data = content('/proc/sys/net/ipv4/' + name)
    return word(','.join(printable(data).split())) if data else '?'


# Asked once each: it may be looked up in a directory service.
users = {}


def user_name(uid):
    if uid not in users:
        try:
            name = pwd.getpwuid(uid)[0] if pwd else ''
        except (KeyError, OSError):
            name = ''
        users[uid] = name if isinstance(name, bytes) else name.encode('utf-8', 'replace')
    return printable(users[uid])


def port_settings():
    uid = os.geteuid()
    return 's %d %s %s %s %s' % (uid, word(user_name(uid)), setting('ip_unprivileged_port_start'),
                                 setting('ip_local_port_range'), setting('ip_local_reserved_ports'))


# Sockets with one of these local ports, as the kernel prints them, with their inodes: listeners, and of the ports that
# clients may be at fault for, connections too. TIME_WAIT and SYN_RECV are nobody's, and do not stand in the way of a
# listener.
def rows_of_ports(asked, failed, own):
    clients = {}
    for table in ('tcp', 'tcp6'):
        try:
            file = open('/proc/net/' + table)
        except (IOError, OSError):
            continue
        with file:
            for line in file:
                parts = line.split(None, 10)
                state = parts[3]
                if state == '0A':
                    wanted = asked
                elif parts[0] == 'sl' or state in ('03', '06'):
                    continue
                elif failed:
                    wanted = failed
                else:
                    # Listeners come first.
                    break
                port = int(parts[1][-4:], 16)
                if port not in wanted or parts[9] in own:
                    continue
                if state != '0A':
                    clients[port] = clients.get(port, 0) + 1
                    if clients[port] > MOST_CLIENTS:
                        continue
                yield parts[1], parts[2], state, int(parts[7]), parts[9]


# Whose sockets these are, as far as this user may see it. Where several processes share one, it is the first's, but the
# init system holds those of the services that it starts on demand.
def owners(inodes):
    found = {}
    wanted = set(['socket:[%s]' % inode for inode in inodes if inode != '0'])
    pids = sorted([int(name) for name in os.listdir('/proc') if name.isdigit()])
    for pid in [pid for pid in pids if pid != 1] + [1]:
        if len(found) == len(wanted):
            break
        busy()
        folder = '/proc/%d/fd/' % pid
        try:
            names = os.listdir(folder)
        except OSError:
            continue
        for name in names:
            try:
                target = os.readlink(folder + name)
            except OSError:
                continue
            if target in wanted and target not in found:
                found[target] = pid
    return dict([(target[8:-1], pid) for target, pid in found.items()])


def unit(pid):
    for part in reversed(printable(content('/proc/%d/cgroup' % pid)).replace(' ', '/').split('/')):
        if part.endswith('.service') or part.endswith('.scope'):
            return part
    return ''


def namespace(process):
    try:
        return os.readlink('/proc/%s/ns/net' % process)
    except OSError:
        return ''


def process_words(pid, here):
    if pid is None:
        return '- - - - -'
    there = namespace(pid)
    process = printable(content('/proc/%d/comm' % pid))
    command = printable(content('/proc/%d/cmdline' % pid))[:COMMAND]
    return '%d %s %s %s %s' % (pid, word(process), word(command), word(unit(pid)),
                               'other' if there and here and there != here else 'same')


def holders(asked, failed, own):
    rows = list(rows_of_ports(asked, failed, own))
    pids = owners([row[4] for row in rows]) if rows else {}
    here = namespace('self')
    described = {None: process_words(None, here)}
    lines = []
    for local, remote, state, uid, inode in rows:
        pid = pids.get(inode)
        if pid not in described:
            described[pid] = process_words(pid, here)
        busy()
        lines.append('o %s %s %s %s %d %s %s' % (sys.byteorder, local, remote, 'listener' if state == '0A' else 'client', uid,
                                                 word(user_name(uid)), described[pid]))
    return lines
