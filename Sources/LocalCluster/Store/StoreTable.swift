/// A change of one object: `object` is nil after a deletion, `previous` is nil for a creation.
package struct StoreEvent: Sendable {
    package let revision: UInt64
    package let object: StoredObject?
    package let previous: StoredObject?
}

/// How much of the past a kind keeps for watches and consistent pages.
package struct HistoryLimits: Sendable {
    package var events: Int
    /// Bytes of bodies that only the history still holds.
    package var bytes: Int

    package init(events: Int = 10_000, bytes: Int = 16 << 20) {
        self.events = max(1, events)
        self.bytes = max(0, bytes)
    }
}

/// The objects of one kind in key order, and the latest changes to them.
struct StoreTable {
    private(set) var objects: [StoredObject] = []
    private var history: [StoreEvent] = []
    /// Events before this index are dropped; the array is compacted now and then.
    private var historyStart = 0
    private var historyBytes = 0
    /// Changes after this revision are all in the history.
    private(set) var floor: UInt64
    private(set) var lastRevision: UInt64
    var wakers: [ObjectIdentifier: Waker] = [:]

    init(floor: UInt64) {
        self.floor = floor
        lastRevision = floor
    }

    init(floor: UInt64, loaded: [StoredObject]) {
        self.init(floor: floor)
        objects = loaded.sorted { $0.path < $1.path }
    }

    /// The first index whose path is not less than `path`.
    func lowerBound(_ path: String) -> Int {
        var low = 0
        var high = objects.count
        while low < high {
            let middle = (low + high) / 2
            if objects[middle].path < path { low = middle + 1 } else { high = middle }
        }
        return low
    }

    func object(at path: String) -> StoredObject? {
        let index = lowerBound(path)
        guard index < objects.count, objects[index].path == path else { return nil }
        return objects[index]
    }

    mutating func apply(path: String, _ event: StoreEvent, limits: HistoryLimits) {
        let index = lowerBound(path)
        let exists = index < objects.count && objects[index].path == path
        switch (event.object, exists) {
        case (let object?, true): objects[index] = object
        case (let object?, false): objects.insert(object, at: index)
        case (nil, true): objects.remove(at: index)
        case (nil, false): break
        }
        lastRevision = event.revision
        history.append(event)
        historyBytes += event.previous?.encoded.body.count ?? 0
        while history.count - historyStart > limits.events
            || (historyBytes > limits.bytes && history.count - historyStart > 1)
        {
            let dropped = history[historyStart]
            floor = dropped.revision
            historyBytes -= dropped.previous?.encoded.body.count ?? 0
            historyStart += 1
        }
        if historyStart > 1_024, historyStart > history.count / 2 {
            history.removeFirst(historyStart)
            historyStart = 0
        }
    }

    /// Puts other attributes to the objects, as after a change of the kind's selectable fields. No event.
    mutating func replaceAttributes(_ attributes: (StoredObject) -> ObjectAttributes) {
        objects = objects.map {
            StoredObject(key: $0.key, revision: $0.revision, encoded: $0.encoded, attributes: attributes($0))
        }
    }

    /// The first history index of an event after `revision`.
    private func historyIndex(after revision: UInt64) -> Int {
        var low = historyStart
        var high = history.count
        while low < high {
            let middle = (low + high) / 2
            if history[middle].revision <= revision { low = middle + 1 } else { high = middle }
        }
        return low
    }

    func events(after revision: UInt64, limit: Int) -> ArraySlice<StoreEvent> {
        history[historyIndex(after: revision)...].prefix(limit)
    }

    /// The objects as they were at `revision`, which must not be before `floor`.
    func objects(at revision: UInt64) -> [StoredObject] {
        let since = history[historyIndex(after: revision)...]
        if since.isEmpty { return objects }
        // The earliest later event of each object tells what it was.
        var before: [String: StoredObject?] = [:]
        for event in since.reversed() {
            guard let path = (event.object ?? event.previous)?.path else { continue }
            before.updateValue(event.previous, forKey: path)
        }
        var result = objects.filter { before[$0.path] == nil }
        result.append(contentsOf: before.values.compactMap { $0 })
        result.sort { $0.path < $1.path }
        return result
    }
}
