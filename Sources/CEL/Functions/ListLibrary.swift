/// The list extension functions, Kubernetes' own among them.
enum ListLibrary {
    static let functions: [Function] = [
        Function("isSorted", .member, .unary(isSorted)),
        Function("sum", .member, .unary(sum)),
        Function("min", .member, .unary(min)),
        Function("max", .member, .unary(max)),
        Function("slice", .member, .ternary(slice)),
        Function("flatten", .member, .unary(flatten)),
        Function("flatten", .member, .binary(flatten)),
        Function("sort", .member, .unary(sort)),
        Function("distinct", .member, .unary(distinct)),
        Function("first", .member, .unary(first)),
        Function("last", .member, .unary(last)),
        Function("lists.range", .global, .unary(range)),
    ]

    private static func isSorted(_ value: Value, _ meter: inout Meter) throws(CELError) -> Value? {
        guard case .list(let values) = value else { return nil }
        try meter.charge(values.count)
        for (left, right) in zip(values, values.dropFirst()) {
            guard let order = left.compare(to: right) else { return nil }
            if order == .greater {
                return false
            }
        }
        return true
    }

    private static func sum(_ value: Value, _ meter: inout Meter) throws(CELError) -> Value? {
        guard case .list(let values) = value else { return nil }
        try meter.charge(values.count)
        guard var total = values.first else { return 0 }
        // A single member must be a number too.
        guard [.int, .uint, .double, .duration].contains(total.type) else { return nil }
        for value in values.dropFirst() {
            guard let sum = try add(total, value) else { return nil }
            total = sum
        }
        return total
    }

    private static func add(_ left: Value, _ right: Value) throws(CELError) -> Value? {
        let overflow = CELError(.overflow, "the sum is out of the range of \(left.type.name)")
        switch (left, right) {
        case (.int(let a), .int(let b)):
            let (sum, isTooLarge) = a.addingReportingOverflow(b)
            if isTooLarge { throw overflow }
            return .int(sum)
        case (.uint(let a), .uint(let b)):
            let (sum, isTooLarge) = a.addingReportingOverflow(b)
            if isTooLarge { throw overflow }
            return .uint(sum)
        case (.double(let a), .double(let b)):
            return .double(a + b)
        case (.duration(let a), .duration(let b)):
            let (sum, isTooLarge) = a.nanoseconds.addingReportingOverflow(b.nanoseconds)
            if isTooLarge { throw overflow }
            return .duration(Span(nanoseconds: sum))
        default:
            return nil
        }
    }

    private static func min(_ value: Value, _ meter: inout Meter) throws(CELError) -> Value? {
        try extreme(value, .less, "min", &meter)
    }

    private static func max(_ value: Value, _ meter: inout Meter) throws(CELError) -> Value? {
        try extreme(value, .greater, "max", &meter)
    }

    private static func extreme(
        _ value: Value, _ wanted: Ordering, _ name: String, _ meter: inout Meter
    ) throws(CELError) -> Value? {
        guard case .list(let values) = value else { return nil }
        try meter.charge(values.count)
        guard var result = values.first else {
            throw CELError(.invalidArgument, "\(name)() of an empty list has no value")
        }
        for value in values {
            guard let order = value.compare(to: result) else { return nil }
            if order == wanted {
                result = value
            }
        }
        return result
    }

    private static func slice(
        _ value: Value, _ start: Value, _ end: Value, _ meter: inout Meter
    ) throws(CELError) -> Value? {
        guard case .list(let values) = value, case .int(let start) = start, case .int(let end) = end else { return nil }
        guard start >= 0, start <= end, end <= Int64(values.count) else {
            throw CELError(
                .invalidArgument, "cannot take \(start) to \(end) of a list of \(values.count)")
        }
        try meter.charge(Int(end - start))
        return .list(Array(values[Int(start)..<Int(end)]))
    }

    private static func flatten(_ value: Value, _ meter: inout Meter) throws(CELError) -> Value? {
        try flatten(value, 1, &meter)
    }

    private static func flatten(_ value: Value, _ depth: Value, _ meter: inout Meter) throws(CELError) -> Value? {
        guard case .list(var values) = value, case .int(let depth) = depth else { return nil }
        guard depth >= 0 else {
            throw CELError(.invalidArgument, "flatten() takes a depth that is not negative, not \(depth)")
        }
        for _ in 0..<depth {
            var isFlat = true
            var next: [Value] = []
            for value in values {
                if case .list(let inner) = value {
                    isFlat = false
                    next += inner
                } else {
                    next.append(value)
                }
            }
            try meter.charge(next.count + 1)
            values = next
            if isFlat {
                break
            }
        }
        return .list(values)
    }

    private static func sort(_ value: Value, _ meter: inout Meter) throws(CELError) -> Value? {
        guard case .list(let values) = value else { return nil }
        return .list(try Value.sortedOrder(of: values, for: "sort()", &meter).map { values[$0] })
    }

    private static func distinct(_ value: Value, _ meter: inout Meter) throws(CELError) -> Value? {
        guard case .list(let values) = value else { return nil }
        var kept: [Value] = []
        var keys: Set<ValueMap.Key> = []
        for value in values {
            if let key = ValueMap.Key(value) {
                try meter.charge()
                if keys.insert(key).inserted {
                    kept.append(value)
                }
            } else {
                try meter.charge(kept.count + 1)
                if !kept.contains(where: { $0.equals(value) }) {
                    kept.append(value)
                }
            }
        }
        return .list(kept)
    }

    private static func first(_ value: Value, _ meter: inout Meter) throws(CELError) -> Value? {
        guard case .list(let values) = value else { return nil }
        return .optional(values.first)
    }

    private static func last(_ value: Value, _ meter: inout Meter) throws(CELError) -> Value? {
        guard case .list(let values) = value else { return nil }
        return .optional(values.last)
    }

    private static func range(_ value: Value, _ meter: inout Meter) throws(CELError) -> Value? {
        guard case .int(let count) = value else { return nil }
        try meter.charge(Int(clamping: Swift.max(count, 0)))
        return .list((0..<Swift.max(count, 0)).map { .int($0) })
    }
}
