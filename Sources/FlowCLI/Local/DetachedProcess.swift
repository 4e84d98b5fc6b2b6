import FoundationEssentials
import Glibc

/// Starts this program again in the background, and waits until it says that it is ready.
struct DetachedProcess {
    var arguments: [String]
    var logPath: String

    /// The descriptor on which the child says `ready`.
    static let readyDescriptor: Int32 = 3

    /// - Returns: the child's pid, once it is ready.
    /// - Throws: with the end of its log when it ended before that.
    func start() throws -> Int32 {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw failure("make a pipe") }
        let (readEnd, writeEnd) = (ends[0], ends[1])
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        defer { close(readEnd) }
        let log = open(logPath, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard log >= 0 else {
            close(writeEnd)
            throw failure("write \(logPath)")
        }
        let pid: Int32
        do {
            defer {
                close(log)
                close(writeEnd)
            }
            pid = try spawn(log: log, ready: writeEnd)
        }
        var byte: UInt8 = 0
        var count: Int
        repeat { count = read(readEnd, &byte, 1) } while count < 0 && errno == EINTR
        guard count == 1 else {
            var status: Int32 = 0
            waitpid(pid, &status, 0)
            throw CommandFailure("the local cluster ended before it was ready; the end of \(logPath):\n\(logTail())")
        }
        return pid
    }

    private func spawn(log: Int32, ready: Int32) throws -> Int32 {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, log, STDOUT_FILENO)
        posix_spawn_file_actions_adddup2(&actions, log, STDERR_FILENO)
        posix_spawn_file_actions_adddup2(&actions, ready, Self.readyDescriptor)
        keepOtherDescriptors()
        var argv: [UnsafeMutablePointer<CChar>?] = (["flowengine"] + arguments).map { strdup($0) }
        argv.append(nil)
        defer { argv.forEach { free($0) } }
        var pid: pid_t = 0
        let code = posix_spawn(&pid, "/proc/self/exe", &actions, nil, argv, environ)
        guard code == 0 else {
            throw CommandFailure("cannot start the local cluster: \(String(cString: strerror(code)))")
        }
        return pid
    }

    /// Keeps to this process whatever else it was given: whoever waits for a descriptor's end must not wait for the
    /// cluster's.
    private func keepOtherDescriptors() {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
        for descriptor in names.compactMap({ Int32($0) }) where descriptor > Self.readyDescriptor {
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        }
    }

    private func failure(_ what: String) -> CommandFailure {
        CommandFailure("cannot \(what): \(String(cString: strerror(errno)))")
    }

    private func logTail() -> String {
        let text = String(decoding: FileManager.default.contents(atPath: logPath) ?? Data(), as: UTF8.self)
        return text.split(separator: "\n").suffix(15).joined(separator: "\n")
    }
}
