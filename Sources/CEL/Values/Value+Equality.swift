extension Value {
    /// Equality as the language defines it: numbers by their mathematical value whatever their type, lists and maps
    /// member by member, NaN equal to nothing, and values of different kinds unequal.
    package func equals(_ other: Value) -> Bool {
        switch (self, other) {
        case (.int, _), (.uint, _), (.double, _):
            return compareNumerically(to: other) == .some(.equal)
        case (.list(let left), .list(let right)):
            return left.count == right.count && zip(left, right).allSatisfy { $0.equals($1) }
        case (.map(let left), .map(let right)):
            guard left.count == right.count else { return false }
            return left.allSatisfy { entry in
                guard let key = ValueMap.Key(entry.key), let value = right[key] else { return false }
                return entry.value.equals(value)
            }
        case (.optional(let left?), .optional(let right?)):
            return left.equals(right)
        default:
            return self == other
        }
    }

    /// How many members a comparison may have to look at, to charge for it beforehand. Looks no deeper than it must.
    func weight(limit: Int) -> Int {
        switch self {
        case .string(let value): return 1 + value.utf8.count / 16
        case .bytes(let value): return 1 + value.count / 16
        case .list(let values):
            var total = 1
            for value in values where total < limit {
                total += value.weight(limit: limit - total)
            }
            return total
        case .map(let map):
            var total = 1
            for entry in map where total < limit {
                total += 1 + entry.value.weight(limit: limit - total)
            }
            return total
        case .optional(let value?): return 1 + value.weight(limit: limit)
        default: return 1
        }
    }
}

/// How two values are ordered. `unordered` is what NaN is to every number.
enum Ordering: Sendable {
    case less, equal, greater, unordered

    init<T: Comparable>(_ left: T, _ right: T) {
        if left < right {
            self = .less
        } else if left > right {
            self = .greater
        } else if left == right {
            self = .equal
        } else {
            self = .unordered
        }
    }
}

extension Value {
    /// The order of two values as `<` sees it, or nil where the language has none, as between text and a number.
    func compare(to other: Value) -> Ordering? {
        switch (self, other) {
        case (.int, _), (.uint, _), (.double, _):
            return compareNumerically(to: other)
        case (.bool(let left), .bool(let right)):
            return Ordering(left ? 1 : 0, right ? 1 : 0)
        case (.string(let left), .string(let right)):
            // UTF-8 sorts as its code points do; Swift's own order is that of normalized text.
            return Self.compareBytes(left.utf8, right.utf8)
        case (.bytes(let left), .bytes(let right)):
            return Self.compareBytes(left, right)
        case (.timestamp(let left), .timestamp(let right)):
            return Ordering(left, right)
        case (.duration(let left), .duration(let right)):
            return Ordering(left.nanoseconds, right.nanoseconds)
        default:
            return nil
        }
    }

    private func compareNumerically(to other: Value) -> Ordering? {
        switch (self, other) {
        case (.int(let left), .int(let right)): Ordering(left, right)
        case (.uint(let left), .uint(let right)): Ordering(left, right)
        case (.double(let left), .double(let right)): Ordering(left, right)
        // Swift compares integers of different types by value.
        case (.int(let left), .uint(let right)): left < right ? .less : left > right ? .greater : .equal
        case (.uint(let left), .int(let right)): left < right ? .less : left > right ? .greater : .equal
        case (.int(let left), .double(let right)): Self.compare(left, right)
        case (.uint(let left), .double(let right)): Self.compare(left, right)
        case (.double(let left), .int(let right)): Self.compare(right, left).reversed
        case (.double(let left), .uint(let right)): Self.compare(right, left).reversed
        default: nil
        }
    }

    /// Beyond 2^53 the integer is rounded to a double, as in the reference implementations; but a double outside of the
    /// range of the integer's type is less or greater than all of them.
    private static func compare<I: FixedWidthInteger>(_ left: I, _ right: Double) -> Ordering {
        if right > Double(I.max) {
            return .less
        }
        if right < Double(I.min) {
            return .greater
        }
        return Ordering(Double(left), right)
    }

    private static func compareBytes(_ left: some Sequence<UInt8>, _ right: some Sequence<UInt8>) -> Ordering {
        if left.lexicographicallyPrecedes(right) {
            return .less
        }
        return right.lexicographicallyPrecedes(left) ? .greater : .equal
    }
}

extension Ordering {
    var reversed: Ordering {
        switch self {
        case .less: .greater
        case .greater: .less
        case .equal, .unordered: self
        }
    }
}
