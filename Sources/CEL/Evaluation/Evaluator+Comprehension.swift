extension Evaluator {
    mutating func comprehension(_ comprehension: Comprehension) throws(CELError) -> Value {
        let range = try evaluate(comprehension.range)
        switch comprehension.macro {
        case .optMap, .optFlatMap:
            return try mapOptional(comprehension, range)
        default:
            break
        }
        let members = try members(of: range, comprehension)
        try meter.charge(members.count)
        let depth = locals.count
        defer { locals.removeLast(locals.count - depth) }
        switch comprehension.macro {
        case .all: return try quantifier(comprehension, members, absorbing: false)
        case .exists: return try quantifier(comprehension, members, absorbing: true)
        case .existsOne: return try existsOne(comprehension, members)
        case .map, .transformList: return try transform(comprehension, members)
        case .filter: return try filter(comprehension, members)
        case .transformMap: return try transformMap(comprehension, members)
        case .transformMapEntry: return try transformEntries(comprehension, members)
        case .sortBy: return try sortBy(comprehension, members)
        case .optMap, .optFlatMap: return range
        }
    }

    /// What the variables of a macro stand for at one step.
    private struct Member {
        let first: Value
        let second: Value?
    }

    private func members(of range: Value, _ comprehension: Comprehension) throws(CELError) -> [Member] {
        let isPair = comprehension.secondVariable != nil
        switch range {
        case .list(let values) where isPair:
            return values.enumerated().map { Member(first: .int(Int64($0.offset)), second: $0.element) }
        case .list(let values):
            return values.map { Member(first: $0, second: nil) }
        case .map(let map) where comprehension.macro != .sortBy:
            return map.map { Member(first: $0.key, second: isPair ? $0.value : nil) }
        default:
            throw noOverload("\(comprehension.macro.rawValue)()", range)
        }
    }

    private mutating func evaluate(
        _ node: Node, _ comprehension: Comprehension, _ member: Member
    ) throws(CELError) -> Value {
        let depth = locals.count
        defer { locals.removeLast(locals.count - depth) }
        locals.append((comprehension.variable, member.first))
        if let name = comprehension.secondVariable, let value = member.second {
            locals.append((name, value))
        }
        return try evaluate(node)
    }

    /// Whether the condition holds; true when there is none.
    private mutating func holds(_ comprehension: Comprehension, _ member: Member) throws(CELError) -> Bool {
        guard let condition = comprehension.condition else { return true }
        guard case .bool(let value) = try evaluate(condition, comprehension, member) else {
            throw CELError(
                .noSuchOverload, "no such overload: the condition of \(comprehension.macro.rawValue)() must be a bool",
                at: condition.position)
        }
        return value
    }

    private mutating func quantifier(
        _ comprehension: Comprehension, _ members: [Member], absorbing: Bool
    ) throws(CELError) -> Value {
        var failure: CELError?
        for member in members {
            if try decides(
                absorbing, failure: &failure,
                { (evaluator) throws(CELError) in
                    try evaluator.holds(comprehension, member)
                })
            {
                return .bool(absorbing)
            }
        }
        if let failure {
            throw failure
        }
        return .bool(!absorbing)
    }

    private mutating func existsOne(_ comprehension: Comprehension, _ members: [Member]) throws(CELError) -> Value {
        var count = 0
        for member in members where try holds(comprehension, member) {
            count += 1
        }
        return .bool(count == 1)
    }

    private mutating func transform(_ comprehension: Comprehension, _ members: [Member]) throws(CELError) -> Value {
        guard let body = comprehension.transform else { return .list([]) }
        var values: [Value] = []
        for member in members where try holds(comprehension, member) {
            values.append(try evaluate(body, comprehension, member))
        }
        return .list(values)
    }

    private mutating func filter(_ comprehension: Comprehension, _ members: [Member]) throws(CELError) -> Value {
        var values: [Value] = []
        for member in members where try holds(comprehension, member) {
            values.append(member.first)
        }
        return .list(values)
    }

    private mutating func transformMap(_ comprehension: Comprehension, _ members: [Member]) throws(CELError) -> Value {
        guard let body = comprehension.transform else { return .map(ValueMap()) }
        var map = ValueMap()
        for member in members where try holds(comprehension, member) {
            try insert(try evaluate(body, comprehension, member), at: member.first, into: &map)
        }
        return .map(map)
    }

    private mutating func transformEntries(
        _ comprehension: Comprehension, _ members: [Member]
    ) throws(CELError) -> Value {
        guard let body = comprehension.transform else { return .map(ValueMap()) }
        var map = ValueMap()
        for member in members where try holds(comprehension, member) {
            let value = try evaluate(body, comprehension, member)
            guard case .map(let entries) = value else { throw noOverload("transformMapEntry()", value) }
            try meter.charge(entries.count)
            for entry in entries {
                try insert(entry.value, at: entry.key, into: &map)
            }
        }
        return .map(map)
    }

    private mutating func sortBy(_ comprehension: Comprehension, _ members: [Member]) throws(CELError) -> Value {
        guard let body = comprehension.transform else { return .list([]) }
        var keyed: [(key: Value, value: Value)] = []
        for member in members {
            keyed.append((try evaluate(body, comprehension, member), member.first))
        }
        let order = try Value.sortedOrder(of: keyed.map(\.key), for: "sortBy()", &meter)
        return .list(order.map { keyed[$0].value })
    }

    private mutating func mapOptional(_ comprehension: Comprehension, _ range: Value) throws(CELError) -> Value {
        guard case .optional(let inner) = range, let body = comprehension.transform else {
            throw noOverload("\(comprehension.macro.rawValue)()", range)
        }
        guard let inner else { return .optional(nil) }
        let result = try evaluate(body, comprehension, Member(first: inner, second: nil))
        if comprehension.macro == .optMap {
            return .optional(result)
        }
        guard case .optional = result else { throw noOverload("optFlatMap()", result) }
        return result
    }
}

extension Value {
    /// The positions of values in ascending order; values that are equal keep theirs.
    static func sortedOrder(
        of values: [Value], for function: String, _ meter: inout Meter
    ) throws(CELError) -> [Int] {
        guard let first = values.first else { return [] }
        // One total order for all of them: the same type throughout, and one that has an order.
        for value in values where value.type != first.type || first.compare(to: value) == nil {
            throw CELError.noSuchOverload(function, [first, value])
        }
        var levels = 1
        while values.count >> levels > 0 {
            levels += 1
        }
        try meter.charge(values.count * levels)
        return values.indices.sorted { left, right in
            switch values[left].compare(to: values[right]) {
            case .less: true
            case .greater: false
            default: left < right
            }
        }
    }
}
