#ifndef CSPAWN_H
#define CSPAWN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "CSpawnPolling.h"

/* Starts a process in namespaces of its own, with everything between clone and exec done by async-signal-safe system
 * calls, so that a multi-threaded parent may call it at any time.
 *
 * The child shares the parent's memory until it execs (CLONE_VM | CLONE_VFORK, as posix_spawn does), so the cost does not
 * grow with the parent's size. The calling thread waits for that long: call it from a thread that may block.
 */

/* A directory or file that appears in the container's root. */
struct cspawn_mount {
    /* Absolute path on the host, without symbolic links. */
    const char *source;
    /* Absolute path in the container. It is made when it is not there. */
    const char *target;
    bool is_read_only;
    /* Whether mounts below the source come along. */
    bool is_recursive;
    /* Leave it out quietly when it cannot be mounted; for parts of the host that a container can live without. */
    bool is_optional;
};

struct cspawn_limit {
    int resource;
    uint64_t soft;
    uint64_t hard;
};

enum cspawn_layer_kind {
    /* The host's directory, with changes that only the container sees. */
    cspawn_layer_overlay,
    /* The host's directory itself, with the mounts below it. */
    cspawn_layer_bind,
    /* An empty directory that is kept in memory. */
    cspawn_layer_empty,
    /* A symbolic link with the text of `link`. */
    cspawn_layer_link,
};

/* One entry of the host's top directory as the container sees it. */
struct cspawn_layer {
    /* Absolute, of one component, such as "/usr". */
    const char *path;
    const char *link;
    enum cspawn_layer_kind kind;
};

/* The container's root: the host's root, with changes that are kept in memory and vanish with the process. */
struct cspawn_root {
    /* None: one overlay covers the whole root, which is faster. The kernel refuses that in a user namespace, where mounts
     * below an overlay's lower directory must not be uncovered; there the root is put together from these. */
    const struct cspawn_layer *layers;
    size_t layer_count;
    /* An existing empty directory, the same one for all containers: each mounts on it in a namespace of its own. */
    const char *staging;
    const struct cspawn_mount *mounts;
    size_t mount_count;
    bool is_read_only;
    /* Takes a user namespace to be allowed to mount, for a caller who is not root. */
    bool uses_user_namespace;
};

struct cspawn_options {
    /* NULL-terminated; the first is searched for in `search_path` when it has no slash. */
    char *const *arguments;
    char *const *environment;
    /* Directories separated by colons, in the container's root. */
    const char *search_path;
    /* NULL: "/". It is made when it is not there. */
    const char *working_directory;
    /* NULL: the process shares the host's root, process ids and host name. */
    const struct cspawn_root *root;
    /* NULL leaves the host's; used only with a root. */
    const char *host_name;
    /* In place of a root of its own: enters the namespaces of the process that `joined_pidfd` stands for. */
    bool joins;
    int joined_pidfd;
    int standard_input;
    int standard_output;
    int standard_error;
    const struct cspawn_limit *limits;
    size_t limit_count;
    /* A file (cgroup.procs) into which the child writes itself; NULL for none. */
    const char *cgroup_file;
    /* -1 leaves the caller's. */
    int64_t user;
    int64_t group;
    const gid_t *supplementary_groups;
    size_t supplementary_group_count;
    bool no_new_privileges;
};

/* What the child was doing when a start failed. */
enum cspawn_stage {
    cspawn_stage_none = 0,
    cspawn_stage_clone,
    cspawn_stage_join,
    cspawn_stage_user_namespace,
    cspawn_stage_root,
    cspawn_stage_devices,
    cspawn_stage_mount,
    cspawn_stage_limits,
    cspawn_stage_cgroup,
    cspawn_stage_working_directory,
    cspawn_stage_user,
    cspawn_stage_streams,
    cspawn_stage_exec,
};

struct cspawn_result {
    /* Of the process, seen from the caller. */
    pid_t pid;
    /* Readable once the process has ended; the caller closes it. Close-on-exec. */
    int pidfd;
    enum cspawn_stage stage;
    /* errno of the failure. */
    int error;
    /* With cspawn_stage_mount: which of the mounts. */
    size_t mount_index;
};

/* Returns 0, or -1 with the failure in `result`; then there is no process to wait for. */
int cspawn_start(const struct cspawn_options *options, struct cspawn_result *result);

/* Sends a signal to the process and nothing that may have taken its id since. Returns 0 or errno. */
int cspawn_signal(int pidfd, int signal);

/* How a process ended. */
struct cspawn_ending {
    bool is_signalled;
    /* The exit code or the signal. */
    int code;
    /* CPU seconds and the largest resident size in KiB, of the process and the children it waited for. */
    double cpu_seconds;
    int64_t max_resident_kib;
};

/* Reaps the process. Returns 0 and fills `ending`, EAGAIN while it runs, or another errno. Never blocks. */
int cspawn_reap(int pidfd, struct cspawn_ending *ending);

#endif
