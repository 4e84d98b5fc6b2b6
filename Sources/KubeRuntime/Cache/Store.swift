import KubeCore
import Synchronization

/// The objects of one kind as the API server last said they are.
///
/// One reflector writes through a ``StoreWriter``; any number of tasks read. A read takes a reference under a lock that
/// is held for no longer than that, and works on its own immutable snapshot: readers do not block the writer, nor one
/// another.
///
/// The store is a cache and may be behind: before acting on the absence of something that this program wrote, wait with
/// ``waitUntilSeen(resourceVersion:)``; before anything irreversible, read from the server.
public final class Store<Object: Sendable>: Sendable {
    public typealias Handler = @Sendable (ObjectChange<Object>) -> Void

    struct State: Sendable {
        var contents: StoreContents<Object>
        /// What the server's state was when the contents were the same; nil before the first list.
        var resourceVersion: String?
    }

    private struct Subscribers: Sendable {
        var handlers: [(id: UInt64, handler: Handler)] = []
        var nextID: UInt64 = 0
    }

    public let kind: ObjectKind<Object>
    private let monitor: Monitor<State>
    /// Held while contents change and handlers are told, so that each handler sees all changes in order, from the
    /// moment at which it subscribed. Reads do not take it.
    private let subscribers = Mutex(Subscribers())

    public init(kind: ObjectKind<Object>, indexers: [Indexer<Object>] = []) {
        self.kind = kind
        var contents = StoreContents<Object>(metadata: kind.metadata)
        for indexer in indexers { contents.add(indexer) }
        monitor = Monitor(State(contents: contents))
    }

    // MARK: Reading

    public func get(_ key: ObjectKey) -> Object? {
        monitor.read { $0.contents.objects[key] }?.object
    }

    public func get(_ name: String, namespace: String? = nil) -> Object? {
        get(ObjectKey(namespace: namespace, name: name))
    }

    /// All objects at one moment.
    public var snapshot: StoreSnapshot<Object> {
        StoreSnapshot(contents: monitor.read { $0.contents })
    }

    /// All objects, in no order; those of one namespace when it is given.
    public func list(namespace: String? = nil) -> [Object] {
        snapshot.list(namespace: namespace)
    }

    /// The objects under a value of an index, in no order. None when there is no such index.
    public func objects(index: String, value: String) -> [Object] {
        snapshot.objects(index: index, value: value)
    }

    /// The objects that name this UID as an owner. Needs ``Indexer/ownerUID``.
    public func objects(ownedBy uid: String) -> [Object] {
        objects(index: IndexName.ownerUID, value: uid)
    }

    public var count: Int { monitor.read { $0.contents.objects.count } }

    /// Objects that exist but cannot be read as what this program takes the kind to be, with the reason. Their last
    /// readable version, if there was one, is still served.
    public var quarantined: [ObjectKey: String] { monitor.read { $0.contents.quarantined } }

    /// Adds an index over what is there and what will come; one of the same name is kept.
    public func addIndexer(_ indexer: Indexer<Object>) {
        monitor.change { $0.contents.add(indexer) }
    }

    // MARK: Waiting

    /// The server's state that the store has reached; nil before the first list.
    public var resourceVersion: String? { monitor.read { $0.resourceVersion } }

    public var isSynced: Bool { resourceVersion != nil }

    /// Returns when the first list is in the store and all handlers have been told of it.
    public func waitUntilSynced() async throws {
        try await monitor.wait { state -> Void? in state.resourceVersion == nil ? nil : () }
    }

    /// Returns when the store is at least as new as `resourceVersion`, which an own write to this kind returned, and
    /// all handlers have been told.
    ///
    /// The write must be one that the informer's selectors can see; otherwise only a bookmark (about one a minute) ends
    /// the wait. Anything that is not an integer cannot be compared, and is waited for by nobody.
    public func waitUntilSeen(resourceVersion: String) async throws {
        guard let wanted = UInt64(resourceVersion) else { return }
        try await monitor.wait { state -> Void? in
            guard let reached = state.resourceVersion.flatMap({ UInt64($0) }) else { return nil }
            return reached >= wanted ? () : nil
        }
    }

    // MARK: Changes

    /// Calls `handler` with each object that is there, as an addition, and then with each change, in order.
    ///
    /// Handlers run one at a time in the writer's task and hold it up: they must be quick, such as adding a key to a
    /// work queue. They may read the store, and must not write to it or subscribe.
    public func subscribe(_ handler: @escaping Handler) -> StoreSubscription {
        let id = subscribers.withLock { subscribers in
            subscribers.nextID += 1
            subscribers.handlers.append((subscribers.nextID, handler))
            monitor.read { $0.contents.objects }.forEach { key, stored in
                handler(ObjectChange(kind: .added, key: key, object: stored.object, isInitial: true))
            }
            return subscribers.nextID
        }
        return StoreSubscription { [weak self] in
            self?.subscribers.withLock { subscribers in
                subscribers.handlers.removeAll { $0.id == id }
            }
        }
    }

    /// Changes the contents, tells the handlers, and only then lets the waiters know.
    ///
    /// - Parameter isWhole: the contents are complete from now on.
    func write(
        reaching version: String, isWhole: Bool = false,
        _ body: @Sendable (inout StoreContents<Object>, _ isSynced: Bool) -> [ObjectChange<Object>]
    ) {
        subscribers.withLock { subscribers in
            let changes = monitor.change { body(&$0.contents, $0.resourceVersion != nil) }
            for change in changes {
                for subscriber in subscribers.handlers { subscriber.handler(change) }
            }
            monitor.change { state in
                // An event says how new the store is only once there is a whole list below it.
                if isWhole || state.resourceVersion != nil { state.resourceVersion = version }
            }
        }
    }
}

/// Ends a subscription when told to. Letting go of it does not.
public struct StoreSubscription: Sendable {
    private let end: @Sendable () -> Void

    init(_ end: @escaping @Sendable () -> Void) {
        self.end = end
    }

    /// No handler is called any more once this has returned.
    public func cancel() { end() }
}

/// The objects of a store at one moment: reads of one snapshot agree with one another.
public struct StoreSnapshot<Object: Sendable>: Sendable {
    let contents: StoreContents<Object>

    public func get(_ key: ObjectKey) -> Object? { contents.objects[key]?.object }

    public func list(namespace: String? = nil) -> [Object] {
        guard let namespace else { return contents.objects.values.map(\.object) }
        return contents.objects.values.filter { $0.key.namespace == namespace }.map(\.object)
    }

    public var keys: [ObjectKey] { contents.objects.keys }

    public func objects(index: String, value: String) -> [Object] {
        contents.bucket(index: index, value: value)?.values.map(\.object) ?? []
    }

    public var count: Int { contents.objects.count }
}

/// The writing side of a store: what a reflector, or a test in its place, has.
public struct StoreWriter<Object: Sendable>: Sendable {
    private let store: Store<Object>

    public init(_ store: Store<Object>) {
        self.store = store
    }

    /// Makes `items` the whole contents, at this state of the server.
    public func replace(_ items: [WatchedObject<Object>], resourceVersion: String) {
        store.write(reaching: resourceVersion, isWhole: true) { contents, isSynced in
            contents.replace(items, isInitial: !isSynced)
        }
    }

    /// Adds or changes an object. An event that is older than what the store has changes nothing.
    ///
    /// - Parameter version: the state that the store reaches with it; by default the object's own.
    public func upsert(_ item: WatchedObject<Object>, reaching version: String? = nil) {
        store.write(reaching: version ?? item.resourceVersion) { contents, _ in contents.upsert(item) }
    }

    /// Removes an object. `item` is its last state, with the resourceVersion of the deletion.
    public func delete(_ item: WatchedObject<Object>, reaching version: String? = nil) {
        store.write(reaching: version ?? item.resourceVersion) { contents, _ in contents.delete(item) }
    }

    /// Says that the store is as new as this although nothing changed.
    public func progress(resourceVersion: String) {
        store.write(reaching: resourceVersion) { _, _ in [] }
    }
}
