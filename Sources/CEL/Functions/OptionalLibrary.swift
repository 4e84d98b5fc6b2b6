/// Optional values: `optional.of(x)`, `a.?b.orValue(c)`.
enum OptionalLibrary {
    static let functions: [Function] = [
        Function("optional.none", .global, .nullary { _ in .optional(nil) }),
        Function("optional.of", .global, .unary { value, _ in .optional(value) }),
        Function("optional.ofNonZeroValue", .global, .unary { value, _ in .optional(value.isZero ? nil : value) }),
        Function("optional.unwrap", .global, .unary(unwrap)),
        Function("unwrapOpt", .member, .unary(unwrap)),
        Function("hasValue", .member, .unary(hasValue)),
        Function("value", .member, .unary(value)),
        Function("or", .member, .binary(or)),
        Function("orValue", .member, .binary(orValue)),
    ]

    private static func hasValue(_ value: Value, _ meter: inout Meter) throws(CELError) -> Value? {
        guard case .optional(let inner) = value else { return nil }
        return .bool(inner != nil)
    }

    private static func value(_ value: Value, _ meter: inout Meter) throws(CELError) -> Value? {
        guard case .optional(let inner) = value else { return nil }
        guard let inner else {
            throw CELError(.noSuchKey, "the optional is empty; use orValue() for a default")
        }
        return inner
    }

    private static func or(_ value: Value, _ other: Value, _ meter: inout Meter) throws(CELError) -> Value? {
        guard case .optional(let inner) = value, case .optional = other else { return nil }
        return inner == nil ? other : value
    }

    private static func orValue(_ value: Value, _ other: Value, _ meter: inout Meter) throws(CELError) -> Value? {
        guard case .optional(let inner) = value else { return nil }
        return inner ?? other
    }

    private static func unwrap(_ value: Value, _ meter: inout Meter) throws(CELError) -> Value? {
        guard case .list(let values) = value else { return nil }
        try meter.charge(values.count)
        var present: [Value] = []
        for value in values {
            guard case .optional(let inner) = value else { return nil }
            inner.map { present.append($0) }
        }
        return .list(present)
    }
}
