import Synchronization

/// State behind a lock that tasks can wait on: the one place in this module where continuations are kept.
///
/// A waiter gives an `attempt` that runs under the lock, at once and after each change, until it returns a value. It
/// may take something out of the state as it succeeds, so a queue's `next()` is one call. Waiters are tried in the
/// order in which they came. Cancellation always ends a wait.
final class Monitor<State: Sendable>: Sendable {
    private struct Waiter: Sendable {
        let id: UInt64
        /// Runs the attempt; when it succeeds, returns what resumes the waiting task.
        let attempt: @Sendable (inout State) -> (@Sendable () -> Void)?
        let cancel: @Sendable () -> Void
    }

    private struct Guarded: Sendable {
        var state: State
        var waiters: [Waiter] = []
        var nextID: UInt64 = 0
    }

    private let guarded: Mutex<Guarded>

    init(_ state: State) {
        guarded = Mutex(Guarded(state: state))
    }

    /// Reads without waking anyone.
    func read<Value: Sendable>(_ body: @Sendable (State) throws -> Value) rethrows -> Value {
        try guarded.withLock { try body($0.state) }
    }

    /// Changes the state and wakes those whose attempt now succeeds.
    @discardableResult
    func change<Value: Sendable>(_ body: @Sendable (inout State) throws -> Value) rethrows -> Value {
        var wake: [@Sendable () -> Void] = []
        let value = try guarded.withLock { guarded in
            let value = try body(&guarded.state)
            wake = Self.settle(&guarded)
            return value
        }
        for resume in wake { resume() }
        return value
    }

    /// Waits until `attempt` returns a value.
    ///
    /// - Throws: `CancellationError` when the task is cancelled first; the attempt has then not succeeded.
    func wait<Value: Sendable>(_ attempt: @escaping @Sendable (inout State) -> Value?) async throws -> Value {
        let id = guarded.withLock { guarded in
            guarded.nextID += 1
            return guarded.nextID
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Value, any Error>) in
                let waiter = Waiter(
                    id: id,
                    attempt: { state in
                        guard let value = attempt(&state) else { return nil }
                        return { continuation.resume(returning: value) }
                    },
                    cancel: { continuation.resume(throwing: CancellationError()) })
                // The flag is set before the handler runs, so either it is seen here or the handler finds the waiter.
                let resume = guarded.withLock { guarded -> [@Sendable () -> Void] in
                    if Task.isCancelled { return [waiter.cancel] }
                    guarded.waiters.append(waiter)
                    return Self.settle(&guarded)
                }
                for action in resume { action() }
            }
        } onCancel: {
            let waiter = guarded.withLock { guarded -> Waiter? in
                guard let index = guarded.waiters.firstIndex(where: { $0.id == id }) else { return nil }
                return guarded.waiters.remove(at: index)
            }
            waiter?.cancel()
        }
    }

    /// Tries all waiters in order until none succeeds: an attempt that takes something may be what another waits for.
    private static func settle(_ guarded: inout Guarded) -> [@Sendable () -> Void] {
        var wake: [@Sendable () -> Void] = []
        while !guarded.waiters.isEmpty {
            let before = wake.count
            var remaining: [Waiter] = []
            for waiter in guarded.waiters {
                if let resume = waiter.attempt(&guarded.state) {
                    wake.append(resume)
                } else {
                    remaining.append(waiter)
                }
            }
            guarded.waiters = remaining
            if wake.count == before { break }
        }
        return wake
    }
}
