#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "internal.h"

/* Where the host's root is reachable while the new one is being assembled. */
#define OLD_ROOT "/.host"

/* Joins without stdio, which may allocate. Returns 0, or -1 with ENAMETOOLONG. */
static int join(char *buffer, size_t size, const char *first, const char *second) {
    size_t first_length = strlen(first);
    size_t second_length = strlen(second);
    if (first_length + second_length + 1 > size) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(buffer, first, first_length);
    memcpy(buffer + first_length, second, second_length + 1);
    return 0;
}

int cspawn_make_directories(const char *path, mode_t mode) {
    char partial[PATH_MAX];
    size_t length = strlen(path);
    if (length >= sizeof partial) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(partial, path, length + 1);
    for (size_t end = 1; end <= length; end++) {
        if (partial[end] != '/' && partial[end] != '\0') continue;
        char kept = partial[end];
        partial[end] = '\0';
        if (mkdir(partial, mode) != 0 && errno != EEXIST) {
            int error = errno;
            if (access(partial, F_OK) != 0) {
                errno = error;
                return -1;
            }
        }
        partial[end] = kept;
    }
    return 0;
}

/* Makes an empty file and the directories above it. */
static int make_file(const char *path) {
    char parent[PATH_MAX];
    const char *slash = strrchr(path, '/');
    if (slash != NULL && slash != path) {
        size_t length = (size_t)(slash - path);
        if (length >= sizeof parent) {
            errno = ENAMETOOLONG;
            return -1;
        }
        memcpy(parent, path, length);
        parent[length] = '\0';
        if (cspawn_make_directories(parent, 0755) != 0) return -1;
    }
    int file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0644);
    if (file < 0) return access(path, F_OK) == 0 ? 0 : -1;
    close(file);
    return 0;
}

static int bind(const char *source, const char *target, bool is_recursive) {
    return mount(source, target, NULL, MS_BIND | (is_recursive ? MS_REC : 0), NULL);
}

/* In a user namespace flags that were locked by the outer one must be kept, or the remount is refused. */
static int make_read_only(const char *target) {
    unsigned long kept[] = {0, MS_NOSUID | MS_NODEV, MS_NOSUID | MS_NODEV | MS_NOEXEC, MS_NOSUID | MS_NODEV | MS_RELATIME};
    for (size_t index = 0; index < sizeof kept / sizeof kept[0]; index++) {
        if (mount(NULL, target, NULL, MS_BIND | MS_REMOUNT | MS_RDONLY | kept[index], NULL) == 0) return 0;
    }
    return -1;
}

static int mount_one(const struct cspawn_mount *item) {
    char source[PATH_MAX];
    struct stat status;
    if (join(source, sizeof source, OLD_ROOT, item->source) != 0) return -1;
    if (stat(source, &status) != 0) return -1;
    bool is_directory = S_ISDIR(status.st_mode);
    /* The common case first: most mount points are there. */
    if (bind(source, item->target, item->is_recursive) != 0) {
        if (errno != ENOENT && errno != ENOTDIR) return -1;
        if ((is_directory ? cspawn_make_directories(item->target, 0755) : make_file(item->target)) != 0) return -1;
        if (bind(source, item->target, item->is_recursive) != 0) return -1;
    }
    return item->is_read_only ? make_read_only(item->target) : 0;
}

/* The devices that a container gets are those of the host that programs expect, and accelerators. A directory of its own
 * holds them, because /dev/termination-log and volumes below /dev must not appear in the host's. */
static int make_devices(void) {
    static const char *const nodes[] = {
        "/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty", "/dev/ptmx", "/dev/pts",
        "/dev/kvm", "/dev/fuse", "/dev/dri", "/dev/kfd", "/dev/nvidiactl", "/dev/nvidia0", "/dev/nvidia1",
        "/dev/nvidia2", "/dev/nvidia3", "/dev/nvidia4", "/dev/nvidia5", "/dev/nvidia6", "/dev/nvidia7",
        "/dev/nvidia-uvm", "/dev/nvidia-uvm-tools", "/dev/nvidia-modeset", "/dev/infiniband",
    };
    char source[PATH_MAX];
    struct stat status;
    if (mount("tmpfs", "/dev", "tmpfs", MS_NOSUID, "mode=755,size=64k") != 0) return -1;
    for (size_t index = 0; index < sizeof nodes / sizeof nodes[0]; index++) {
        if (join(source, sizeof source, OLD_ROOT, nodes[index]) != 0) return -1;
        if (stat(source, &status) != 0) continue;
        int made = S_ISDIR(status.st_mode) ? mkdir(nodes[index], 0755) : mknod(nodes[index], S_IFREG | 0666, 0);
        if (made != 0) return -1;
        if (bind(source, nodes[index], S_ISDIR(status.st_mode)) != 0 && index < 5) return -1;
    }
    if (mkdir("/dev/shm", 01777) != 0) return -1;
    if (mount("shm", "/dev/shm", "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777") != 0) return -1;
    (void)symlink("/proc/self/fd", "/dev/fd");
    (void)symlink("/proc/self/fd/0", "/dev/stdin");
    (void)symlink("/proc/self/fd/1", "/dev/stdout");
    (void)symlink("/proc/self/fd/2", "/dev/stderr");
    return 0;
}

/* Relative to the staging directory, which is the working directory: its path may hold commas or colons. */
static int mount_overlay(const char *lower, const char *target, bool uses_user_namespace) {
    char options[PATH_MAX * 3 + 128];
    const char *name = lower[1] == '\0' ? "" : lower;
    const char *parts[] = {
        "lowerdir=", lower, ",upperdir=upper", name, ",workdir=work", name, uses_user_namespace ? ",userxattr" : ",volatile",
    };
    const size_t count = sizeof parts / sizeof parts[0];
    /* Without the last part once more, for kernels that do not know it. */
    for (size_t used = count; used >= count - 1; used--) {
        size_t length = 0;
        for (size_t index = 0; index < used; index++) {
            size_t part = strlen(parts[index]);
            if (length + part >= sizeof options) {
                errno = ENAMETOOLONG;
                return -1;
            }
            memcpy(options + length, parts[index], part);
            length += part;
        }
        options[length] = '\0';
        if (mount("overlay", target, "overlay", 0, options) == 0) return 0;
    }
    return -1;
}

static int mount_layer(const struct cspawn_layer *layer, bool uses_user_namespace) {
    char target[PATH_MAX], upper[PATH_MAX], work[PATH_MAX];
    if (join(target, sizeof target, "root", layer->path) != 0) return -1;
    if (layer->kind == cspawn_layer_link) return symlink(layer->link, target);
    if (mkdir(target, 0755) != 0) return -1;
    if (layer->kind == cspawn_layer_empty) return chmod(target, 01777);
    if (layer->kind == cspawn_layer_overlay) {
        if (join(upper, sizeof upper, "upper", layer->path) != 0) return -1;
        if (join(work, sizeof work, "work", layer->path) != 0) return -1;
        if (mkdir(upper, 0755) != 0 || mkdir(work, 0755) != 0) return -1;
        if (mount_overlay(layer->path, target, uses_user_namespace) == 0) return 0;
    }
    return bind(layer->path, target, true);
}

/* A directory that cannot be shown is left out: the container may not need it. */
static int mount_layers(const struct cspawn_root *root) {
    if (root->layer_count == 0) return mount_overlay("/", "root", root->uses_user_namespace);
    if (mount("tmpfs", "root", "tmpfs", MS_NOSUID, "mode=755") != 0) return -1;
    for (size_t index = 0; index < root->layer_count; index++) {
        (void)mount_layer(&root->layers[index], root->uses_user_namespace);
    }
    return mkdir("root/dev", 0755) == 0 && mkdir("root/proc", 0555) == 0 ? 0 : -1;
}

int cspawn_enter_root(const struct cspawn_root *root, bool has_pid_namespace, struct cspawn_result *result) {
    result->stage = cspawn_stage_root;
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0) return -1;
    if (mount("tmpfs", root->staging, "tmpfs", MS_NOSUID, "mode=755") != 0) return -1;
    if (chdir(root->staging) != 0) return -1;
    if (mkdir("upper", 0755) != 0 || mkdir("work", 0755) != 0 || mkdir("root", 0755) != 0) return -1;
    if (mount_layers(root) != 0) return -1;
    if (chdir("root") != 0) return -1;
    if (mkdir("." OLD_ROOT, 0700) != 0 && errno != EEXIST) return -1;
    if (syscall(SYS_pivot_root, ".", "." OLD_ROOT) != 0) return -1;
    if (chdir("/") != 0) return -1;

    bool has_proc = has_pid_namespace && mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) == 0;
    if (!has_proc && bind(OLD_ROOT "/proc", "/proc", true) != 0) return -1;

    result->stage = cspawn_stage_devices;
    if (make_devices() != 0) return -1;

    result->stage = cspawn_stage_mount;
    for (size_t index = 0; index < root->mount_count; index++) {
        result->mount_index = index;
        if (mount_one(&root->mounts[index]) != 0 && !root->mounts[index].is_optional) return -1;
    }

    result->stage = cspawn_stage_root;
    if (umount2(OLD_ROOT, MNT_DETACH) != 0) return -1;
    (void)rmdir(OLD_ROOT);
    if (root->is_read_only && make_read_only("/") != 0) return -1;
    return 0;
}

static int write_file(const char *path, const char *text) {
    int file = open(path, O_WRONLY | O_CLOEXEC);
    if (file < 0) return -1;
    size_t length = strlen(text);
    ssize_t written = write(file, text, length);
    int error = errno;
    close(file);
    errno = error;
    return written == (ssize_t)length ? 0 : -1;
}

/* "ID ID 1": in the namespace as outside. */
static void write_mapping(char *text, unsigned long id) {
    char digits[24];
    size_t count = 0;
    do {
        digits[count++] = (char)('0' + id % 10);
        id /= 10;
    } while (id != 0);
    size_t position = 0;
    for (int copy = 0; copy < 2; copy++) {
        for (size_t index = count; index > 0; index--) text[position++] = digits[index - 1];
        text[position++] = ' ';
    }
    text[position++] = '1';
    text[position] = '\0';
}

int cspawn_map_user(uid_t user, gid_t group) {
    char text[64];
    write_mapping(text, user);
    if (write_file("/proc/self/uid_map", text) != 0) return -1;
    if (write_file("/proc/self/setgroups", "deny") != 0) return -1;
    write_mapping(text, group);
    return write_file("/proc/self/gid_map", text);
}
