import CCurl
import Synchronization

/// How many exchanges one loop hands to libcurl at a time.
///
/// libcurl queues what exceeds its connection limit without ever timing it out (7.88), so everything beyond these
/// numbers waits in Swift, where deadlines and cancellation hold.
struct AdmissionLimits: Sendable {
    /// Connections to an HTTP/2 server; each carries 100 streams (the API server's own limit).
    var http2Connections: Int
    /// Connections, and so exchanges, where the server speaks HTTP/1.1.
    var http1Connections: Int
    /// Streams left free, as closing streams count for a moment longer on the server.
    var reserve = 10

    static let streamsPerConnection = 100

    /// Before the first answer a server may be either: only as many as HTTP/1.1 could carry on these connections.
    func capacity(_ seen: HTTPProtocol?) -> Int {
        switch seen {
        case nil: http2Connections
        case .http1: http1Connections
        case .http2: max(1, http2Connections * Self.streamsPerConnection - reserve)
        }
    }

    func connections(_ seen: HTTPProtocol?) -> Int {
        seen == .http1 ? http1Connections : http2Connections
    }
}

/// One thread around a libcurl multi handle: it performs the exchanges given to ``perform(_:id:)``.
///
/// Commands reach the thread through a locked inbox. The thread, and with it every handle, ends after ``close()``.
final class CurlLoop: Sendable {
    enum Command: Sendable {
        case start(id: UInt64, TransferRequest, CheckedContinuation<ActiveTransfer.Answer, Never>)
        case cancel(id: UInt64)
        case resume(id: UInt64)
    }

    struct Statistics: Sendable, Equatable {
        /// Exchanges in libcurl's hands.
        var active = 0
        /// Exchanges that wait to be admitted.
        var waiting = 0
        /// Handles kept for reuse.
        var idleHandles = 0
        /// Connections dialled so far.
        var connectionsMade = 0
    }

    private struct Inbox {
        var commands: [Command] = []
        var isClosed = false
        /// The thread sleeps, or is about to, and has to be woken.
        var isPolling = false
        /// Cleared by the thread before it frees the multi handle.
        var multi: MultiHandle?
        var statistics = Statistics()
    }

    private let inbox: Mutex<Inbox>
    private let nextID = Atomic<UInt64>(1)
    let limits: AdmissionLimits

    /// `name` names the thread in debuggers; at most 15 bytes.
    init(name: String, limits: AdmissionLimits, assumedProtocol: HTTPProtocol?) throws(ClientError) {
        self.limits = limits
        guard CurlGlobal.isReady, let pointer = curl_multi_init() else {
            throw ClientError(.transport, "libcurl could not be initialized: out of memory or a broken installation.")
        }
        let multi = MultiHandle(pointer: pointer)
        inbox = Mutex(Inbox(multi: multi))
        let failure = startThread(name: name) { [self] in
            CurlLoopThread(self, multi: multi, assumedProtocol: assumedProtocol).run()
        }
        if let failure {
            inbox.withLock { $0.multi = nil }
            curl_multi_cleanup(pointer)
            let reason = FileError(code: failure).reason
            throw ClientError(.transport, "The transport's thread could not be started: \(reason).")
        }
    }

    func makeID() -> UInt64 {
        nextID.add(1, ordering: .relaxed).oldValue
    }

    /// Performs an exchange and returns its answer; for a stream the head. Cancelling the task removes the exchange.
    func perform(_ request: TransferRequest, id: UInt64) async -> ActiveTransfer.Answer {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                // The cancellation handler may already have run, before there was anything to cancel.
                if Task.isCancelled {
                    let failure = TransferFailure(kind: .cancelled, mayHaveBeenSent: false)
                    continuation.resume(returning: .failure(failure))
                } else if !enqueue(.start(id: id, request, continuation)) {
                    let failure = TransferFailure(kind: .closed, mayHaveBeenSent: false)
                    continuation.resume(returning: .failure(failure))
                } else if Task.isCancelled {
                    // Or it ran in between, and its command came before the start.
                    cancel(id)
                }
            }
        } onCancel: {
            cancel(id)
        }
    }

    /// Ends an exchange or an open stream; unknown ids are ignored.
    func cancel(_ id: UInt64) {
        _ = enqueue(.cancel(id: id))
    }

    /// Continues a paused stream.
    func resume(_ id: UInt64) {
        _ = enqueue(.resume(id: id))
    }

    /// Fails what is under way and ends the thread. Returns at once.
    func close() {
        inbox.withLock { inbox in
            inbox.isClosed = true
            inbox.multi?.wakeUp()
        }
    }

    var statistics: Statistics { inbox.withLock { $0.statistics } }

    private func enqueue(_ command: Command) -> Bool {
        inbox.withLock { inbox in
            guard !inbox.isClosed, let multi = inbox.multi else { return false }
            inbox.commands.append(command)
            // One wake-up serves every command until the thread takes them, and a busy thread needs none.
            if inbox.isPolling {
                inbox.isPolling = false
                multi.wakeUp()
            }
            return true
        }
    }

    /// For the thread: what came in, and whether to end.
    func takeCommands() -> (commands: [Command], isClosed: Bool) {
        inbox.withLock { inbox in
            inbox.isPolling = false
            defer { inbox.commands = [] }
            return (inbox.commands, inbox.isClosed)
        }
    }

    /// For the thread: whether it may sleep, as nothing came in meanwhile.
    func prepareToPoll(_ statistics: Statistics) -> Bool {
        inbox.withLock { inbox in
            inbox.statistics = statistics
            inbox.isPolling = inbox.commands.isEmpty && !inbox.isClosed
            return inbox.isPolling
        }
    }

    /// For the thread: nobody wakes the multi handle after this.
    func detachMulti() -> [Command] {
        inbox.withLock { inbox in
            inbox.multi = nil
            inbox.isClosed = true
            inbox.statistics = Statistics()
            defer { inbox.commands = [] }
            return inbox.commands
        }
    }
}

/// A libcurl multi handle. `@unchecked Sendable`: only the loop's thread calls libcurl with it, but for the wake-up,
/// which libcurl allows from any thread and which the inbox's lock keeps from outliving the handle.
struct MultiHandle: @unchecked Sendable {
    let pointer: UnsafeMutableRawPointer

    func wakeUp() {
        _ = curl_multi_wakeup(pointer)
    }
}

private enum CurlGlobal {
    static let isReady = ccurl_global_init() == CURLE_OK
}
