# What Portolan's python programs share: python 2.7 and 3.4 or later, standard library only, C modules where there is a
# choice: importing socket alone doubles the start-up time, and array brings all of collections. It arrives before the
# program itself as an argument of -c, so that nothing is written on the node; the only other argument is the run's nonce.
# Comments and blank lines are taken out before it is sent: no line may begin with # inside a string.
import sys
if sys.version_info[:2] != (2, 7) and sys.version_info < (3, 4):
    sys.exit(1)
import posix as os, time, errno, struct, select, gc, _socket
try:
    import _signal as signal
except ImportError:
    import signal

# Nothing here refers to itself, and looking for what does costs a fifteenth of a sweep.
gc.disable()

NONCE = sys.argv[1]
# Linux values; python 2.7 does not name them.
NONBLOCK = os.O_NONBLOCK
MSG_ERRQUEUE = 0x2000
IP_RECVERR = 11
IPV6_RECVERR = 25
SHORTAGES = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM, errno.EADDRNOTAVAIL, errno.EAGAIN)


# The wall clock may be set while we wait, and every probe would be silent at once; python 2.7 has no other by name.
# Without ctypes the kernel's count of ticks will do for timeouts, but not for connect times: the second value says so.
def steady_clock():
    if hasattr(time, 'monotonic'):
        return time.monotonic, True
    try:
        import ctypes
        gettime = ctypes.CDLL(None).clock_gettime
    except (ImportError, OSError, AttributeError):
        return (lambda: os.times()[4]), False

    class Time(ctypes.Structure):
        _fields_ = [('seconds', ctypes.c_long), ('nanoseconds', ctypes.c_long)]
    time_of_day = Time()
    place = ctypes.byref(time_of_day)

    def read():
        gettime(1, place)
        return time_of_day.seconds + time_of_day.nanoseconds * 1e-9
    return read, True


clock, precise = steady_clock()


def emit(lines):
    data = ''.join([NONCE + ' ' + line + '\n' for line in lines]).encode('utf-8', 'replace')
    while data:
        data = data[os.write(1, data):]


def word(text):
    return ' '.join(str(text).split()).replace('%', '%25').replace(' ', '%20') or '-'


# The error queue tells an RST from an ICMP answer, and who sent it.
def queue_reader():
    if hasattr(_socket.socket, 'recvmsg'):
        def read(sock):
            try:
                for level, kind, data in sock.recvmsg(0, 512, MSG_ERRQUEUE)[1]:
                    if (level, kind) in ((0, IP_RECVERR), (41, IPV6_RECVERR)):
                        return data
            except (OSError, ValueError):
                pass
        return read
    try:
        import ctypes
        recvmsg = ctypes.CDLL(None).recvmsg
    except (ImportError, OSError, AttributeError):
        return None
    control = ctypes.create_string_buffer(512)

    class Message(ctypes.Structure):
        _fields_ = [('name', ctypes.c_void_p), ('namelen', ctypes.c_uint), ('iov', ctypes.c_void_p),
                    ('iovlen', ctypes.c_size_t), ('control', ctypes.c_void_p), ('controllen', ctypes.c_size_t),
                    ('flags', ctypes.c_int)]
    header = struct.calcsize('@Nii') if sys.version_info[0] > 2 else struct.calcsize('@Pii')

    def read_by_ctypes(sock):
        message = Message(None, 0, None, 0, ctypes.addressof(control), 512, 0)
        if recvmsg(sock.fileno(), ctypes.byref(message), MSG_ERRQUEUE) < 0:
            return None
        if message.controllen < header + 16:
            return None
        length, level, kind = struct.unpack_from('@Pii', control.raw)
        if (level, kind) in ((0, IP_RECVERR), (41, IPV6_RECVERR)):
            return control.raw[header:length]
    return read_by_ctypes


read_queue = queue_reader()


def error_name(number):
    return 'e:' + errno.errorcode.get(number, 'E%d' % number)


# Python before 3.5 reports that the process was stopped and went on as an error of the wait.
def wait_for(epoll, seconds, most):
    try:
        return epoll.poll(seconds, most)
    except (IOError, OSError) as failure:
        if failure.errno != errno.EINTR:
            raise
        return []


# An answer's code: e:ERRNO, with the ICMP message behind it where there was one.
def error_code(sock, number):
    code = error_name(number)
    data = read_queue and read_queue(sock)
    if not data or len(data) < 24:
        return code
    data = bytes(data)
    origin, kind, detail = struct.unpack('BBB', data[4:7])
    if origin not in (2, 3):
        return code
    family, = struct.unpack('@H', data[16:18])
    if family == _socket.AF_INET:
        sender = _socket.inet_ntop(family, data[20:24])
    elif family == _socket.AF_INET6 and len(data) >= 40:
        sender = _socket.inet_ntop(family, data[24:40])
    else:
        sender = '-'
    return '%s:%d/%d/%d/%s' % (code, 4 if origin == 2 else 6, kind, detail, sender)


def raise_limit():
    try:
        import resource
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        if hard != resource.RLIM_INFINITY and soft != hard:
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        return 65536 if soft == resource.RLIM_INFINITY else soft
    except (ImportError, ValueError, OSError):
        return 1024


# Does what a program does once it has said that it is ready: from then on, bootstrap.sh takes none but these exit codes for
# its end.
def serve_to_the_end(serve):
    try:
        serve()
    except Exception as failure:
        if getattr(failure, 'errno', None) == errno.EPIPE:
            os._exit(0)
        sys.excepthook(*sys.exc_info())
        os._exit(70)
