#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/close_range.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "internal.h"

#define STACK_SIZE (256 * 1024)

#ifndef P_PIDFD
#define P_PIDFD 3
#endif

struct start {
    const struct cspawn_options *options;
    struct cspawn_result *result;
    uid_t user;
    gid_t group;
    /* For the second clone of a process that joins another's namespaces. */
    char *inner_stack;
    pid_t joined_pid;
};

static int set_limits(const struct cspawn_options *options) {
    for (size_t index = 0; index < options->limit_count; index++) {
        struct rlimit limit = {.rlim_cur = options->limits[index].soft, .rlim_max = options->limits[index].hard};
        if (setrlimit((__rlimit_resource_t)options->limits[index].resource, &limit) != 0) return -1;
    }
    return 0;
}

/* Zero stands for the writer itself, in cgroup v1 and v2 alike. */
static int enter_cgroup(const char *path) {
    int file = open(path, O_WRONLY | O_CLOEXEC);
    if (file < 0) return -1;
    ssize_t written = write(file, "0", 1);
    int error = errno;
    close(file);
    errno = error;
    return written == 1 ? 0 : -1;
}

/* Raw system calls: the C library's would change all threads of the process whose memory this child shares. */
static int set_user(const struct cspawn_options *options) {
    bool changes = options->user >= 0 || options->group >= 0 || options->supplementary_group_count > 0;
    if (!changes) return 0;
    if (options->group >= 0 || options->supplementary_group_count > 0) {
        size_t count = options->supplementary_group_count;
        if (syscall(SYS_setgroups, count, options->supplementary_groups) != 0) return -1;
    }
    if (options->group >= 0 && syscall(SYS_setgid, (gid_t)options->group) != 0) return -1;
    if (options->user >= 0 && syscall(SYS_setuid, (uid_t)options->user) != 0) return -1;
    return 0;
}

/* The three may be given in any order and overlap with 0 to 2, so all are moved away first. */
static int set_streams(const struct cspawn_options *options) {
    int given[3] = {options->standard_input, options->standard_output, options->standard_error};
    int moved[3];
    for (int index = 0; index < 3; index++) {
        moved[index] = fcntl(given[index], F_DUPFD_CLOEXEC, 3);
        if (moved[index] < 0) return -1;
    }
    for (int index = 0; index < 3; index++) {
        if (dup2(moved[index], index) < 0) return -1;
    }
    return syscall(SYS_close_range, 3U, ~0U, CLOSE_RANGE_CLOEXEC) == 0 ? 0 : -1;
}

static void reset_signals(void) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = SIG_DFL;
    for (int signal = 1; signal < NSIG; signal++) {
        if (signal != SIGKILL && signal != SIGSTOP) sigaction(signal, &action, NULL);
    }
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

/* As execvpe: the first EACCES is told when nothing else was found. A file without "#!" is not given to a shell. */
static void search_and_exec(const struct cspawn_options *options) {
    const char *name = options->arguments[0];
    if (strchr(name, '/') != NULL) {
        execve(name, options->arguments, options->environment);
        return;
    }
    char candidate[PATH_MAX];
    size_t name_length = strlen(name);
    bool was_denied = false;
    const char *rest = options->search_path != NULL ? options->search_path : "/usr/bin:/bin";
    while (name_length > 0 && *rest != '\0') {
        size_t length = strcspn(rest, ":");
        if (length > 0 && length + 1 + name_length < sizeof candidate) {
            memcpy(candidate, rest, length);
            candidate[length] = '/';
            memcpy(candidate + length + 1, name, name_length + 1);
            execve(candidate, options->arguments, options->environment);
            if (errno == EACCES) was_denied = true;
            else if (errno != ENOENT && errno != ENOTDIR) return;
        }
        rest += length;
        if (*rest == ':') rest++;
    }
    errno = was_denied ? EACCES : ENOENT;
}

static int enter_working_directory(const char *path) {
    if (chdir(path) == 0) return 0;
    if (errno != ENOENT || cspawn_make_directories(path, 0755) != 0) return -1;
    return chdir(path);
}

static int child_main(void *argument);

/* Joining process ids takes effect for children only, so the process itself is one more clone away; CLONE_PARENT makes it a
 * child of the caller nonetheless. */
static int joining_main(void *argument) {
    struct start *start = argument;
    int flags = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS;
    start->result->stage = cspawn_stage_join;
    if (setns(start->options->joined_pidfd, flags) != 0) {
        /* Only those of a user namespace of its own may be entered after it. */
        if (setns(start->options->joined_pidfd, flags | CLONE_NEWUSER) != 0) {
            start->result->error = errno;
            _exit(127);
        }
    }
    pid_t pid = clone(
        child_main, start->inner_stack + STACK_SIZE, CLONE_VM | CLONE_VFORK | CLONE_PARENT | SIGCHLD, start);
    if (pid < 0) {
        start->result->stage = cspawn_stage_clone;
        start->result->error = errno;
        _exit(127);
    }
    start->joined_pid = pid;
    _exit(0);
}

static int child_main(void *argument) {
    struct start *start = argument;
    const struct cspawn_options *options = start->options;
    struct cspawn_result *result = start->result;
    const struct cspawn_root *root = options->root;

    setsid();
    prctl(PR_SET_PDEATHSIG, 0);
    umask(022);

    result->stage = cspawn_stage_cgroup;
    if (options->cgroup_file != NULL && enter_cgroup(options->cgroup_file) != 0) goto failed;

    if (root != NULL && !options->joins) {
        result->stage = cspawn_stage_user_namespace;
        if (root->uses_user_namespace && cspawn_map_user(start->user, start->group) != 0) goto failed;
        if (options->host_name != NULL) (void)sethostname(options->host_name, strlen(options->host_name));
        if (cspawn_enter_root(root, true, result) != 0) goto failed;
    }

    result->stage = cspawn_stage_limits;
    if (set_limits(options) != 0) goto failed;

    result->stage = cspawn_stage_streams;
    if (set_streams(options) != 0) goto failed;

    result->stage = cspawn_stage_working_directory;
    const char *directory = options->working_directory != NULL ? options->working_directory : "/";
    if (enter_working_directory(directory) != 0) goto failed;

    result->stage = cspawn_stage_user;
    if (set_user(options) != 0) goto failed;
    if (options->no_new_privileges && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) goto failed;

    reset_signals();
    result->stage = cspawn_stage_exec;
    result->error = 0;
    search_and_exec(options);

failed:
    result->error = errno != 0 ? errno : EINVAL;
    _exit(127);
}

static void reap_now(pid_t pid) {
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) {
    }
}

int cspawn_start(const struct cspawn_options *options, struct cspawn_result *result) {
    memset(result, 0, sizeof *result);
    result->pidfd = -1;
    result->stage = cspawn_stage_clone;
    struct start start = {.options = options, .result = result, .user = geteuid(), .group = getegid()};

    size_t stack_size = options->joins ? 2 * STACK_SIZE : STACK_SIZE;
    char *stack = mmap(NULL, stack_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
    if (stack == MAP_FAILED) {
        result->error = errno;
        return -1;
    }
    int flags = CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD;
    start.inner_stack = stack + STACK_SIZE;
    if (options->root != NULL && !options->joins) {
        flags |= CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS;
        if (options->root->uses_user_namespace) flags |= CLONE_NEWUSER;
    }

    /* No handler of the parent may run in the child while it shares the parent's memory. */
    sigset_t all, previous;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &previous);
    int pidfd = -1;
    pid_t pid = clone(options->joins ? joining_main : child_main, stack + STACK_SIZE, flags, &start, &pidfd);
    int error = errno;
    pthread_sigmask(SIG_SETMASK, &previous, NULL);
    munmap(stack, stack_size);

    if (pid < 0) {
        result->error = error;
        result->stage = cspawn_stage_clone;
        return -1;
    }
    if (result->error != 0 || options->joins) {
        /* The child has exited or is about to. */
        reap_now(pid);
        close(pidfd);
        if (result->error != 0) {
            if (start.joined_pid > 0) reap_now(start.joined_pid);
            return -1;
        }
        pid = start.joined_pid;
        /* It cannot have been replaced: nobody but the caller reaps it. */
        pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
        if (pidfd < 0) {
            result->error = errno;
            kill(pid, SIGKILL);
            reap_now(pid);
            return -1;
        }
    }
    result->stage = cspawn_stage_none;
    result->pid = pid;
    result->pidfd = pidfd;
    return 0;
}

int cspawn_signal(int pidfd, int signal) {
    return syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0) == 0 ? 0 : errno;
}

int cspawn_reap(int pidfd, struct cspawn_ending *ending) {
    siginfo_t information;
    struct rusage usage;
    memset(&information, 0, sizeof information);
    memset(&usage, 0, sizeof usage);
    /* The system call, for the resource usage that the C library's waitid leaves out. */
    long result;
    do {
        result = syscall(SYS_waitid, P_PIDFD, pidfd, &information, WEXITED | WNOHANG, &usage);
    } while (result != 0 && errno == EINTR);
    if (result != 0) return errno;
    if (information.si_pid == 0) return EAGAIN;
    ending->is_signalled = information.si_code != CLD_EXITED;
    ending->code = information.si_status;
    ending->cpu_seconds = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
        + (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
    ending->max_resident_kib = usage.ru_maxrss;
    return 0;
}
