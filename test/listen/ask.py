# Connects to listeners as probes do, for the tests: reads a list of questions in JSON, says them all at once, and prints
# what each was answered within a time, `null` for a connection that did not come about.
import json
import select
import socket
import sys
import time

asked = json.load(sys.stdin)
connections = []
for question in asked:
    sock = socket.socket(socket.AF_INET6 if ':' in question['to'] else socket.AF_INET)
    sock.settimeout(2)
    try:
        if 'from' in question:
            sock.bind((question['from'], 0))
        sock.connect((question['to'], question['port']))
    except OSError:
        sock.close()
        sock = None
    connections.append(sock)
for piece in range(2):
    for question, sock in zip(asked, connections):
        if sock is not None and piece < len(question['says']):
            sock.sendall(question['says'][piece].encode())
    time.sleep(0.02)
# A listener may accept the rest only when the first have ended, in any order.
answers = [None if sock is None else b'' for sock in connections]
waiting = dict((sock.fileno(), at) for at, sock in enumerate(connections) if sock is not None)
poll = select.poll()
for fd in waiting:
    poll.register(fd, select.POLLIN)
begun = time.time()
while waiting:
    spent = time.time() - begun
    ready = set(fd for fd, _ in poll.poll(50))
    for fd, at in list(waiting.items()):
        ended = spent > (0.25 if asked[at].get('unanswered') else 3)
        if fd in ready:
            try:
                data = connections[at].recv(65536)
            except OSError:
                data = b''
            answers[at] += data
            ended = ended or not data or data.endswith(b'\n')
        if ended:
            # The client ends the connection first.
            del waiting[fd]
            poll.unregister(fd)
            connections[at].close()
json.dump([answer if answer is None else answer.decode() for answer in answers], sys.stdout)
