/// A queue of keys to be worked on, for any number of producers and workers.
///
/// Guarantees, those of client-go's work queue:
/// - A key added several times before it is handed out is handed out once.
/// - A key that is being worked on is not handed out again before ``done(_:)``. If it was added meanwhile, it comes
///   back then.
/// - Of several delayed adds of a key the earliest counts, and an immediate add replaces them: a worker that needs to
///   come back later says so again.
/// - More urgent keys come first; within a priority, lanes (by default all one; a controller uses namespaces) take
///   turns.
///
/// Delayed adds become due only while ``run()`` runs. Memory is bounded by the number of distinct keys.
public final class WorkQueue<Key: Hashable & Sendable>: Sendable {
    /// A name for logs and metrics.
    public let name: String

    private let backoff: Backoff
    private let clock: RuntimeClock
    private let random: Randomness
    private let lane: @Sendable (Key) -> String
    private let monitor: Monitor<WorkQueueState<Key>>

    /// - Parameter lane: what keys take turns by; a constant makes the queue first in first out.
    public init(
        name: String, backoff: Backoff = .workQueue, clock: RuntimeClock = .continuous, random: Randomness = .system,
        lane: @escaping @Sendable (Key) -> String = { _ in "" }
    ) {
        self.name = name
        self.backoff = backoff
        self.clock = clock
        self.random = random
        self.lane = lane
        monitor = Monitor(WorkQueueState())
    }

    /// Makes the key available to the workers. Refused, silently, after ``shutDown(discardingQueued:)``.
    public func add(_ key: Key, priority: QueuePriority = .normal) {
        let lane = lane(key)
        monitor.change { $0.add(key, lane: lane, priority: priority) }
    }

    /// Makes the key available when `delay` has passed; at once when it is zero or negative.
    public func add(_ key: Key, after delay: Duration, priority: QueuePriority = .normal) {
        guard delay > .zero else { return add(key, priority: priority) }
        let deadline = clock.now + delay
        monitor.change { $0.schedule(key, at: deadline, priority: priority) }
    }

    /// Counts a failure of the key and makes it available after its backoff.
    ///
    /// - Parameter minimum: what a server asked for (Retry-After); the delay is not shorter.
    /// - Returns: the delay.
    @discardableResult
    public func addAfterFailure(_ key: Key, atLeast minimum: Duration = .zero) -> Duration {
        let failures = monitor.change { $0.countFailure(key) }
        let delay = max(backoff.delay(afterFailures: failures, random: random), minimum)
        add(key, after: delay)
        return delay
    }

    /// Forgets the key's failures; its next failure backs off from the start.
    public func forget(_ key: Key) {
        monitor.change { $0.failures[key] = nil }
    }

    /// How often the key has failed since it was last forgotten.
    public func failures(of key: Key) -> Int {
        monitor.read { $0.failures[key] ?? 0 }
    }

    /// The next key, which is the caller's until ``done(_:)``; nil when the queue was shut down and has nothing left.
    ///
    /// - Throws: `CancellationError` when the task is cancelled; no key is lost.
    public func next() async throws -> Key? {
        try await monitor.wait { [clock] state in state.next(now: clock.now) }
    }

    /// Says that the caller has finished with a key from ``next()``.
    public func done(_ key: Key) {
        let lane = lane(key)
        monitor.change { $0.done(key, lane: lane) }
    }

    /// Refuses further adds and drops the delayed ones. Workers get what is queued, then nil.
    ///
    /// - Parameter discardingQueued: drops what is queued too, so that only the work in hand is finished. A
    ///   level-triggered controller loses nothing by it.
    public func shutDown(discardingQueued: Bool = false) {
        monitor.change { $0.shutDown(discardingQueued: discardingQueued) }
    }

    /// Returns when the queue was shut down.
    public func waitUntilShutDown() async throws {
        try await monitor.wait { $0.isShutDown ? () : nil }
    }

    /// Returns when the queue was shut down and the last key was done.
    public func waitUntilDrained() async throws {
        try await monitor.wait { $0.isDrained ? () : nil }
    }

    /// Moves delayed keys to the queue as they become due, until the queue is shut down or the task is cancelled.
    public func run() async throws {
        while true {
            let step = try await monitor.wait { state -> WorkQueueState<Key>.TimerStep? in
                state.isShutDown ? .stop : state.delayed.nextDeadline.map { .sleep(until: $0) }
            }
            guard case .sleep(let deadline) = step else { return }
            _ = try await withDeadline(deadline, clock) { [monitor] in
                // An earlier deadline, or no deadline at all, makes this sleep wrong; a later one does not.
                try await monitor.wait { state -> Void? in
                    guard !state.isShutDown, let next = state.delayed.nextDeadline else { return () }
                    return next < deadline ? () : nil
                }
            }
            monitor.change { [clock, lane] in $0.promote(now: clock.now, lane: lane) }
        }
    }

    /// Numbers for metrics and tests.
    public var statistics: WorkQueueStatistics {
        monitor.read { [clock] in $0.statistics(now: clock.now) }
    }
}

/// What a work queue has in hand and has done. Names follow client-go's metrics.
public struct WorkQueueStatistics: Sendable, Hashable {
    /// Keys that could be handed out now.
    public var depth: Int
    /// Keys that wait for their time.
    public var delayed: Int
    /// Keys that workers have in hand.
    public var inFlight: Int
    /// Adds that were not merged with an earlier one, since the start.
    public var adds: UInt64
    /// Adds after a failure, since the start.
    public var retries: UInt64
    /// How long the longest current piece of work has run; zero when there is none.
    public var longestRunning: Duration
}
