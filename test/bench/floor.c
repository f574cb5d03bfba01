// The floor under every engine: a loop of non-blocking connects that does nothing but count, and asks as the engines do.
// floor ADDRESS[,ADDRESS]… FIRST LAST AT_ONCE TIMEOUT_MS tries each port of all addresses before the next port, and prints
// how many were open, refused and silent, and the microseconds.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define BURST 64
#define MOST 256

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec * 1e-9;
}

static int open_ports, refused, silent, alive;

static void count(int error) {
    if (error == 0) open_ports++;
    else if (error == ECONNREFUSED) refused++;
    else {
        errno = error;
        perror("floor: connect");
        exit(1);
    }
}

int main(int argc, char **argv) {
    if (argc != 6) return 2;
    int first = atoi(argv[2]), last = atoi(argv[3]), at_once = atoi(argv[4]);
    double timeout = atoi(argv[5]) / 1000.0;
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    struct sockaddr_in names[MOST] = {0};
    int addresses = 0;
    for (char *each = strtok(argv[1], ","); each && addresses < MOST; each = strtok(NULL, ","), addresses++) {
        names[addresses].sin_family = AF_INET;
        if (inet_pton(AF_INET, each, &names[addresses].sin_addr) != 1) return 2;
    }

    int ports = (last - first + 1) * addresses, oldest = 0, next = 0;
    // By the order in which they were begun; a descriptor of 0 has been answered.
    int *descriptor = calloc(ports, sizeof *descriptor);
    double *begun = calloc(ports, sizeof *begun);
    struct epoll_event events[BURST];
    int epoll = epoll_create1(0);
    double start = now();
    while (next < ports || alive > 0) {
        for (int started = 0; started < BURST && next < ports && alive < at_once; started++, next++) {
            int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
            if (fd < 0) {
                perror("floor: socket");
                return 1;
            }
            struct sockaddr_in *name = &names[next % addresses];
            name->sin_port = htons(first + next / addresses);
            begun[next] = now();
            int error = connect(fd, (struct sockaddr *)name, sizeof *name) == 0 ? 0 : errno;
            if (error == EINPROGRESS) {
                struct epoll_event event = {.events = EPOLLOUT, .data.u32 = next};
                epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
                descriptor[next] = fd;
                alive++;
            } else {
                count(error);
                close(fd);
            }
        }
        double wait = 0;
        if (next == ports || alive == at_once) wait = begun[oldest] + timeout - now();
        int ready = epoll_wait(epoll, events, BURST, wait < 0 ? 0 : (int)(wait * 1000) + (wait > 0));
        for (int each = 0; each < ready; each++) {
            int index = events[each].data.u32, error;
            socklen_t size = sizeof error;
            getsockopt(descriptor[index], SOL_SOCKET, SO_ERROR, &error, &size);
            count(error);
            close(descriptor[index]);
            descriptor[index] = 0;
            alive--;
        }
        for (; oldest < next && (descriptor[oldest] == 0 || now() - begun[oldest] >= timeout); oldest++) {
            if (descriptor[oldest] == 0) continue;
            close(descriptor[oldest]);
            silent++;
            alive--;
        }
    }
    printf("%d %d %d %.0f\n", open_ports, refused, silent, (now() - start) * 1e6);
    return 0;
}
