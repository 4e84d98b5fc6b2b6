/// The pairs of a JSON object, in the order they were added.
///
/// Lookup is linear up to 16 keys, which is where nearly all Kubernetes objects are and where it beats hashing; above
/// that an index is kept, so that a hostile document cannot make it quadratic. Equality ignores the order.
public struct JSONObject: Sendable {
    public typealias Element = (key: String, value: JSON)

    @usableFromInline
    struct Entry: Sendable {
        @usableFromInline var key: String
        @usableFromInline var value: JSON

        @inlinable
        init(key: String, value: JSON) {
            self.key = key
            self.value = value
        }
    }

    /// A key that compares and hashes by its bytes.
    struct ByteKey: Hashable, Sendable {
        let text: String
        static func == (left: ByteKey, right: ByteKey) -> Bool { sameBytes(left.text, right.text) }
        func hash(into hasher: inout Hasher) { hashBytes(of: text, into: &hasher) }
    }

    static let linearLimit = 16

    @usableFromInline var entries: [Entry] = []
    /// Positions by key; present exactly when there are more than `linearLimit` entries.
    var index: [ByteKey: Int]?

    public init() {}

    /// Takes the pairs in their order; a key that comes again keeps its place and takes the later value.
    public init(_ pairs: some Sequence<(String, JSON)>) {
        entries.reserveCapacity(pairs.underestimatedCount)
        for (key, value) in pairs { self[key] = value }
    }

    public init(_ pairs: [String: JSON]) {
        self.init(pairs.lazy.map { ($0.key, $0.value) })
    }

    /// Entries that the caller knows to have distinct keys.
    init(distinct entries: [Entry]) {
        self.entries = entries
        if entries.count > Self.linearLimit { buildIndex() }
    }

    /// Entries with possibly repeated keys; the last value wins, at the place of the first. Also tells the position of
    /// the first repetition.
    static func merging(_ entries: [Entry]) -> (object: JSONObject, repeated: Int?) {
        var object = JSONObject()
        var repeated: Int?
        object.entries.reserveCapacity(entries.count)
        for (position, entry) in entries.enumerated() {
            if let old = object.position(of: entry.key) {
                object.entries[old].value = entry.value
                if repeated == nil { repeated = position }
            } else {
                object.append(entry)
            }
        }
        return (object, repeated)
    }

    /// The value of a key, or nil. Assigning nil removes the key; a new key is added at the end.
    public subscript(key: String) -> JSON? {
        get { position(of: key).map { entries[$0].value } }
        _modify {
            // The value is moved out while it is changed, so that nested changes do not copy it.
            let position = position(of: key)
            var value: JSON?
            if let position {
                value = entries[position].value
                entries[position].value = .null
            }
            defer { store(value, at: position, key: key) }
            yield &value
        }
    }

    private mutating func store(_ value: JSON?, at position: Int?, key: String) {
        switch (position, value) {
        case (let position?, let value?): entries[position].value = value
        case (let position?, nil): remove(at: position)
        case (nil, let value?): append(Entry(key: key, value: value))
        case (nil, nil): break
        }
    }

    /// Removes a key and gives back its value. The order of the others stays; costs time linear in the count.
    @discardableResult
    public mutating func removeValue(forKey key: String) -> JSON? {
        guard let position = position(of: key) else { return nil }
        return remove(at: position)
    }

    public func contains(key: String) -> Bool { position(of: key) != nil }

    /// The keys, in order.
    public var keys: some RandomAccessCollection<String> { entries.lazy.map(\.key) }

    /// The values, in the order of the keys.
    public var values: some RandomAccessCollection<JSON> { entries.lazy.map(\.value) }

    /// The same keys with other values.
    public func mapValues<E: Error>(_ transform: (JSON) throws(E) -> JSON) throws(E) -> JSONObject {
        var result = self
        for position in entries.indices { result.entries[position].value = try transform(entries[position].value) }
        return result
    }

    public mutating func reserveCapacity(_ count: Int) { entries.reserveCapacity(count) }

    func position(of key: String) -> Int? {
        if let index { return index[ByteKey(text: key)] }
        for position in entries.indices where sameBytes(entries[position].key, key) { return position }
        return nil
    }

    private mutating func append(_ entry: Entry) {
        entries.append(entry)
        if index != nil {
            index?[ByteKey(text: entry.key)] = entries.count - 1
        } else if entries.count > Self.linearLimit {
            buildIndex()
        }
    }

    @discardableResult
    private mutating func remove(at position: Int) -> JSON {
        let entry = entries.remove(at: position)
        guard index != nil else { return entry.value }
        if entries.count <= Self.linearLimit {
            index = nil
        } else {
            index?.removeValue(forKey: ByteKey(text: entry.key))
            for later in position..<entries.count { index?[ByteKey(text: entries[later].key)] = later }
        }
        return entry.value
    }

    private mutating func buildIndex() {
        var built = [ByteKey: Int](minimumCapacity: entries.count)
        for (position, entry) in entries.enumerated() { built[ByteKey(text: entry.key)] = position }
        index = built
    }
}

extension JSONObject: RandomAccessCollection {
    public var startIndex: Int { 0 }
    public var endIndex: Int { entries.count }
    public subscript(position: Int) -> Element { (entries[position].key, entries[position].value) }
}

extension JSONObject: Hashable {
    public static func == (left: JSONObject, right: JSONObject) -> Bool {
        guard left.entries.count == right.entries.count else { return false }
        for (position, entry) in left.entries.enumerated() {
            // Objects from the same writer have the same order, so the same place is tried first.
            let other = right.entries[position]
            if sameBytes(entry.key, other.key) {
                if entry.value != other.value { return false }
            } else if right[entry.key] != entry.value {
                return false
            }
        }
        return true
    }

    public func hash(into hasher: inout Hasher) {
        // A sum does not depend on the order.
        var sum = 0
        for entry in entries {
            var inner = Hasher()
            hashBytes(of: entry.key, into: &inner)
            inner.combine(entry.value)
            sum &+= inner.finalize()
        }
        hasher.combine(entries.count)
        hasher.combine(sum)
    }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    public init(dictionaryLiteral elements: (String, JSON)...) { self.init(elements) }
}

extension JSONObject: CustomStringConvertible {
    public var description: String { JSON.object(self).description }
}
