import KubeCore
import Logging
import ServiceLifecycle

/// A store and the reflector that keeps it: the objects of one kind in one scope, shared by whoever needs them.
///
/// Usually made by an ``InformerSet``, which also runs it.
public final class Informer<Object: Sendable>: Service {
    public let store: Store<Object>
    public let scope: WatchScope
    private let reflector: Reflector<Object>

    public init(
        kind: ObjectKind<Object>, client: any ListWatchClient, scope: WatchScope = .everything,
        indexers: [Indexer<Object>] = [], options: ReflectorOptions = ReflectorOptions(), logger: Logger,
        clock: RuntimeClock = .continuous, random: Randomness = .system
    ) {
        store = Store(kind: kind, indexers: indexers)
        self.scope = scope
        reflector = Reflector(
            store: store, client: client, scope: scope, options: options, logger: logger, clock: clock,
            random: random)
    }

    public var type: ResourceType { store.kind.type }

    /// Returns when the first list is in the store.
    public func waitUntilSynced() async throws {
        try await store.waitUntilSynced()
    }

    public func run() async throws {
        try await reflector.run()
    }
}
