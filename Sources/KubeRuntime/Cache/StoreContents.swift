import KubeCore

/// One object in a store. A class, so that copies of the maps that hold it copy references.
final class StoredObject<Object: Sendable>: Sendable {
    let key: ObjectKey
    let uid: String?
    let resourceVersion: String
    let object: Object

    init(key: ObjectKey, uid: String?, resourceVersion: String, object: Object) {
        self.key = key
        self.uid = uid
        self.resourceVersion = resourceVersion
        self.object = object
    }

    /// Whether `version` is certainly not newer than this object. Resource versions are comparable integers since
    /// Kubernetes 1.35; before, everybody relied on it too. Anything else is taken for newer.
    func isAtLeast(_ version: String) -> Bool {
        if version == resourceVersion { return !version.isEmpty }
        guard let own = UInt64(resourceVersion), let other = UInt64(version) else { return false }
        return other <= own
    }
}

/// The objects of a store and their indexes, as a value.
struct StoreContents<Object: Sendable>: Sendable {
    typealias Bucket = ShardedMap<ObjectKey, StoredObject<Object>>

    private(set) var objects = Bucket()
    /// Why an object cannot be read. The last version that could be read, if any, stays in `objects`.
    private(set) var quarantined: [ObjectKey: String] = [:]
    private var indexers: [Indexer<Object>] = []
    private var indexes: [String: ShardedMap<String, Bucket>] = [:]
    private let metadata: @Sendable (Object) -> ObjectMeta

    init(metadata: @escaping @Sendable (Object) -> ObjectMeta) {
        self.metadata = metadata
    }

    /// The objects under a value of an index; nil when there is no such index.
    func bucket(index: String, value: String) -> Bucket? {
        guard let index = indexes[index] else { return nil }
        return index[value] ?? Bucket()
    }

    /// Adds an index over what is there. An index of that name stays as it is.
    mutating func add(_ indexer: Indexer<Object>) {
        guard indexes[indexer.name] == nil else { return }
        indexers.append(indexer)
        indexes[indexer.name] = ShardedMap()
        objects.forEach { _, stored in
            insert(stored, into: indexer, metadata(stored.object))
        }
    }

    /// Makes `items` the whole contents; what is missing from them is deleted.
    mutating func replace(_ items: [WatchedObject<Object>], isInitial: Bool) -> [ObjectChange<Object>] {
        var changes: [ObjectChange<Object>] = []
        var present: Set<ObjectKey> = []
        for item in items {
            present.insert(item.key)
            // A list is the authority on what there is, even when it says less than an earlier event did.
            changes += upsert(item, evenIfOlder: true, isInitial: isInitial)
        }
        for key in objects.keys where !present.contains(key) {
            if let old = objects[key] { changes.append(remove(old, lastKnown: old.object)) }
        }
        for key in quarantined.keys where !present.contains(key) { quarantined[key] = nil }
        return changes
    }

    mutating func upsert(
        _ item: WatchedObject<Object>, evenIfOlder: Bool = false, isInitial: Bool = false
    ) -> [ObjectChange<Object>] {
        let old = objects[item.key]
        let isSame = old?.uid == item.uid
        if let old, isSame, item.resourceVersion == old.resourceVersion, !item.resourceVersion.isEmpty { return [] }
        if let old, !evenIfOlder, old.isAtLeast(item.resourceVersion) { return [] }
        switch item.content {
        case .undecodable(let reason):
            quarantined[item.key] = reason
            return []
        case .object(let object):
            quarantined[item.key] = nil
            let new = StoredObject(
                key: item.key, uid: item.uid, resourceVersion: item.resourceVersion, object: object)
            var changes: [ObjectChange<Object>] = []
            if let old, !isSame {
                // Deleted and created again under its name while nobody watched.
                changes.append(remove(old, lastKnown: old.object))
            }
            let replaced = isSame ? old : nil
            if let replaced { unindex(replaced) }
            objects.update(new, for: item.key)
            index(new)
            changes.append(
                ObjectChange(
                    kind: replaced == nil ? .added : .updated, key: item.key, object: object, old: replaced?.object,
                    isInitial: isInitial))
            return changes
        }
    }

    mutating func delete(_ item: WatchedObject<Object>) -> [ObjectChange<Object>] {
        guard let old = objects[item.key] else {
            quarantined[item.key] = nil
            return []
        }
        // A late notice of an earlier object of that name must not remove the present one.
        if old.uid != item.uid, old.isAtLeast(item.resourceVersion) { return [] }
        quarantined[item.key] = nil
        if case .object(let object) = item.content { return [remove(old, lastKnown: object)] }
        return [remove(old, lastKnown: old.object)]
    }

    private mutating func remove(_ old: StoredObject<Object>, lastKnown: Object) -> ObjectChange<Object> {
        unindex(old)
        objects.removeValue(for: old.key)
        return ObjectChange(kind: .deleted, key: old.key, object: lastKnown)
    }

    private mutating func index(_ stored: StoredObject<Object>) {
        guard !indexers.isEmpty else { return }
        let metadata = metadata(stored.object)
        for indexer in indexers { insert(stored, into: indexer, metadata) }
    }

    private mutating func insert(_ stored: StoredObject<Object>, into indexer: Indexer<Object>, _ metadata: ObjectMeta)
    {
        for value in indexer.values(stored.object, metadata) {
            indexes[indexer.name]?.modify(value, from: Bucket()) { $0.update(stored, for: stored.key) }
        }
    }

    private mutating func unindex(_ stored: StoredObject<Object>) {
        guard !indexers.isEmpty else { return }
        let metadata = metadata(stored.object)
        for indexer in indexers {
            for value in indexer.values(stored.object, metadata) {
                indexes[indexer.name]?.modify(value, from: Bucket()) { $0.removeValue(for: stored.key) }
                if indexes[indexer.name]?[value]?.isEmpty == true { indexes[indexer.name]?[value] = nil }
            }
        }
    }
}
