// The floor under listeners that answer a token: the same packets and nothing else.
// listener-floor ADDRESS[,ADDRESS]… FIRST LAST listens on these ports of every own address, says "ready", and once its stdin
// is read from and says so, asks each port of all addresses; it prints how many answered. It listens until its stdin ends.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define BURST 64
#define KEPT 512

static const char token[] = "portolan-preflight 0123456789abcdef 1\n";
static const char answer[] = "0123456789abcdef 20000\n";
static struct linger aborting = {1, 0};

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static void set(int fd, int level, int option, int value) {
    if (setsockopt(fd, level, option, &value, sizeof value)) fail("setsockopt");
}

// Answers whoever asks, for ever.
static void answer_all(int first, int last) {
    int doors = epoll_create1(0), kept[KEPT], at = 0;
    memset(kept, -1, sizeof kept);
    for (int port = first; port <= last; port++) {
        struct sockaddr_in name = {.sin_family = AF_INET, .sin_port = htons(port)};
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &aborting, sizeof aborting);
        if (bind(fd, (struct sockaddr *)&name, sizeof name) || listen(fd, 1024)) fail("listen");
        set(fd, IPPROTO_TCP, TCP_QUICKACK, 0);
        struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
        epoll_ctl(doors, EPOLL_CTL_ADD, fd, &event);
    }
    puts("ready");
    fflush(stdout);
    for (;;) {
        struct epoll_event events[BURST];
        int found = epoll_wait(doors, events, BURST, -1);
        for (int i = 0; i < found; i++)
            for (int fd; (fd = accept4(events[i].data.fd, NULL, NULL, 0)) >= 0;) {
                char question[256];
                if (read(fd, question, sizeof question) > 0 && write(fd, answer, sizeof answer - 1) < 0) perror("write");
                // By the time its place is needed again, the client has reset it.
                if (kept[at] >= 0) close(kept[at]);
                kept[at] = fd;
                at = (at + 1) % KEPT;
            }
    }
}

static int ask(struct sockaddr_in *name) {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    set(fd, IPPROTO_IP, IP_RECVERR, 1);
    // The token goes with the last packet of the handshake.
    set(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT, 1);
    if (connect(fd, (struct sockaddr *)name, sizeof *name) && errno != EINPROGRESS) fail("connect");
    while (send(fd, token, sizeof token - 1, 0) < 0) {
        struct pollfd ready = {.fd = fd, .events = POLLOUT};
        if (errno != EAGAIN) fail("send");
        poll(&ready, 1, 1000);
    }
    return fd;
}

int main(int argc, char **argv) {
    if (argc != 4) return 2;
    int first = atoi(argv[2]), last = atoi(argv[3]), answered = 0;
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    pid_t child = fork();
    if (child == 0) answer_all(first, last);
    char go;
    if (read(0, &go, 1) < 1) return 1;
    struct pollfd asked[BURST];
    int count = 0;
    for (int port = first; port <= last; port++) {
        char *list = strdup(argv[1]);
        for (char *each = strtok(list, ","); each; each = strtok(NULL, ",")) {
            struct sockaddr_in name = {.sin_family = AF_INET, .sin_port = htons(port)};
            inet_pton(AF_INET, each, &name.sin_addr);
            // As many at once as there is room for; the slowest of them holds up the next.
            if (count == BURST) {
                struct pollfd slow = asked[0];
                poll(&slow, 1, 5000);
                for (int i = 0; i < count; i++) {
                    char heard[256];
                    struct pollfd one = asked[i];
                    if (poll(&one, 1, 5000) == 1 && read(one.fd, heard, sizeof heard) > 0) answered++;
                    setsockopt(one.fd, SOL_SOCKET, SO_LINGER, &aborting, sizeof aborting);
                    close(one.fd);
                }
                count = 0;
            }
            asked[count++] = (struct pollfd){.fd = ask(&name), .events = POLLIN};
        }
        free(list);
    }
    for (int i = 0; i < count; i++) {
        char heard[256];
        if (poll(&asked[i], 1, 5000) == 1 && read(asked[i].fd, heard, sizeof heard) > 0) answered++;
        setsockopt(asked[i].fd, SOL_SOCKET, SO_LINGER, &aborting, sizeof aborting);
        close(asked[i].fd);
    }
    printf("answered %d\n", answered);
    fflush(stdout);
    // The others are not done yet.
    while (read(0, &go, 1) > 0) continue;
    kill(child, SIGKILL);
    return 0;
}
