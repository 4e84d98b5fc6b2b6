import CSpawn
import Glibc
import Synchronization

/// How a process ended.
struct ProcessEnding: Sendable, Equatable {
    /// As a shell would tell it: 128 + the signal for one that was signalled.
    var exitCode: Int32
    var signal: Int32?
    /// Seconds of CPU and the largest resident size.
    var cpuSeconds: Double = 0
    var maxResidentBytes: Int64 = 0
}

/// A process that runs, with its output on its way to a log.
final class ContainerProcess: Sendable {
    let id: pid_t
    /// Whether it is process 1 of process ids of its own. Its end is then the end of all that it started.
    private let isInit: Bool
    private let state: Mutex<State>

    private struct State {
        /// A second descriptor of the process, for signals; -1 once it has ended.
        var descriptor: Int32
        /// The signal that SIGKILL stands for.
        var substituted: Int32?
    }

    private init(id: pid_t, descriptor: Int32, isInit: Bool) {
        self.id = id
        self.isInit = isInit
        state = Mutex(State(descriptor: descriptor))
    }

    /// Starts a process whose output goes to `log`. Blocks for about a millisecond.
    ///
    /// - Parameter joined: a process whose namespaces it enters, in place of a root of its own.
    /// - Parameter onEnd: called once, on the poller's thread, when the process has ended and its output is in the log.
    static func start(
        _ launch: ProcessLaunch, joining joined: ContainerProcess? = nil, log: ContainerLog, poller: Poller,
        onEnd: @escaping @Sendable (ProcessEnding) -> Void
    ) throws(LaunchFailure) -> ContainerProcess {
        let output = try Pipe()
        let errors: Pipe
        do {
            errors = try Pipe()
        } catch {
            output.closeAll()
            throw error
        }
        let null = open("/dev/null", O_RDONLY | O_CLOEXEC)
        defer { close(null) }
        let started: (id: pid_t, descriptor: Int32)
        do {
            // The lock keeps the joined process's descriptor from being closed meanwhile.
            let result = joined.map { joined in
                joined.state.withLock { state in
                    Self.attempt(launch, joining: state.descriptor, null, output.writer, errors.writer)
                }
            }
            started = try (result ?? Self.attempt(launch, joining: nil, null, output.writer, errors.writer)).get()
        } catch {
            output.closeAll()
            errors.closeAll()
            throw error
        }
        close(output.writer)
        close(errors.writer)
        let process = ContainerProcess(
            id: started.id, descriptor: fcntl(started.descriptor, F_DUPFD_CLOEXEC, 3), isInit: launch.root != nil)
        let streams = [
            OutputStream(descriptor: output.reader, source: .output, log: log),
            OutputStream(descriptor: errors.reader, source: .errors, log: log),
        ]
        let registrations = streams.map { stream in poller.watch(stream.descriptor) { stream.read() } }
        let descriptor = started.descriptor
        poller.watch(descriptor) {
            guard let ending = process.reap(descriptor) else { return .keep }
            process.killLeftovers()
            // What was written before the end is in the pipes now; a process that outlived its parent may hold them open.
            for stream in streams { stream.drain() }
            for registration in registrations { poller.remove(registration) }
            log.finish()
            onEnd(ending)
            return .close
        }
        return process
    }

    private static func attempt(
        _ launch: ProcessLaunch, joining joined: Int32?, _ input: Int32, _ output: Int32, _ errors: Int32
    ) -> Result<(id: pid_t, descriptor: Int32), LaunchFailure> {
        do throws(LaunchFailure) {
            return .success(try launch.start(joining: joined, input: input, output: output, errors: errors))
        } catch {
            return .failure(error)
        }
    }

    /// Sends a signal to the main process.
    ///
    /// The kernel drops a signal that process 1 has not prepared for, in containers as here, so that `sleep` as a container's
    /// command would be ended by nothing but SIGKILL at the end of its grace period. What has its default action, which is to
    /// end the process, is therefore done by SIGKILL and told as the signal it was.
    func signal(_ signal: Int32) {
        state.withLock { state in
            guard state.descriptor >= 0 else { return }
            var sent = signal
            if isInit, signal != SIGKILL, Self.endsByDefault(signal), !isPrepared(for: signal) {
                state.substituted = signal
                sent = SIGKILL
            }
            _ = cspawn_signal(state.descriptor, sent)
        }
    }

    private static func endsByDefault(_ signal: Int32) -> Bool {
        ![SIGCHLD, SIGCONT, SIGURG, SIGWINCH, SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU].contains(signal)
    }

    /// Whether the signal is handled, ignored or blocked, by the process's status.
    private func isPrepared(for signal: Int32) -> Bool {
        guard let status = try? HostFile.read("/proc/\(id)/status", limit: 8192), (1...64).contains(signal) else {
            return true
        }
        let mask: UInt64 = 1 << UInt64(signal - 1)
        for line in String(decoding: status, as: UTF8.self).split(separator: "\n") {
            for name in ["SigBlk:\t", "SigIgn:\t", "SigCgt:\t"] where line.hasPrefix(name) {
                if let bits = UInt64(line.dropFirst(name.count), radix: 16), bits & mask != 0 { return true }
            }
        }
        return false
    }

    private func reap(_ descriptor: Int32) -> ProcessEnding? {
        var ending = cspawn_ending()
        let code = cspawn_reap(descriptor, &ending)
        if code == EAGAIN { return nil }
        let substituted = state.withLock { state in
            if state.descriptor >= 0 { close(state.descriptor) }
            state.descriptor = -1
            return state.substituted
        }
        guard code == 0 else { return ProcessEnding(exitCode: 255, signal: nil) }
        var signal = ending.is_signalled ? Int32(ending.code) : nil
        if signal == SIGKILL, let substituted { signal = substituted }
        return ProcessEnding(
            exitCode: signal.map { 128 + $0 } ?? Int32(ending.code), signal: signal, cpuSeconds: ending.cpu_seconds,
            maxResidentBytes: ending.max_resident_kib.multipliedReportingOverflow(by: 1024).partialValue)
    }

    /// Without process ids of their own, what a container started may outlive it: all of its session is ended.
    private func killLeftovers() {
        guard !isInit else { return }
        for name in HostFile.entries("/proc") {
            guard let other = pid_t(name), other != id, getsid(other) == id else { continue }
            kill(other, SIGKILL)
        }
    }

    deinit {
        state.withLock { if $0.descriptor >= 0 { close($0.descriptor) } }
    }
}

private struct Pipe {
    var reader: Int32
    var writer: Int32

    init() throws(LaunchFailure) {
        (reader, writer) = (-1, -1)
        guard cspawn_pipe(&reader, &writer) == 0 else {
            throw LaunchFailure(
                stage: cspawn_stage_streams, code: errno,
                message: "cannot make a pipe for the container's output: \(String(cString: strerror(errno)))")
        }
    }

    func closeAll() {
        close(reader)
        close(writer)
    }
}

/// Moves one of a process's streams to its log.
private final class OutputStream: Sendable {
    let descriptor: Int32
    private let source: ContainerLog.Source
    private let log: ContainerLog
    /// Once at its end the descriptor is closed, and its number soon another's.
    private let isOpen = Mutex(true)

    private static let chunk = 64 * 1024

    init(descriptor: Int32, source: ContainerLog.Source, log: ContainerLog) {
        self.descriptor = descriptor
        self.source = source
        self.log = log
    }

    func read() -> Poller.Verdict {
        isOpen.withLock { isOpen in
            guard isOpen else { return .close }
            isOpen = move()
            return isOpen ? .keep : .close
        }
    }

    /// Takes all that is there now, and nothing later. A pipe holds a bounded amount, and nobody writes any more.
    func drain() {
        isOpen.withLock { isOpen in
            var rounds = 0
            while isOpen, rounds < 64 {
                guard let count = moved(), count > 0 else { break }
                rounds += 1
            }
            isOpen = false
        }
    }

    /// - Returns: whether there may be more later.
    private func move() -> Bool {
        guard let count = moved() else { return true }
        return count > 0
    }

    /// - Returns: how many bytes went to the log; 0 at the end, nil when there is nothing now.
    private func moved() -> Int? {
        var bytes = [UInt8](repeating: 0, count: Self.chunk)
        let count = bytes.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
        if count > 0 { log.append(bytes.prefix(count), from: source) }
        return count < 0 && (errno == EAGAIN || errno == EINTR) ? nil : max(0, count)
    }
}
