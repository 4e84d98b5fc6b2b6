/// A map of the language: keys are bools, ints, uints and strings; entries keep the order in which they were made.
///
/// Numeric keys that are equal in the language are one key: `{1: 'a'}[1u]` and `{1: 'a'}[1.0]` find `'a'`.
package struct ValueMap: Sendable {
    /// A key, in a form in which equal keys of the language are the same value.
    package enum Key: Sendable {
        case bool(Bool)
        case int(Int64)
        /// Only for what an `int` cannot hold; smaller unsigned keys are `.int`.
        case largeUInt(UInt64)
        case string(String)
    }

    private struct Entry: Sendable {
        var key: Key
        /// The key as it was written, which keeps `1u` apart from `1`.
        var name: Value
        var value: Value
    }

    private var entries: [Entry] = []
    private var positions: [Key: Int] = [:]

    package init() {}

    package var count: Int { entries.count }
    package var isEmpty: Bool { entries.isEmpty }

    /// The keys in order.
    package var keys: [Value] { entries.map(\.name) }

    /// The values, in the order of the keys.
    package var values: [Value] { entries.map(\.value) }

    /// The value at a key; setting nil has no effect, as the language removes nothing.
    package subscript(key: Key) -> Value? {
        get {
            guard let position = positions[key], entries.indices.contains(position) else { return nil }
            return entries[position].value
        }
        set {
            guard let newValue else { return }
            insert(newValue, at: key, named: key.value)
        }
    }

    package subscript(name: String) -> Value? {
        self[.string(name)]
    }

    /// Sets the value at a key.
    /// - Returns: false when the key cannot be one: a double, a list, null.
    mutating func insert(_ value: Value, at name: Value) -> Bool {
        guard let key = Key(storing: name) else { return false }
        insert(value, at: key, named: name)
        return true
    }

    private mutating func insert(_ value: Value, at key: Key, named name: Value) {
        if let position = positions[key], entries.indices.contains(position) {
            entries[position].value = value
        } else {
            positions[key] = entries.count
            entries.append(Entry(key: key, name: name, value: value))
        }
    }

    package mutating func reserveCapacity(_ count: Int) {
        entries.reserveCapacity(count)
        positions.reserveCapacity(count)
    }
}

extension ValueMap: Sequence {
    package func makeIterator() -> some IteratorProtocol<(key: Value, value: Value)> {
        entries.lazy.map { (key: $0.name, value: $0.value) }.makeIterator()
    }
}

extension ValueMap: Hashable {
    /// Strict equality of keys and values, without regard to order.
    package static func == (left: ValueMap, right: ValueMap) -> Bool {
        guard left.count == right.count else { return false }
        return left.entries.allSatisfy { entry in
            guard let position = right.positions[entry.key], right.entries.indices.contains(position) else {
                return false
            }
            let other = right.entries[position]
            return other.name == entry.name && other.value == entry.value
        }
    }

    package func hash(into hasher: inout Hasher) {
        var combined = 0
        for entry in entries {
            var own = Hasher()
            own.combine(entry.key)
            own.combine(entry.value)
            combined ^= own.finalize()
        }
        hasher.combine(combined)
    }
}

extension ValueMap.Key: Hashable {
    /// The key under which a value is looked up; nil for a value that no key can equal, such as `1.5` or a list.
    init?(_ value: Value) {
        if case .double(let number) = value {
            guard let key = Self(integral: number) else { return nil }
            self = key
        } else {
            guard let key = Self(storing: value) else { return nil }
            self = key
        }
    }

    /// The key that a value makes in a map literal, where a double cannot be one.
    init?(storing value: Value) {
        switch value {
        case .bool(let value): self = .bool(value)
        case .int(let value): self = .int(value)
        case .uint(let value): self = Int64(exactly: value).map { .int($0) } ?? .largeUInt(value)
        case .string(let value): self = .string(value)
        default: return nil
        }
    }

    private init?(integral number: Double) {
        if let value = Int64(exactly: number) {
            self = .int(value)
        } else if let value = UInt64(exactly: number) {
            self = .largeUInt(value)
        } else {
            return nil
        }
    }

    var value: Value {
        switch self {
        case .bool(let value): .bool(value)
        case .int(let value): .int(value)
        case .largeUInt(let value): .uint(value)
        case .string(let value): .string(value)
        }
    }

    package static func == (left: Self, right: Self) -> Bool {
        switch (left, right) {
        case (.bool(let left), .bool(let right)): left == right
        case (.int(let left), .int(let right)): left == right
        case (.largeUInt(let left), .largeUInt(let right)): left == right
        case (.string(let left), .string(let right)): left.hasSameScalars(as: right)
        default: false
        }
    }

    package func hash(into hasher: inout Hasher) {
        switch self {
        case .bool(let value): hasher.combine(value)
        case .int(let value): hasher.combine(value)
        case .largeUInt(let value): hasher.combine(value)
        case .string(let value): hasher.combine(value)
        }
    }
}
