/// Evaluates a tree under bindings.
struct Evaluator {
    let bindings: Bindings
    var meter: Meter
    /// The variables of the macros around the current node, the innermost last.
    var locals: [(name: String, value: Value)] = []

    init(_ bindings: Bindings, limits: CostLimit, zones: TimeZones) {
        self.bindings = bindings
        meter = Meter(limits, zones: zones)
    }

    mutating func evaluate(_ node: Node) throws(CELError) -> Value {
        do {
            try meter.charge()
            return try evaluate(node.form)
        } catch {
            throw error.located(at: node.position)
        }
    }

    /// Only dispatches: the frame of this method is on the stack once a level.
    private mutating func evaluate(_ form: Node.Form) throws(CELError) -> Value {
        switch form {
        case .literal(let value): return value
        case .identifier(let name, let isAbsolute): return try variable(name, isAbsolute: isAbsolute)
        case .select(let operand, let field, let isOptional):
            return try select(operand, field, isOptional: isOptional)
        case .has(let operand, let field): return try has(operand, field)
        case .index(let operand, let key, let isOptional): return try index(operand, key, isOptional: isOptional)
        case .not(let operand): return try not(operand)
        case .negate(let operand): return try negate(operand)
        case .arithmetic(let operation, let left, let right): return try arithmetic(operation, left, right)
        case .relation(let operation, let left, let right): return try relation(operation, left, right)
        case .membership(let element, let container): return try membership(element, in: container)
        case .and(let terms): return try conjunction(terms, absorbing: false)
        case .or(let terms): return try conjunction(terms, absorbing: true)
        case .conditional(let condition, let then, let otherwise):
            return try evaluate(try bool(condition, of: "the condition of ?:") ? then : otherwise)
        case .list(let elements): return try list(elements)
        case .map(let entries): return try map(entries)
        case .call(let call): return try self.call(call)
        case .comprehension(let comprehension): return try self.comprehension(comprehension)
        case .bind(let variable, let value, let body): return try bind(variable, value, body)
        }
    }

    // MARK: Variables

    private func variable(_ name: String, isAbsolute: Bool) throws(CELError) -> Value {
        if !isAbsolute, let local = locals.last(where: { $0.name == name }) {
            return local.value
        }
        if let value = bindings[name] {
            return value
        }
        if let type = ValueType.named[name] {
            return .type(type)
        }
        let known = bindings.names.sorted().joined(separator: ", ")
        throw CELError(
            .undeclaredVariable,
            "there is no variable '\(name)'; " + (known.isEmpty ? "there are none here" : "known are: \(known)"))
    }

    private mutating func bind(_ name: String, _ value: Node, _ body: Node) throws(CELError) -> Value {
        locals.append((name, try evaluate(value)))
        defer { locals.removeLast() }
        return try evaluate(body)
    }

    // MARK: Logic

    func noOverload(_ operation: String, _ operands: Value...) -> CELError {
        CELError.noSuchOverload(operation, operands)
    }

    /// A node's value, which must be a bool.
    mutating func bool(_ node: Node, of what: String) throws(CELError) -> Bool {
        guard case .bool(let value) = try evaluate(node) else {
            throw CELError(.noSuchOverload, "no such overload: \(what) must be a bool", at: node.position)
        }
        return value
    }

    private mutating func not(_ operand: Node) throws(CELError) -> Value {
        let value = try evaluate(operand)
        guard case .bool(let value) = value else { throw noOverload("!", value) }
        return .bool(!value)
    }

    /// `&&` (absorbing false) and `||` (absorbing true): one absorbing term decides, whatever errors others make.
    private mutating func conjunction(_ terms: [Node], absorbing: Bool) throws(CELError) -> Value {
        var failure: CELError?
        for term in terms {
            if try decides(
                absorbing, failure: &failure,
                { (evaluator) throws(CELError) in
                    try evaluator.bool(term, of: absorbing ? "an operand of ||" : "an operand of &&")
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

    /// Whether a term has the absorbing value. The first error is kept; that of the cost limit is thrown at once.
    mutating func decides(
        _ absorbing: Bool, failure: inout CELError?, _ term: (inout Evaluator) throws(CELError) -> Bool
    ) throws(CELError) -> Bool {
        do throws(CELError) {
            return try term(&self) == absorbing
        } catch {
            if error.code == .costLimitExceeded {
                throw error
            }
            failure = failure ?? error
            return false
        }
    }

    // MARK: Literals

    private mutating func list(_ elements: [ListElement]) throws(CELError) -> Value {
        var values: [Value] = []
        values.reserveCapacity(elements.count)
        for element in elements {
            let value = try evaluate(element.value)
            if element.isOptional {
                guard case .optional(let inner) = value else { throw noOverload("[?…]", value) }
                inner.map { values.append($0) }
            } else {
                values.append(value)
            }
        }
        return .list(values)
    }

    private mutating func map(_ entries: [MapEntry]) throws(CELError) -> Value {
        var map = ValueMap()
        for entry in entries {
            let key = try evaluate(entry.key)
            var value = try evaluate(entry.value)
            if entry.isOptional {
                guard case .optional(let inner) = value else { throw noOverload("{?…}", value) }
                guard let inner else { continue }
                value = inner
            }
            try insert(value, at: key, into: &map)
        }
        return .map(map)
    }

    /// Adds an entry; a key that is there or can be none is an error.
    func insert(_ value: Value, at key: Value, into map: inout ValueMap) throws(CELError) {
        guard let stored = ValueMap.Key(storing: key) else {
            throw CELError(
                .noSuchOverload, "a \(key.type.name) cannot be the key of a map; bool, int, uint and string can")
        }
        guard map[stored] == nil else {
            throw CELError(.invalidArgument, "the key \(key.excerpt) is in the map twice")
        }
        _ = map.insert(value, at: key)
    }

    // MARK: Calls

    private mutating func call(_ call: Call) throws(CELError) -> Value {
        var arguments: [Value] = []
        arguments.reserveCapacity(call.arguments.count)
        for argument in call.arguments {
            arguments.append(try evaluate(argument))
        }
        guard let value = try call.implementation.run(arguments, &meter) else {
            throw CELError.noSuchOverload("\(call.name)()", arguments)
        }
        return value
    }
}

extension Function.Implementation {
    func run(_ arguments: [Value], _ meter: inout Meter) throws(CELError) -> Value? {
        guard accepts(argumentCount: arguments.count) else { return nil }
        return switch self {
        case .nullary(let body): try body(&meter)
        case .unary(let body): try body(arguments[0], &meter)
        case .binary(let body): try body(arguments[0], arguments[1], &meter)
        case .ternary(let body): try body(arguments[0], arguments[1], arguments[2], &meter)
        case .variadic(_, let body): try body(arguments, &meter)
        }
    }
}
