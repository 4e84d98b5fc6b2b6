import Glibc

/// Starts one command in a process group of its own, forwards signals to that group and reaps until the command ends.
///
/// Signals are blocked and taken one at a time with `sigwaitinfo`, so that there is no handler in which little is allowed,
/// and none is lost between the start of the command and the first wait.
struct Supervisor {
    enum Ending: Equatable {
        case exited(Int32)
        case signalled(Int32)
        /// With the `errno` of the start.
        case notStarted(Int32)
    }

    private static let forwarded = [SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2]

    func run(_ command: [String]) -> Ending {
        var handled = sigset_t()
        sigemptyset(&handled)
        for signal in Self.forwarded + [SIGCHLD] { sigaddset(&handled, signal) }
        sigprocmask(SIG_BLOCK, &handled, nil)
        var child: pid_t = 0
        let failure = start(command, defaults: handled, child: &child)
        guard failure == 0 else { return .notStarted(failure) }
        return supervise(child, handled: handled)
    }

    private func supervise(_ child: pid_t, handled: sigset_t) -> Ending {
        var handled = handled
        var information = siginfo_t()
        while true {
            let signal = sigwaitinfo(&handled, &information)
            if signal == SIGCHLD {
                if let ending = reap(child) { return ending }
            } else if signal > 0 {
                // The group may be gone while the command itself lives in another one.
                if kill(-child, signal) != 0 { kill(child, signal) }
            }
        }
    }

    /// Reaps all that ended: as process 1 of a container the agent inherits orphans.
    private func reap(_ child: pid_t) -> Ending? {
        var ending: Ending?
        var status: Int32 = 0
        while true {
            let pid = waitpid(-1, &status, WNOHANG)
            if pid > 0 {
                if pid == child { ending = Self.ending(ofStatus: status) }
            } else if pid == 0 || errno != EINTR {
                return ending
            }
        }
    }

    /// What the macros WIFEXITED, WEXITSTATUS and WTERMSIG tell, which Swift does not import.
    static func ending(ofStatus status: Int32) -> Ending {
        let signal = status & 0x7f
        return signal == 0 ? .exited((status >> 8) & 0xff) : .signalled(signal)
    }

    /// The command starts with no signal blocked, whatever this process inherited: a runtime whose threads block
    /// signals would otherwise make a command that nothing but SIGKILL ends.
    private func start(_ command: [String], defaults: sigset_t, child: inout pid_t) -> Int32 {
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var mask = sigset_t()
        sigemptyset(&mask)
        var defaults = defaults
        posix_spawnattr_setsigmask(&attributes, &mask)
        posix_spawnattr_setsigdefault(&attributes, &defaults)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        var arguments: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) }
        arguments.append(nil)
        defer { for argument in arguments { free(argument) } }
        guard let name = arguments.first ?? nil else { return ENOENT }
        return posix_spawnp(&child, name, nil, &attributes, &arguments, environ)
    }
}

enum SignalName {
    private static let names: [Int32: String] = [
        SIGHUP: "SIGHUP", SIGINT: "SIGINT", SIGQUIT: "SIGQUIT", SIGILL: "SIGILL", SIGTRAP: "SIGTRAP",
        SIGABRT: "SIGABRT",
        SIGBUS: "SIGBUS", SIGFPE: "SIGFPE", SIGKILL: "SIGKILL", SIGUSR1: "SIGUSR1", SIGSEGV: "SIGSEGV",
        SIGUSR2: "SIGUSR2",
        SIGPIPE: "SIGPIPE", SIGALRM: "SIGALRM", SIGTERM: "SIGTERM", SIGXCPU: "SIGXCPU", SIGXFSZ: "SIGXFSZ",
        SIGSYS: "SIGSYS",
    ]

    static func of(_ signal: Int32) -> String { names[signal] ?? "no common name" }
}
