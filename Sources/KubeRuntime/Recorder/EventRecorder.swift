import KubeClient
import KubeCore
import Logging
import ServiceLifecycle

/// Tells people what happens to objects, as Events (events.k8s.io/v1) that `kubectl describe` and `kubectl events`
/// show.
///
/// Events are news, not state: ``record(_:)`` never waits and never fails. What the server does not take within a few
/// attempts is dropped, as is what one object has too much of. Repetitions become one event with a count.
public final class EventRecorder: Service {
    private struct State: Sendable {
        var pending = FIFO<EventOccurrence>()
        var dropped: UInt64 = 0
        var isShutDown = false
    }

    private let client: any RequestClient
    private let controller: String
    private let instance: String
    private let limits: EventLimits
    private let clock: RuntimeClock
    private let random: Randomness
    private let wallClock: @Sendable () -> Timestamp
    private let logger: Logger
    private let monitor = Monitor(State())
    private let backoff = Backoff(initial: .milliseconds(500), factor: 2, cap: .seconds(5), jitter: 0.5)
    private let attempts = 4

    /// - Parameters:
    ///   - controller: the name of the program, as `example.com/operator`.
    ///   - instance: this process, as the name of its pod.
    public init(
        client: any RequestClient, controller: String, instance: String, limits: EventLimits = EventLimits(),
        logger: Logger, clock: RuntimeClock = .continuous, random: Randomness = .system,
        wallClock: @escaping @Sendable () -> Timestamp = { .now() }
    ) {
        self.client = client
        self.controller = controller
        self.instance = instance
        self.limits = limits
        self.clock = clock
        self.random = random
        self.wallClock = wallClock
        self.logger = logger
    }

    /// Takes note of an occurrence, to be written soon.
    public func record(_ occurrence: EventOccurrence) {
        monitor.change { [limits] state in
            if state.isShutDown || state.pending.count >= limits.capacity {
                state.dropped &+= 1
            } else {
                state.pending.append(occurrence)
            }
        }
    }

    /// Takes note of an occurrence, to be written soon. See ``EventOccurrence`` for the parameters.
    public func record(
        _ type: EventType = .normal, on regarding: ObjectReference, reason: String, action: String, note: String,
        related: ObjectReference? = nil
    ) {
        record(
            EventOccurrence(
                type: type, regarding: regarding, related: related, reason: reason, action: action, note: note))
    }

    /// Occurrences that were dropped because the server was too slow or the recorder was shut down.
    public var dropped: UInt64 { monitor.read { $0.dropped } }

    /// Writes events until the task is cancelled; on graceful shutdown, until what is pending has been written.
    public func run() async throws {
        do {
            try await withGracefulShutdownHandler {
                try await write()
            } onGracefulShutdown: { [monitor] in
                monitor.change { $0.isShutDown = true }
            }
        } catch is CancellationError {
            monitor.change { $0.isShutDown = true }
        }
    }

    private func write() async throws {
        var aggregator = EventAggregator(limits: limits)
        while true {
            try await waitForWork(until: aggregator.nextFlush)
            while let occurrence = monitor.change({ $0.pending.popFirst() }) {
                let write = aggregator.observe(
                    occurrence, now: clock.now, timestamp: wallClock(), suffix: uniqueSuffix())
                if let write { try await perform(write) }
            }
            for write in aggregator.flush(now: clock.now) { try await perform(write) }
            if monitor.read({ $0.isShutDown && $0.pending.isEmpty }) { return }
        }
    }

    private func waitForWork(until deadline: Duration?) async throws {
        let wait: @Sendable () async throws -> Void = { [monitor] in
            try await monitor.wait { state -> Void? in state.isShutDown || !state.pending.isEmpty ? () : nil }
        }
        if let deadline {
            _ = try await withDeadline(deadline, clock, wait)
        } else {
            try await wait()
        }
    }

    private func perform(_ write: EventAggregator.Write) async throws {
        for attempt in 1...attempts {
            do throws(ClientError) {
                return try await send(write)
            } catch {
                try Task.checkCancellation()
                // Our own create whose answer was lost.
                if error.isAlreadyExists { return }
                let status = error.status?.code ?? 500
                let isWorthwhile = status == 429 || status >= 500
                guard isWorthwhile, attempt < attempts, !monitor.read({ $0.isShutDown }) else {
                    logger.debug("an event was not written", metadata: ["error": "\(error)"])
                    return
                }
                let delay = backoff.delay(afterFailures: attempt, random: random)
                try await clock.sleep(for: max(delay, error.retryAfter ?? .zero))
            }
        }
    }

    private func send(_ write: EventAggregator.Write) async throws(ClientError) {
        let timeout = Duration.seconds(10)
        switch write {
        case .create(let name, let occurrence, let time):
            let event = json(name, occurrence, time, count: nil)
            _ = try await client.answer(
                .create(.eventsV1, namespace: namespace(of: occurrence), event), within: timeout)
        case .count(let name, let occurrence, let count, let time):
            let namespace = namespace(of: occurrence)
            let patch: JSON = ["series": series(count, time)]
            do throws(ClientError) {
                _ = try await client.answer(
                    .patch(.eventsV1, namespace: namespace, name: name, .merge, patch), within: timeout)
            } catch {
                guard error.isNotFound else { throw error }
                // Events live for an hour or so; a series may live longer.
                let event = json(name, occurrence, time, count: count)
                _ = try await client.answer(.create(.eventsV1, namespace: namespace, event), within: timeout)
            }
        }
    }

    /// Events about objects of the cluster live in `default`.
    private func namespace(of occurrence: EventOccurrence) -> String {
        occurrence.regarding.namespace ?? "default"
    }

    private func json(_ name: String, _ occurrence: EventOccurrence, _ time: Timestamp, count: Int64?) -> JSON {
        var event: JSON = [
            "apiVersion": .string(ResourceType.eventsV1.apiVersion),
            "kind": .string(ResourceType.eventsV1.kind),
            "metadata": ["name": .string(name), "namespace": .string(namespace(of: occurrence))],
            "eventTime": .string(time.rfc3339Micro),
            "reportingController": .string(controller),
            "reportingInstance": .string(instance),
            "type": .string(occurrence.type.rawValue),
            "reason": .string(occurrence.reason),
            "action": .string(occurrence.action),
            "note": .string(occurrence.note),
            "regarding": occurrence.regarding.json,
        ]
        event["related"] = occurrence.related?.json
        if let count { event["series"] = series(count, time) }
        return event
    }

    private func series(_ count: Int64, _ time: Timestamp) -> JSON {
        ["count": .int(count), "lastObservedTime": .string(time.rfc3339Micro)]
    }

    private func uniqueSuffix() -> String {
        let time = UInt64(clamping: wallClock().seconds)
        return String(time, radix: 16) + String(UInt64(random.next() * 0x1p48), radix: 16)
    }
}
