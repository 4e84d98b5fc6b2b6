import CCurl
import Glibc

/// Runs a program to its end and collects what it prints. Blocks: for a thread of its own.
enum ChildProcess {
    enum Failure: Error, Sendable {
        case notFound
        case launch(String)
        case timeout
        case tooMuchOutput
    }

    struct Output: Sendable {
        /// The exit code, or 128 and the signal.
        var status: Int32
        var ending: String
        var output: [UInt8]
        var errors: [UInt8]
    }

    private static let outputLimit = 4 * 1024 * 1024

    static var hasTerminal: Bool { isatty(STDIN_FILENO) == 1 }

    static func run(
        _ command: String, _ arguments: [String], adding environment: [(name: String, value: String)],
        inheritsInput: Bool, timeout: Duration
    ) throws(Failure) -> Output {
        let deadline = ContinuousClock.now + timeout
        guard let output = Pipe(), let errors = Pipe() else {
            throw .launch("no file descriptors are left (\(FileError(code: errno).reason))")
        }
        defer {
            output.close()
            errors.close()
        }
        let child = try spawn(command, arguments, environment, inheritsInput, output, errors)
        output.closeWriter()
        errors.closeWriter()
        do throws(Failure) {
            let collected = try collect([output, errors], until: deadline)
            let status = try wait(for: child, until: deadline)
            let signal = status & 0x7F
            return Output(
                status: signal == 0 ? (status >> 8) & 0xFF : 128 + signal,
                ending: signal == 0 ? "exit code \((status >> 8) & 0xFF)" : "signal \(signal)",
                output: collected[0], errors: collected[1])
        } catch {
            kill(child, SIGKILL)
            var status: Int32 = 0
            while waitpid(child, &status, 0) < 0, errno == EINTR {}
            throw error
        }
    }

    private static func spawn(
        _ command: String, _ arguments: [String], _ environment: [(name: String, value: String)],
        _ inheritsInput: Bool, _ output: Pipe, _ errors: Pipe
    ) throws(Failure) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if !inheritsInput {
            posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        }
        posix_spawn_file_actions_adddup2(&actions, output.writer, STDOUT_FILENO)
        posix_spawn_file_actions_adddup2(&actions, errors.writer, STDERR_FILENO)
        var merged = processEnvironment()
        for (name, value) in environment { merged[name] = value }
        closeInherited(&actions)
        let argumentPointers = ([command] + arguments).map { strdup($0) } + [nil]
        let environmentPointers = merged.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer {
            for pointer in argumentPointers + environmentPointers { free(pointer) }
        }
        var child: pid_t = 0
        let code = posix_spawnp(&child, command, &actions, nil, argumentPointers, environmentPointers)
        switch code {
        case 0: return child
        case ENOENT: throw .notFound
        default: throw .launch(FileError(code: code).reason)
        }
    }

    /// libcurl's sockets, for one, would otherwise stay open in the child.
    static func closeInherited(_ actions: inout posix_spawn_file_actions_t) {
        _ = ccurl_spawn_close_from(&actions, 3)
    }

    /// Reads all pipes to their ends.
    private static func collect(_ pipes: [Pipe], until deadline: ContinuousClock.Instant) throws(Failure) -> [[UInt8]] {
        var collected = [[UInt8]](repeating: [], count: pipes.count)
        var isOpen = [Bool](repeating: true, count: pipes.count)
        var chunk = [UInt8](repeating: 0, count: 16 * 1024)
        while isOpen.contains(true) {
            // A negative descriptor is passed over.
            var polled = zip(pipes, isOpen).map { pipe, isOpen in
                pollfd(fd: isOpen ? pipe.reader : -1, events: Int16(POLLIN), revents: 0)
            }
            let left = ContinuousClock.now.duration(to: deadline).clampedMilliseconds
            guard left > 0 else { throw .timeout }
            let ready = poll(&polled, nfds_t(polled.count), Int32(clamping: left))
            if ready < 0 && errno != EINTR { throw .launch("its output could not be read") }
            guard ready > 0 else { continue }
            for index in polled.indices where polled[index].revents != 0 {
                let count = read(pipes[index].reader, &chunk, chunk.count)
                if count > 0 {
                    guard collected[index].count + count <= outputLimit else { throw .tooMuchOutput }
                    collected[index].append(contentsOf: chunk[..<count])
                } else if count == 0 || errno != EINTR {
                    isOpen[index] = false
                }
            }
        }
        return collected
    }

    private static func wait(for child: pid_t, until deadline: ContinuousClock.Instant) throws(Failure) -> Int32 {
        var status: Int32 = 0
        while true {
            let code = waitpid(child, &status, WNOHANG)
            if code == child { return status }
            // Somebody else in this process reaped it: its output is all there is to go by.
            if code < 0 && errno != EINTR { return 0 }
            guard ContinuousClock.now < deadline else { throw .timeout }
            // It has closed its output and is about to end.
            usleep(2000)
        }
    }

    private final class Pipe {
        let reader: Int32
        private(set) var writer: Int32

        init?() {
            var ends: [Int32] = [-1, -1]
            guard ccurl_pipe(&ends) == 0 else { return nil }
            reader = ends[0]
            writer = ends[1]
        }

        func closeWriter() {
            if writer >= 0 { Glibc.close(writer) }
            writer = -1
        }

        func close() {
            closeWriter()
            Glibc.close(reader)
        }
    }
}
