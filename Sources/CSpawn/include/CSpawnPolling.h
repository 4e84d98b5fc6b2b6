#ifndef CSPAWN_POLLING_H
#define CSPAWN_POLLING_H

#include <stdint.h>

/* The parts of epoll that the node needs: Swift's C library module has none of it. All return -1 with errno on failure. */

int cspawn_epoll_create(void);

/* Waits for a descriptor to be readable or hung up; `id` tells it from others. */
int cspawn_epoll_add(int epoll, int descriptor, uint64_t id);

int cspawn_epoll_remove(int epoll, int descriptor);

/* Blocks until something is ready. Fills at most `count` ids; returns how many. */
int cspawn_epoll_wait(int epoll, uint64_t *ids, int count);

/* A counter that is readable when it is not zero. */
int cspawn_eventfd(void);

/* Both ends close on exec; reading the first does not block. */
int cspawn_pipe(int *reader, int *writer);

/* Takes a name that only one process of this host can hold, until the descriptor is closed: an abstract socket's. Returns the
 * descriptor, or -1 with EADDRINUSE when somebody has it. */
int cspawn_reserve(const char *name);

#endif
