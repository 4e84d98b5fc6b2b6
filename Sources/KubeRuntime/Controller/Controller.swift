import KubeClient
import KubeCore
import Logging
import ServiceLifecycle

/// Brings the world to what objects say: calls `reconcile` with the key of each object that something has happened to.
///
/// Guarantees:
/// - Level-triggered: `reconcile` gets a key, not an event; several changes may lead to one call. It has to read what
///   is there now, and to do nothing when all is well.
/// - No key is reconciled by two workers at once.
/// - Nothing is reconciled before the caches of all sources have their first list.
/// - An error brings the key back with exponential backoff and jitter, or after what the server asked for; a
///   ``TerminalError`` only when a source brings the key again.
/// - On graceful shutdown nothing new is begun, and calls in hand may finish within the drain timeout; then they are
///   cancelled. On cancellation they are cancelled at once.
///
/// Assumptions: the informers run elsewhere (``InformerSet``) and outlive the controller; `reconcile` is idempotent.
public final class Controller: Service {
    public typealias Reconcile = @Sendable (ObjectKey) async throws -> ReconcileResult

    /// Numbers that shape the behaviour.
    public struct Options: Sendable, Hashable {
        /// How many keys are worked on at once.
        public var workers: Int
        /// Between failures of one key.
        public var backoff: Backoff
        /// How long calls in hand may take on graceful shutdown.
        public var drainTimeout: Duration

        public init(workers: Int = 4, backoff: Backoff = .workQueue, drainTimeout: Duration = .seconds(30)) {
            self.workers = max(workers, 1)
            self.backoff = backoff
            self.drainTimeout = drainTimeout
        }
    }

    public let name: String
    private let sources: [ControllerSource]
    private let options: Options
    private let queue: WorkQueue<ObjectKey>
    private let clock: RuntimeClock
    private let logger: Logger
    private let reconcile: Reconcile

    /// - Parameters:
    ///   - name: for logs and metrics, `engine`.
    ///   - sources: what is watched; usually a `.primary` and the kinds it owns.
    public init(
        name: String, sources: [ControllerSource], options: Options = Options(), logger: Logger,
        clock: RuntimeClock = .continuous, random: Randomness = .system, reconcile: @escaping Reconcile
    ) {
        self.name = name
        self.sources = sources
        self.options = options
        self.clock = clock
        self.reconcile = reconcile
        var logger = logger
        logger[metadataKey: "controller"] = "\(name)"
        self.logger = logger
        queue = WorkQueue(
            name: name, backoff: options.backoff, clock: clock, random: random, lane: { $0.namespace ?? "" })
    }

    /// Asks for a reconciliation from outside of the sources.
    public func enqueue(_ key: ObjectKey, after delay: Duration = .zero, priority: QueuePriority = .normal) {
        queue.add(key, after: delay, priority: priority)
    }

    /// Numbers for metrics.
    public var queueStatistics: WorkQueueStatistics { queue.statistics }

    /// Works until the task is cancelled or the service group shuts down.
    public func run() async throws {
        do {
            try await withGracefulShutdownHandler {
                try await work()
            } onGracefulShutdown: { [queue, logger] in
                logger.debug("draining")
                queue.shutDown(discardingQueued: true)
            }
        } catch is CancellationError {
            queue.shutDown(discardingQueued: true)
            logger.debug("controller cancelled")
        }
    }

    private func work() async throws {
        // Subscribing before the first list is in lets the additions come from the list itself.
        let subscriptions = sources.map { source in
            source.subscribe { [queue] key, priority in queue.add(key, priority: priority) }
        }
        defer { for subscription in subscriptions { subscription.cancel() } }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.drainWatch() }
            group.addTask { try await self.syncAndWork() }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    /// Returns when the drain timeout is over, which cancels the workers.
    private func drainWatch() async throws {
        try await queue.waitUntilShutDown()
        try await clock.sleep(for: options.drainTimeout)
        logger.warning(
            "reconciliations did not end within the drain timeout and are cancelled",
            metadata: ["inFlight": "\(queue.statistics.inFlight)"])
    }

    private func syncAndWork() async throws {
        let isSynced = try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                for source in self.sources { try await source.waitUntilSynced() }
                return true
            }
            group.addTask {
                try await self.queue.waitUntilShutDown()
                return false
            }
            defer { group.cancelAll() }
            return try await group.next() ?? false
        }
        guard isSynced else { return }
        logger.debug("caches are synced", metadata: ["workers": "\(options.workers)"])
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.queue.run() }
            for _ in 0..<options.workers {
                group.addTask { try await self.workLoop() }
            }
            try await group.waitForAll()
        }
    }

    private func workLoop() async throws {
        while let key = try await queue.next() {
            await process(key)
            queue.done(key)
        }
    }

    private func process(_ key: ObjectKey) async {
        var logger = logger
        logger[metadataKey: "object"] = "\(key)"
        let began = clock.now
        do {
            let result = try await reconcile(key)
            queue.forget(key)
            if case .requeue(let delay) = result { queue.add(key, after: delay) }
            logger.trace("reconciled", metadata: ["seconds": "\(clock.now - began)"])
        } catch let error as TerminalError {
            queue.forget(key)
            logger.error("reconciliation failed until the object changes", metadata: ["error": "\(error)"])
        } catch {
            if Task.isCancelled { return }
            retry(key, after: error, logger)
        }
    }

    private func retry(_ key: ObjectKey, after error: any Error, _ logger: Logger) {
        let client = error as? ClientError
        let status = client?.status ?? error as? Status
        let asked = client?.retryAfter ?? status?.details?.retryAfterSeconds.map { .seconds($0) }
        let delay = queue.addAfterFailure(key, atLeast: asked ?? .zero)
        // Somebody else wrote first: the normal course of things, which another look settles.
        let level: Logger.Level = status?.reason == .conflict ? .debug : .warning
        logger.log(
            level: level, "reconciliation failed",
            metadata: [
                "error": "\(error)", "failures": "\(queue.failures(of: key))", "retryIn": "\(delay)",
            ])
    }
}
