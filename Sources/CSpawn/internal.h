#ifndef CSPAWN_INTERNAL_H
#define CSPAWN_INTERNAL_H

#include "CSpawn.h"

/* All of these run in the child between clone and exec: system calls only, no memory is allocated. */

/* Enters a new root. Returns 0, or -1 with errno set and `result->stage` telling where. */
int cspawn_enter_root(const struct cspawn_root *root, bool has_pid_namespace, struct cspawn_result *result);

/* Makes a directory and those above it. Returns 0 or -1 with errno. */
int cspawn_make_directories(const char *path, mode_t mode);

/* Maps the caller's ids to themselves in a new user namespace. Returns 0 or -1 with errno. */
int cspawn_map_user(uid_t user, gid_t group);

#endif
