import KubeClient
import KubeCore
import Logging
import ServiceLifecycle

/// Keeps a store equal to what the API server has: performs what ``ReflectorMachine`` decides.
///
/// It runs until its task is cancelled or its service group shuts down. No error of the server or the line ends it;
/// such errors are logged, and the store stays as it was meanwhile.
public actor Reflector<Object: Sendable>: Service {
    private typealias Machine = ReflectorMachine<WatchedObject<Object>>

    private let kind: ObjectKind<Object>
    private let scope: WatchScope
    private let writer: StoreWriter<Object>
    private let client: any ListWatchClient
    private let options: ReflectorOptions
    private let clock: RuntimeClock
    private let logger: Logger
    private var machine: Machine
    private var lastSignOfLife: Duration = .zero

    public init(
        store: Store<Object>, client: any ListWatchClient, scope: WatchScope = .everything,
        options: ReflectorOptions = ReflectorOptions(), logger: Logger, clock: RuntimeClock = .continuous,
        random: Randomness = .system
    ) {
        kind = store.kind
        writer = StoreWriter(store)
        self.client = client
        self.scope = scope
        self.options = options
        self.clock = clock
        var logger = logger
        logger[metadataKey: "resource"] = "\(store.kind.type.qualifiedName)"
        self.logger = logger
        machine = Machine(options: options, random: random)
    }

    /// Lists and watches until the task is cancelled or shut down. To be called once.
    public func run() async throws {
        do {
            try await cancelWhenGracefulShutdown { try await self.reflect() }
        } catch is CancellationError {
            logger.debug("reflector ended")
        }
    }

    private func reflect() async throws {
        var effect = perform(machine.step(.start))
        while let current = effect {
            try Task.checkCancellation()
            switch current {
            case .list(let request):
                let input = try await list(request)
                effect = perform(machine.step(input))
            case .watch(let request):
                effect = try await watch(request)
            case .wait(let duration):
                try await clock.sleep(for: duration)
                effect = perform(machine.step(.waited))
            }
        }
    }

    /// What takes time and leads to an input.
    private enum Effect: Sendable {
        case list(ListRequest)
        case watch(WatchRequest)
        case wait(Duration)
    }

    /// Does what can be done at once; returns what takes time.
    private func perform(_ actions: [Machine.Action]) -> Effect? {
        var effect: Effect?
        for action in actions {
            switch action {
            case .list(let request): effect = .list(request)
            case .watch(let request): effect = .watch(request)
            case .wait(let duration): effect = .wait(duration)
            case .replace(let items, let version):
                reportUndecodable(items)
                writer.replace(items, resourceVersion: version)
                logger.debug("listed", metadata: ["count": "\(items.count)", "resourceVersion": "\(version)"])
            case .upsert(let item):
                reportUndecodable([item])
                writer.upsert(item, reaching: machine.resourceVersion)
            case .delete(let item): writer.delete(item, reaching: machine.resourceVersion)
            case .progress(let version): writer.progress(resourceVersion: version)
            case .report(let failure, let consecutive): report(failure, consecutive)
            }
        }
        return effect
    }

    private func report(_ failure: WatchFailure, _ consecutive: Int) {
        // A watch that has to be opened again now and then is the normal course of things.
        let level: Logger.Level = consecutive == 1 && failure.kind != .refused ? .info : .warning
        logger.log(
            level: level, "\(failure.message)",
            metadata: ["kind": "\(failure.kind)", "consecutiveFailures": "\(consecutive)"])
    }

    private func reportUndecodable(_ items: [WatchedObject<Object>]) {
        for item in items {
            guard case .undecodable(let reason) = item.content else { continue }
            logger.error(
                "an object cannot be read and is left out until it changes",
                metadata: ["object": "\(item.key)", "reason": "\(reason)"])
        }
    }

    // MARK: Requests

    private func list(_ request: ListRequest) async throws -> Machine.Input {
        do throws(ClientError) {
            let page = try await client.listPage(kind.type, scope: scope, request: request)
            return .page(
                Machine.Page(
                    items: (page.items + page.undecodable.map(\.object)).compactMap { kind.read($0.json) },
                    resourceVersion: page.resourceVersion, continueToken: page.continueToken))
        } catch {
            try Task.checkCancellation()
            return .failed(WatchFailure(error, operation: "list", isStreamingList: false, wasOpen: false))
        }
    }

    /// Watches until the machine wants something else. The watch is closed when this returns.
    private func watch(_ request: WatchRequest) async throws -> Effect? {
        lastSignOfLife = clock.now
        return try await withThrowingTaskGroup(of: Effect?.self) { group in
            group.addTask { try await self.consume(request) }
            group.addTask { try await self.waitUntilIdle() }
            defer { group.cancelAll() }
            // Whoever stepped the machine last has the effect; the other one, if it got that far, has nil.
            for try await case let effect? in group { return effect }
            return nil
        }
    }

    private func consume(_ request: WatchRequest) async throws -> Effect? {
        var isOpen = false
        do throws(ClientError) {
            let events = try await client.watchEvents(kind.type, scope: scope, request: request)
            isOpen = true
            for try await event in events {
                lastSignOfLife = clock.now
                guard let input = input(event, request) else { continue }
                if let effect = perform(machine.step(input)) { return effect }
            }
        } catch {
            try Task.checkCancellation()
            let failure = WatchFailure(
                error, operation: "watch", isStreamingList: request.sendInitialEvents, wasOpen: isOpen)
            return perform(machine.step(.failed(failure)))
        }
        try Task.checkCancellation()
        return perform(machine.step(.ended))
    }

    /// A stopped server whose kernel still acknowledges is noticed by nothing of TCP's, hence this watchdog.
    private func waitUntilIdle() async throws -> Effect? {
        while clock.now < lastSignOfLife + options.idleTimeout {
            try await clock.sleep(until: lastSignOfLife + options.idleTimeout)
        }
        let failure = WatchFailure(
            .disconnected,
            "watch: not even a bookmark for \(options.idleTimeout); connecting again")
        return perform(machine.step(.failed(failure)))
    }

    private func input(_ event: WatchEvent<DynamicObject>, _ request: WatchRequest) -> Machine.Input? {
        switch event {
        case .added(let object), .modified(let object):
            return item(object).map { .changed($0) }
        case .deleted(let object):
            return item(object).map { .deleted($0) }
        case .bookmark(let version, let isInitialEventsEnd):
            return .bookmark(resourceVersion: version, endOfInitialEvents: isInitialEventsEnd)
        case .error(let status):
            return .failed(WatchFailure(status, operation: "watch", isStreamingList: request.sendInitialEvents))
        case .undecodable(let type, let undecodable):
            return item(undecodable.object).map { type == .deleted ? .deleted($0) : .changed($0) }
        }
    }

    private func item(_ object: DynamicObject) -> WatchedObject<Object>? {
        let item = kind.read(object.json)
        if item == nil { logger.error("an object without a name in its metadata was passed over") }
        return item
    }
}
