import Synchronization

/// The versioned store under the API server.
///
/// One counter orders all writes of all kinds (the resourceVersion). A write names the state it replaces and fails when
/// another came first. Reads and watches see published states only; with a `StorePersistence` a write is published, and
/// acknowledged, after it is on disk. Writes that arrive together share one disk commit.
///
/// Watches pull: a reader keeps a revision and asks for what came after it, so a slow reader costs no memory. When
/// the history no longer reaches back to its revision it is told that it expired.
package final class ObjectStore: Sendable {
    /// Why a write was refused.
    package enum WriteError: Error {
        /// Another write came first; the state it left, or nil when the object is gone.
        case conflict(current: StoredObject?)
        /// The disk refused it.
        case storage(String)
    }

    package enum Events: Sendable {
        /// The next changes, and the revision up to which the reader has now seen everything of the kind.
        case changes([StoreEvent], upTo: UInt64)
        /// The history starts after the reader's revision.
        case expired(current: UInt64)
        /// The store was closed.
        case closed
    }

    package enum Snapshot: Sendable {
        case objects([StoredObject], revision: UInt64)
        case expired(current: UInt64)
        /// The revision asked for is yet to come.
        case future(current: UInt64)
    }

    struct Pending {
        let resource: GroupResource
        let path: String
        let event: StoreEvent
        let done: CheckedContinuation<String?, Never>
    }

    struct Ahead {
        let revision: UInt64
        let object: StoredObject?
    }

    struct State {
        var revision: UInt64
        /// The last revision readers may see; behind `revision` while a disk commit is under way.
        var published: UInt64
        var tables: [GroupResource: StoreTable] = [:]
        /// Accepted writes waiting for the disk, and the state each object will have after them.
        var queue: [Pending] = []
        var ahead: [GroupResource: [String: Ahead]] = [:]
        var persisting = false
        var closed = false
        let startFloor: UInt64
    }

    private let state: Mutex<State>
    private let limits: HistoryLimits
    private let persistence: (any StorePersistence)?

    /// Opens an empty store, or what `persistence` kept.
    package init(limits: HistoryLimits = HistoryLimits(), persistence: (any StorePersistence)? = nil) throws {
        self.limits = limits
        self.persistence = persistence
        // Revision 1 is always older than the history: a client may use it to ask for the distant past.
        var start: UInt64 = 2
        var tables: [GroupResource: StoreTable] = [:]
        if let persistence {
            let loaded = try persistence.load()
            start = max(start, loaded.revision)
            for (resource, objects) in loaded.objects {
                tables[resource] = StoreTable(floor: start, loaded: objects)
            }
        }
        state = Mutex(State(revision: start, published: start, tables: tables, startFloor: start))
    }

    // MARK: Reading

    /// The revision of the last published write.
    package var revision: UInt64 { state.withLock { $0.published } }

    package func get(_ resource: GroupResource, _ key: ObjectKey) -> StoredObject? {
        state.withLock { $0.tables[resource]?.object(at: key.path) }
    }

    package func count(_ resource: GroupResource) -> Int {
        state.withLock { $0.tables[resource]?.objects.count ?? 0 }
    }

    /// All objects of a kind in key order, now or as of a past revision.
    package func snapshot(_ resource: GroupResource, at revision: UInt64? = nil) -> Snapshot {
        state.withLock { state in
            guard let revision, revision != state.published else {
                return .objects(state.tables[resource]?.objects ?? [], revision: state.published)
            }
            if revision > state.published { return .future(current: state.published) }
            guard let table = state.tables[resource] else {
                return revision < state.startFloor
                    ? .expired(current: state.published) : .objects([], revision: revision)
            }
            if revision < table.floor { return .expired(current: state.published) }
            return .objects(table.objects(at: revision), revision: revision)
        }
    }

    // MARK: Watching

    /// Changes of a kind after `revision`, at most `limit`.
    package func events(_ resource: GroupResource, after revision: UInt64, limit: Int = 256) -> Events {
        state.withLock { state in
            if state.closed { return .closed }
            guard let table = state.tables[resource] else {
                return revision < state.startFloor
                    ? .expired(current: state.published) : .changes([], upTo: max(revision, state.published))
            }
            if revision < table.floor { return .expired(current: state.published) }
            let events = table.events(after: revision, limit: limit)
            if events.count == limit, let last = events.last { return .changes(Array(events), upTo: last.revision) }
            return .changes(Array(events), upTo: max(revision, state.published))
        }
    }

    /// Has the waker called after every change of the kind, until `unregister`.
    package func register(_ waker: Waker, for resource: GroupResource) {
        state.withLock { state in
            let floor = state.startFloor
            state.tables[resource, default: StoreTable(floor: floor)].wakers[ObjectIdentifier(waker)] = waker
        }
    }

    package func unregister(_ waker: Waker, for resource: GroupResource) {
        state.withLock { state in
            _ = state.tables[resource]?.wakers.removeValue(forKey: ObjectIdentifier(waker))
        }
    }

    /// How many watches are registered, over all kinds.
    package var watcherCount: Int {
        state.withLock { state in state.tables.values.reduce(0) { $0 + $1.wakers.count } }
    }

    package var isClosed: Bool { state.withLock { $0.closed } }

    /// Ends all watches. Writes fail from now on.
    package func close() {
        let wakers = state.withLock { state in
            state.closed = true
            return state.tables.values.flatMap { Array($0.wakers.values) }
        }
        for waker in wakers { waker.wake() }
    }

    // MARK: Writing

    /// Writes an object over the state `replacing`, or creates it when that is nil.
    package func put(
        _ resource: GroupResource, _ key: ObjectKey, _ encoded: EncodedObject, attributes: ObjectAttributes,
        replacing: StoredObject?
    ) async throws(WriteError) -> StoredObject {
        let event = try await write(resource, path: key.path, replacing: replacing) { revision in
            StoredObject(key: key, revision: revision, encoded: encoded, attributes: attributes)
        }
        guard let object = event.object else { throw .storage("the write of \(resource) \(key.path) left no object") }
        return object
    }

    /// Removes the object whose state is `replacing` and returns the revision of the deletion.
    package func delete(_ resource: GroupResource, replacing: StoredObject) async throws(WriteError) -> UInt64 {
        try await write(resource, path: replacing.path, replacing: replacing) { _ in nil }.revision
    }

    private func write(
        _ resource: GroupResource, path: String, replacing: StoredObject?, make: (UInt64) -> StoredObject?
    ) async throws(WriteError) -> StoreEvent {
        enum Outcome {
            case done(StoreEvent, [Waker])
            case conflict(StoredObject?)
            case refused(String)
        }
        func accept(_ state: inout State) -> Outcome {
            if state.closed { return .refused("the cluster is stopping") }
            let current: StoredObject?
            if let coming = state.ahead[resource]?[path] {
                current = coming.object
            } else {
                current = state.tables[resource]?.object(at: path)
            }
            guard current?.revision == replacing?.revision else { return .conflict(current) }
            state.revision += 1
            let event = StoreEvent(revision: state.revision, object: make(state.revision), previous: current)
            return .done(event, [])
        }

        guard let persistence else {
            let outcome = state.withLock { state -> Outcome in
                let outcome = accept(&state)
                guard case .done(let event, _) = outcome else { return outcome }
                return .done(event, publish(&state, resource, path, event))
            }
            switch outcome {
            case .done(let event, let wakers):
                for waker in wakers { waker.wake() }
                return event
            case .conflict(let current): throw .conflict(current: current)
            case .refused(let why): throw .storage(why)
            }
        }

        // The result of the check leaves the continuation's closure through this box.
        let result = Mutex<Outcome?>(nil)
        let failure = await withCheckedContinuation { (done: CheckedContinuation<String?, Never>) in
            let (ready, start) = state.withLock { state -> (Bool, Bool) in
                let outcome = accept(&state)
                result.withLock { $0 = outcome }
                guard case .done(let event, _) = outcome else { return (true, false) }
                state.ahead[resource, default: [:]][path] = Ahead(revision: event.revision, object: event.object)
                state.queue.append(Pending(resource: resource, path: path, event: event, done: done))
                let start = !state.persisting
                state.persisting = true
                return (false, start)
            }
            if ready { done.resume(returning: nil) }
            if start { persistence.schedule { self.persistQueue(persistence) } }
        }
        if let failure { throw .storage(failure) }
        switch result.withLock({ $0 }) {
        case .done(let event, _): return event
        case .conflict(let current): throw .conflict(current: current)
        case .refused(let why): throw .storage(why)
        case nil: throw .storage("the write was lost")
        }
    }

    /// Makes an event visible to readers; returns whom to wake.
    private func publish(
        _ state: inout State, _ resource: GroupResource, _ path: String, _ event: StoreEvent
    ) -> [Waker] {
        let floor = state.startFloor
        state.tables[resource, default: StoreTable(floor: floor)].apply(path: path, event, limits: limits)
        state.published = event.revision
        return state.tables[resource].map { Array($0.wakers.values) } ?? []
    }

    /// Commits what is queued, again and again until nothing is. Runs on the persistence's own queue.
    private func persistQueue(_ persistence: any StorePersistence) {
        while true {
            let batch = state.withLock { state -> [Pending] in
                let batch = state.queue
                state.queue = []
                if batch.isEmpty { state.persisting = false }
                return batch
            }
            if batch.isEmpty { return }
            var failure: String?
            do {
                try persistence.commit(batch.map { ($0.resource, $0.path, $0.event) })
            } catch {
                failure = "the write could not be stored: \(error)"
            }
            let (wakers, refused) = state.withLock { state -> ([ObjectIdentifier: Waker], [Pending]) in
                var wakers: [ObjectIdentifier: Waker] = [:]
                if failure == nil {
                    for pending in batch {
                        for waker in publish(&state, pending.resource, pending.path, pending.event) {
                            wakers[ObjectIdentifier(waker)] = waker
                        }
                        // Later writes of the same object that are still queued stay ahead.
                        if state.ahead[pending.resource]?[pending.path]?.revision == pending.event.revision {
                            state.ahead[pending.resource]?.removeValue(forKey: pending.path)
                        }
                    }
                    return (wakers, [])
                }
                // What was accepted on top of a failed write fails with it.
                let refused = state.queue
                state.queue = []
                state.ahead = [:]
                return (wakers, refused)
            }
            for pending in batch + refused { pending.done.resume(returning: failure) }
            for waker in wakers.values { waker.wake() }
        }
    }

    // MARK: Kinds

    /// Recomputes what selectors look at for all objects of a kind.
    package func reindex(_ resource: GroupResource, _ attributes: (StoredObject) -> ObjectAttributes) {
        state.withLock { state in state.tables[resource]?.replaceAttributes(attributes) }
    }
}
