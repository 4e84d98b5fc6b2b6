#define _GNU_SOURCE
#include "CSpawnPolling.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int cspawn_epoll_create(void) { return epoll_create1(EPOLL_CLOEXEC); }

int cspawn_epoll_add(int epoll, int descriptor, uint64_t id) {
    struct epoll_event event;
    memset(&event, 0, sizeof event);
    event.events = EPOLLIN;
    event.data.u64 = id;
    return epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event);
}

int cspawn_epoll_remove(int epoll, int descriptor) { return epoll_ctl(epoll, EPOLL_CTL_DEL, descriptor, NULL); }

int cspawn_epoll_wait(int epoll, uint64_t *ids, int count) {
    struct epoll_event events[64];
    if (count > 64) count = 64;
    int ready;
    do {
        ready = epoll_wait(epoll, events, count, -1);
    } while (ready < 0 && errno == EINTR);
    for (int index = 0; index < ready; index++) ids[index] = events[index].data.u64;
    return ready;
}

int cspawn_eventfd(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

int cspawn_pipe(int *reader, int *writer) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return -1;
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    *reader = ends[0];
    *writer = ends[1];
    return 0;
}

int cspawn_reserve(const char *name) {
    struct sockaddr_un address;
    size_t length = strlen(name);
    if (length + 1 > sizeof address.sun_path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memset(&address, 0, sizeof address);
    address.sun_family = AF_UNIX;
    memcpy(address.sun_path + 1, name, length);
    int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return -1;
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + length);
    if (bind(descriptor, (struct sockaddr *)&address, size) != 0) {
        int error = errno;
        close(descriptor);
        errno = error;
        return -1;
    }
    return descriptor;
}
