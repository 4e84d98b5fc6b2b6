/// A dictionary that is cheap to keep an old copy of.
///
/// A copy of a Swift dictionary makes the next write copy all of it. Here the entries are spread over shards of a few
/// dozen, so that a write while a reader holds a snapshot copies one shard and the list of shards. That is what lets
/// each reconcile take a snapshot of 10,000 objects while the reflector goes on writing.
struct ShardedMap<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private static var entriesPerShard: Int { 32 }

    private var shards: [[Key: Value]] = [[:]]
    private(set) var count = 0

    var isEmpty: Bool { count == 0 }

    subscript(key: Key) -> Value? {
        get { shards[shard(of: key)][key] }
        set {
            if let newValue {
                update(newValue, for: key)
            } else {
                removeValue(for: key)
            }
        }
    }

    @discardableResult
    mutating func update(_ value: Value, for key: Key) -> Value? {
        if count >= shards.count * Self.entriesPerShard * 2 { grow() }
        let old = shards[shard(of: key)].updateValue(value, forKey: key)
        if old == nil { count += 1 }
        return old
    }

    @discardableResult
    mutating func removeValue(for key: Key) -> Value? {
        let old = shards[shard(of: key)].removeValue(forKey: key)
        if old != nil { count -= 1 }
        return old
    }

    /// Changes a value in place; one that is not there starts as `initial`.
    mutating func modify(_ key: Key, from initial: @autoclosure () -> Value, _ body: (inout Value) -> Void) {
        if self[key] == nil { update(initial(), for: key) }
        body(&shards[shard(of: key)][key, default: initial()])
    }

    func forEach(_ body: (Key, Value) throws -> Void) rethrows {
        for shard in shards {
            for (key, value) in shard { try body(key, value) }
        }
    }

    /// The values, in no order.
    var values: [Value] {
        var values: [Value] = []
        values.reserveCapacity(count)
        for shard in shards { values.append(contentsOf: shard.values) }
        return values
    }

    /// The keys, in no order.
    var keys: [Key] {
        var keys: [Key] = []
        keys.reserveCapacity(count)
        for shard in shards { keys.append(contentsOf: shard.keys) }
        return keys
    }

    private func shard(of key: Key) -> Int {
        // There is always a power of two of shards, and hash values are spread over all bits.
        key.hashValue & (shards.count - 1)
    }

    private mutating func grow() {
        var grown = ShardedMap()
        grown.shards = Array(repeating: [:], count: shards.count * 2)
        for shard in shards {
            for (key, value) in shard { grown.shards[grown.shard(of: key)][key] = value }
        }
        grown.count = count
        self = grown
    }
}
