import Glibc
import KubeCore
import Synchronization

/// The log of one run of one container: standard output and error, line by line, in the container runtime interface's format
/// `2026-01-02T03:04:05.123456789Z stdout F text` (`P` marks a line that was cut and goes on).
///
/// Written by the poller's thread, read by any number of readers, who are woken when there is more. When a file has reached its
/// cap a new one is begun and only one older one is kept, so that a log never takes more than twice the cap.
final class ContainerLog: Sendable {
    enum Source: String, Sendable { case output = "stdout", errors = "stderr" }

    /// As container runtimes cut: longer lines are kept as several parts.
    static let longestLine = 16 * 1024

    /// A file of the log. Numbers rise; the files before the last are complete.
    struct Segment: Sendable, Equatable {
        var number: Int
        var path: String
    }

    private struct State {
        var segments: [Segment] = []
        var file: Int32 = -1
        var size = 0
        var isFinished = false
        /// The beginnings of lines that have no end yet.
        var pending: [Source: [UInt8]] = [:]
        /// Counts writes and the end.
        var version: UInt64 = 0
        var waiting: [UInt64: CheckedContinuation<Void, Never>] = [:]
        var nextWait: UInt64 = 0
    }

    /// Without its number: files are `path`, `path.1`, …
    let path: String
    private let cap: Int
    private let state = Mutex(State())

    init(path: String, cap: Int = 10 << 20) {
        self.path = path
        self.cap = cap
    }

    /// Adds what a container wrote. A write that fails loses lines rather than the container.
    func append(_ bytes: ArraySlice<UInt8>, from source: Source) {
        let stamp = LogTimestamp.now()
        state.withLock { state in
            guard !state.isFinished else { return }
            var entry: [UInt8] = []
            var rest = bytes
            while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                let pending = state.pending.removeValue(forKey: source) ?? []
                Self.add(pending + rest[..<end], isWhole: true, source, stamp, to: &entry)
                rest = rest[(end + 1)...]
            }
            if !rest.isEmpty {
                var pending = state.pending.removeValue(forKey: source) ?? []
                pending += rest
                while pending.count >= Self.longestLine {
                    Self.add(Array(pending.prefix(Self.longestLine)), isWhole: false, source, stamp, to: &entry)
                    pending.removeFirst(Self.longestLine)
                }
                if !pending.isEmpty { state.pending[source] = pending }
            }
            write(entry, &state)
        }
    }

    private static func add(
        _ line: [UInt8], isWhole: Bool, _ source: Source, _ stamp: String, to entry: inout [UInt8]
    ) {
        var rest = line[...]
        repeat {
            let part = rest.prefix(longestLine)
            rest = rest.dropFirst(part.count)
            entry += Array(stamp.utf8)
            entry.append(UInt8(ascii: " "))
            entry += Array(source.rawValue.utf8)
            entry += Array(rest.isEmpty && isWhole ? " F ".utf8 : " P ".utf8)
            entry += part
            entry.append(UInt8(ascii: "\n"))
        } while !rest.isEmpty
    }

    private func write(_ entry: [UInt8], _ state: inout State) {
        guard !entry.isEmpty else { return }
        if state.file < 0 || state.size >= cap { beginSegment(&state) }
        guard state.file >= 0 else { return }
        try? HostFile.writeAll(entry, to: state.file, path: path)
        state.size += entry.count
        wake(&state)
    }

    private func wake(_ state: inout State) {
        state.version += 1
        for continuation in state.waiting.values { continuation.resume() }
        state.waiting = [:]
    }

    private func beginSegment(_ state: inout State) {
        if state.file >= 0 { close(state.file) }
        let number = (state.segments.last?.number ?? -1) + 1
        let segment = Segment(number: number, path: number == 0 ? path : "\(path).\(number)")
        state.file = open(segment.path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0o644)
        state.size = 0
        state.segments.append(segment)
        if state.segments.count > 2 { unlink(state.segments.removeFirst().path) }
    }

    /// The container has ended: what is left without a line feed is written as it is, and readers that follow come to an end.
    func finish() {
        let stamp = LogTimestamp.now()
        state.withLock { state in
            guard !state.isFinished else { return }
            var entry: [UInt8] = []
            for source in [Source.output, .errors] {
                if let pending = state.pending[source] {
                    Self.add(pending, isWhole: false, source, stamp, to: &entry)
                }
            }
            state.pending = [:]
            write(entry, &state)
            state.isFinished = true
            if state.file >= 0 { close(state.file) }
            state.file = -1
            wake(&state)
        }
    }

    var segments: [Segment] { state.withLock { $0.segments } }

    var isFinished: Bool { state.withLock { $0.isFinished } }

    /// To be read before the log is looked at, and given to `wait` when nothing was found.
    var version: UInt64 { state.withLock { $0.version } }

    /// Waits until the log has changed since `version`, or the task is cancelled.
    func wait(past version: UInt64) async {
        let id = state.withLock { state in
            state.nextWait += 1
            return state.nextWait
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isDone = state.withLock { state in
                    if state.version != version || state.isFinished || Task.isCancelled { return true }
                    state.waiting[id] = continuation
                    return false
                }
                if isDone { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiting.removeValue(forKey: id) }?.resume()
        }
    }

    deinit {
        state.withLock { if $0.file >= 0 { close($0.file) } }
    }
}

/// Times with nine digits of a second, as container runtimes write them.
enum LogTimestamp {
    static func now() -> String {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return text(Timestamp(seconds: Int64(time.tv_sec), nanoseconds: Int32(truncatingIfNeeded: time.tv_nsec)))
    }

    static func text(_ time: Timestamp) -> String {
        let fraction = String(max(time.nanoseconds, 0))
        return time.rfc3339.dropLast() + "." + String(repeating: "0", count: max(0, 9 - fraction.count)) + fraction
            + "Z"
    }
}
