extension Evaluator {
    mutating func select(_ operand: Node, _ field: String, isOptional: Bool) throws(CELError) -> Value {
        let container = try evaluate(operand)
        if case .optional(let inner) = container {
            // Once optional, always optional: a.?b.c is none when b is.
            guard let inner else { return .optional(nil) }
            return .optional(try self.field(field, of: inner))
        }
        let value = try self.field(field, of: container)
        if isOptional {
            return .optional(value)
        }
        guard let value else {
            throw CELError(.noSuchKey, "no such key: '\(field)'" + Self.hint(field, container))
        }
        return value
    }

    mutating func has(_ operand: Node, _ field: String) throws(CELError) -> Value {
        let container = try evaluate(operand)
        if case .optional(let inner) = container {
            guard let inner else { return .bool(false) }
            return .bool(try self.field(field, of: inner) != nil)
        }
        return .bool(try self.field(field, of: container) != nil)
    }

    private func field(_ name: String, of container: Value) throws(CELError) -> Value? {
        guard case .map(let map) = container else {
            throw CELError(
                .noSuchOverload, "no such overload: a \(container.type.name) has no field '\(name)', only a map has")
        }
        return map[name]
    }

    mutating func index(_ operand: Node, _ key: Node, isOptional: Bool) throws(CELError) -> Value {
        let container = try evaluate(operand)
        let key = try evaluate(key)
        if case .optional(let inner) = container {
            guard let inner else { return .optional(nil) }
            return .optional(try element(of: inner, at: key))
        }
        let value = try element(of: container, at: key)
        if isOptional {
            return .optional(value)
        }
        guard let value else {
            if case .list(let values) = container {
                throw CELError(.noSuchKey, "the index \(key.excerpt) is outside of the list of \(values.count)")
            }
            throw CELError(.noSuchKey, "no such key: \(key.excerpt)")
        }
        return value
    }

    private func element(of container: Value, at key: Value) throws(CELError) -> Value? {
        switch container {
        case .list(let values):
            guard let index = key.wholeNumber else {
                if case .double = key {
                    throw CELError(.invalidArgument, "the index of a list is a whole number, not \(key.excerpt)")
                }
                throw noOverload("[]", container, key)
            }
            guard let position = Int(exactly: index), values.indices.contains(position) else { return nil }
            return values[position]
        case .map(let map):
            switch key {
            case .bool, .int, .uint, .double, .string:
                return ValueMap.Key(key).flatMap { map[$0] }
            default:
                throw noOverload("[]", container, key)
            }
        default:
            throw noOverload("[]", container, key)
        }
    }

    mutating func membership(_ element: Node, in container: Node) throws(CELError) -> Value {
        let element = try evaluate(element)
        let container = try evaluate(container)
        switch container {
        case .list(let values):
            for value in values {
                try meter.charge(min(value.weight(limit: 64), element.weight(limit: 64)))
                if value.equals(element) {
                    return .bool(true)
                }
            }
            return .bool(false)
        case .map(let map):
            return .bool(ValueMap.Key(element).map { map[$0] != nil } ?? false)
        default:
            throw noOverload("in", element, container)
        }
    }

    private static func hint(_ field: String, _ container: Value) -> String {
        guard case .map(let map) = container else { return "" }
        let names = map.keys.compactMap { key -> String? in
            guard case .string(let name) = key else { return nil }
            return name
        }
        guard !names.isEmpty, names.count <= 12 else { return "" }
        return "; there are: " + names.sorted().joined(separator: ", ")
    }
}

extension Value {
    /// The value as a whole number; also a uint, or a double without a fraction.
    var wholeNumber: Int64? {
        switch self {
        case .int(let value): value
        case .uint(let value): Int64(exactly: value)
        case .double(let value): Int64(exactly: value)
        default: nil
        }
    }
}
