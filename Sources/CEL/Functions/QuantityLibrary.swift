import KubeCore

/// Kubernetes' quantities: `quantity("1.5Gi").isGreaterThan(quantity("1G"))`.
enum QuantityLibrary {
    static let functions: [Function] = [
        Function("quantity", .global, .unary(quantity)),
        Function("isQuantity", .global, .unary(isQuantity)),
        Function("sign", .member, .unary(sign)),
        Function("isInteger", .member, .unary(isInteger)),
        Function("asInteger", .member, .unary(asInteger)),
        Function("asApproximateFloat", .member, .unary(asApproximateFloat)),
        Function("add", .member, .binary(add)),
        Function("sub", .member, .binary(subtract)),
        Function("isGreaterThan", .member, .binary(isGreaterThan)),
        Function("isLessThan", .member, .binary(isLessThan)),
        Function("compareTo", .member, .binary(compareTo)),
    ]

    private static func quantity(_ value: Value, _ meter: inout Meter) throws(CELError) -> Value? {
        guard case .string(let text) = value else { return nil }
        guard let quantity = try? Quantity(parsing: text) else {
            throw CELError(
                .invalidArgument, "\(value.excerpt) is not a quantity; it takes text such as '500m' or '2Gi'")
        }
        return .quantity(quantity)
    }

    private static func isQuantity(_ value: Value, _ meter: inout Meter) throws(CELError) -> Value? {
        guard case .string(let text) = value else { return nil }
        return .bool((try? Quantity(parsing: text)) != nil)
    }

    private static func sign(_ value: Value, _ meter: inout Meter) throws(CELError) -> Value? {
        guard case .quantity(let quantity) = value else { return nil }
        return .int(quantity.isZero ? 0 : quantity.isNegative ? -1 : 1)
    }

    private static func wholeNumber(_ quantity: Quantity) -> Int64? {
        let (quotient, rest) = quantity.nanos.quotientAndRemainder(dividingBy: 1_000_000_000)
        return rest == 0 ? Int64(exactly: quotient) : nil
    }

    private static func isInteger(_ value: Value, _ meter: inout Meter) throws(CELError) -> Value? {
        guard case .quantity(let quantity) = value else { return nil }
        return .bool(wholeNumber(quantity) != nil)
    }

    private static func asInteger(_ value: Value, _ meter: inout Meter) throws(CELError) -> Value? {
        guard case .quantity(let quantity) = value else { return nil }
        guard let number = wholeNumber(quantity) else {
            throw CELError(.overflow, "\(value.excerpt) is not a whole number that fits into an int")
        }
        return .int(number)
    }

    private static func asApproximateFloat(_ value: Value, _ meter: inout Meter) throws(CELError) -> Value? {
        guard case .quantity(let quantity) = value else { return nil }
        return .double(quantity.doubleValue)
    }

    /// The other operand of a sum or difference: a quantity or an int.
    private static func operand(_ value: Value) -> Quantity? {
        switch value {
        case .quantity(let quantity): quantity
        case .int(let number): Quantity(number)
        default: nil
        }
    }

    private static func add(_ left: Value, _ right: Value, _ meter: inout Meter) throws(CELError) -> Value? {
        guard case .quantity(let left) = left, let right = operand(right) else { return nil }
        return .quantity(left + right)
    }

    private static func subtract(_ left: Value, _ right: Value, _ meter: inout Meter) throws(CELError) -> Value? {
        guard case .quantity(let left) = left, let right = operand(right) else { return nil }
        return .quantity(left - right)
    }

    private static func isGreaterThan(_ left: Value, _ right: Value, _ meter: inout Meter) throws(CELError) -> Value? {
        guard case .quantity(let left) = left, case .quantity(let right) = right else { return nil }
        return .bool(left > right)
    }

    private static func isLessThan(_ left: Value, _ right: Value, _ meter: inout Meter) throws(CELError) -> Value? {
        guard case .quantity(let left) = left, case .quantity(let right) = right else { return nil }
        return .bool(left < right)
    }

    private static func compareTo(_ left: Value, _ right: Value, _ meter: inout Meter) throws(CELError) -> Value? {
        guard case .quantity(let left) = left, case .quantity(let right) = right else { return nil }
        return .int(left == right ? 0 : left < right ? -1 : 1)
    }
}
