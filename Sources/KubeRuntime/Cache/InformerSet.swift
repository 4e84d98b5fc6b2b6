import KubeCore
import Logging
import ServiceLifecycle
import Synchronization

/// The informers of a process: one per kind and scope, however many controllers ask for it.
///
/// Informers can be asked for before and while the set runs. In a service group, list the set before the controllers:
/// groups shut down in reverse order, so controllers drain while their caches are still fed.
public final class InformerSet: Service {
    private struct Identity: Hashable, Sendable {
        let type: ResourceType
        let scope: WatchScope
        let object: ObjectIdentifier
    }

    private struct State: Sendable {
        var informers: [Identity: any ErasedInformer] = [:]
        /// In the order in which they were asked for.
        var order: [any ErasedInformer] = []
    }

    private let client: any ListWatchClient
    private let options: ReflectorOptions
    private let logger: Logger
    private let clock: RuntimeClock
    private let random: Randomness
    private let monitor = Monitor(State())

    public init(
        client: any ListWatchClient, options: ReflectorOptions = ReflectorOptions(), logger: Logger,
        clock: RuntimeClock = .continuous, random: Randomness = .system
    ) {
        self.client = client
        self.options = options
        self.logger = logger
        self.clock = clock
        self.random = random
    }

    /// The informer of a typed kind. Indexers are added to it if it lacks them.
    public func informer<Object: KubeObject>(
        for object: Object.Type, scope: WatchScope = .everything, indexers: [Indexer<Object>] = []
    ) -> Informer<Object> {
        informer(for: .typed(object), scope: scope, indexers: indexers)
    }

    /// The informer of a kind as dynamic objects. Indexers are added to it if it lacks them.
    public func informer(
        for type: ResourceType, scope: WatchScope = .everything, indexers: [Indexer<DynamicObject>] = []
    ) -> Informer<DynamicObject> {
        informer(for: .dynamic(type), scope: scope, indexers: indexers)
    }

    /// The informer of a kind that is read in a way of its own. Two kinds with one resource type, scope and Swift type
    /// are taken for the same.
    public func informer<Object: Sendable>(
        for kind: ObjectKind<Object>, scope: WatchScope = .everything, indexers: [Indexer<Object>] = []
    ) -> Informer<Object> {
        let identity = Identity(type: kind.type, scope: scope, object: ObjectIdentifier(Object.self))
        let informer = monitor.change { [self] state -> Informer<Object> in
            if let known = state.informers[identity] as? Informer<Object> { return known }
            let new = Informer(
                kind: kind, client: client, scope: scope, indexers: indexers, options: options, logger: logger,
                clock: clock, random: random)
            state.informers[identity] = new
            state.order.append(new)
            return new
        }
        for indexer in indexers { informer.store.addIndexer(indexer) }
        return informer
    }

    /// Returns when every informer that was asked for until now has its first list.
    public func waitUntilSynced() async throws {
        for informer in monitor.read({ $0.order }) { try await informer.waitUntilSynced() }
    }

    /// Runs the informers until the task is cancelled or shut down.
    public func run() async throws {
        do {
            try await cancelWhenGracefulShutdown {
                try await withThrowingDiscardingTaskGroup { group in
                    for started in 0... {
                        let informer = try await self.monitor.wait { state in
                            state.order.indices.contains(started) ? state.order[started] : nil
                        }
                        group.addTask { try await informer.run() }
                    }
                }
            }
        } catch is CancellationError {
            logger.debug("informers ended")
        }
    }
}

private protocol ErasedInformer: Sendable {
    func waitUntilSynced() async throws
    func run() async throws
}

extension Informer: ErasedInformer {}
