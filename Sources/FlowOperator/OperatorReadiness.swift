import KubeRuntime
import Logging
import ServiceLifecycle
import Synchronization

/// Whether the operator has seen its kinds and takes work.
final class OperatorReadiness: Sendable {
    private struct State {
        var isReady = false
        var next = 0
        var waiters: [Int: CheckedContinuation<Void, any Error>] = [:]
    }

    private let state = Mutex(State())

    var isReady: Bool { state.withLock(\.isReady) }

    func markReady() {
        let waiters = state.withLock { state in
            state.isReady = true
            defer { state.waiters = [:] }
            return state.waiters.values
        }
        for waiter in waiters { waiter.resume() }
    }

    func wait() async throws {
        let ticket = state.withLock { state in
            state.next += 1
            return state.next
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let now: Result<Void, any Error>? = state.withLock { state in
                    if state.isReady { return .success(()) }
                    if Task.isCancelled { return .failure(CancellationError()) }
                    state.waiters[ticket] = continuation
                    return nil
                }
                if let now { continuation.resume(with: now) }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: ticket) }?.resume(throwing: CancellationError())
        }
    }
}

/// Marks the operator ready once every kind was listed.
struct ReadinessAnnouncer: Service {
    let informers: InformerSet
    let readiness: OperatorReadiness
    let logger: Logger

    func run() async throws {
        try await cancelWhenGracefulShutdown {
            try await informers.waitUntilSynced()
            readiness.markReady()
            logger.info("the operator is ready")
            try await gracefulShutdown()
        }
    }
}
