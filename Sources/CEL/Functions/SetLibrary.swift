/// Lists as sets: `sets.contains([1, 2], [2])`.
enum SetLibrary {
    static let functions: [Function] = [
        Function("sets.contains", .global, .binary(contains)),
        Function("sets.equivalent", .global, .binary(equivalent)),
        Function("sets.intersects", .global, .binary(intersects)),
    ]

    private static func contains(_ left: Value, _ right: Value, _ meter: inout Meter) throws(CELError) -> Value? {
        guard case .list(let all) = left, case .list(let wanted) = right else { return nil }
        return .bool(try isSubset(wanted, of: all, &meter))
    }

    private static func equivalent(_ left: Value, _ right: Value, _ meter: inout Meter) throws(CELError) -> Value? {
        guard case .list(let left) = left, case .list(let right) = right else { return nil }
        guard try isSubset(left, of: right, &meter) else { return false }
        return .bool(try isSubset(right, of: left, &meter))
    }

    private static func intersects(_ left: Value, _ right: Value, _ meter: inout Meter) throws(CELError) -> Value? {
        guard case .list(let left) = left, case .list(let right) = right else { return nil }
        var members = MemberIndex(right)
        for value in left where try members.contains(value, &meter) {
            return true
        }
        return false
    }

    private static func isSubset(
        _ part: [Value], of whole: [Value], _ meter: inout Meter
    ) throws(CELError) -> Bool {
        var members = MemberIndex(whole)
        for value in part where try !members.contains(value, &meter) {
            return false
        }
        return true
    }

    /// Members of a list by key, and those that can be no key one by one.
    private struct MemberIndex {
        private var keys: Set<ValueMap.Key> = []
        private var others: [Value] = []

        init(_ values: [Value]) {
            for value in values {
                if let key = ValueMap.Key(value) {
                    keys.insert(key)
                } else {
                    others.append(value)
                }
            }
        }

        mutating func contains(_ value: Value, _ meter: inout Meter) throws(CELError) -> Bool {
            if let key = ValueMap.Key(value) {
                try meter.charge()
                return keys.contains(key)
            }
            try meter.charge(others.count + 1)
            return others.contains { $0.equals(value) }
        }
    }
}
