/// The math extension functions.
enum MathLibrary {
    static let functions: [Function] = [
        Function("math.greatest", .global, .variadic(1...64, greatest)),
        Function("math.least", .global, .variadic(1...64, least)),
        Function("math.abs", .global, .unary(abs)),
        Function("math.sign", .global, .unary(sign)),
        Function("math.ceil", .global, .unary { value, _ in onDouble(value) { $0.rounded(.up) } }),
        Function("math.floor", .global, .unary { value, _ in onDouble(value) { $0.rounded(.down) } }),
        Function(
            "math.round", .global, .unary { value, _ in onDouble(value) { $0.rounded(.toNearestOrAwayFromZero) } }),
        Function("math.trunc", .global, .unary { value, _ in onDouble(value) { $0.rounded(.towardZero) } }),
        Function("math.sqrt", .global, .unary { value, _ in value.asDouble.map { .double($0.squareRoot()) } }),
        Function("math.isNaN", .global, .unary { value, _ in test(value) { $0.isNaN } }),
        Function("math.isInf", .global, .unary { value, _ in test(value) { $0.isInfinite } }),
        Function("math.isFinite", .global, .unary { value, _ in test(value) { $0.isFinite } }),
        Function("math.bitAnd", .global, .binary { left, right, _ in bits(left, right, &, &) }),
        Function("math.bitOr", .global, .binary { left, right, _ in bits(left, right, |, |) }),
        Function("math.bitXor", .global, .binary { left, right, _ in bits(left, right, ^, ^) }),
        Function("math.bitNot", .global, .unary(bitNot)),
        Function("math.bitShiftLeft", .global, .binary(shiftLeft)),
        Function("math.bitShiftRight", .global, .binary(shiftRight)),
    ]

    private static func greatest(_ arguments: [Value], _ meter: inout Meter) throws(CELError) -> Value? {
        try extreme(arguments, .greater, &meter)
    }

    private static func least(_ arguments: [Value], _ meter: inout Meter) throws(CELError) -> Value? {
        try extreme(arguments, .less, &meter)
    }

    /// Of several numbers, or of one list of numbers.
    private static func extreme(
        _ arguments: [Value], _ wanted: Ordering, _ meter: inout Meter
    ) throws(CELError) -> Value? {
        var values = arguments
        if arguments.count == 1, case .list(let list)? = arguments.first {
            values = list
        }
        try meter.charge(values.count)
        guard var result = values.first else {
            throw CELError(.invalidArgument, "an empty list has neither a greatest nor a least member")
        }
        for value in values {
            guard value.asDouble != nil, let order = value.compare(to: result) else { return nil }
            if order == wanted {
                result = value
            }
        }
        return result
    }

    private static func abs(_ value: Value, _ meter: inout Meter) throws(CELError) -> Value? {
        switch value {
        case .int(let number):
            guard number != .min else {
                throw CELError(.overflow, "the absolute value of \(number) does not fit into an int")
            }
            return .int(Swift.abs(number))
        case .uint: return value
        case .double(let number): return .double(number.magnitude)
        default: return nil
        }
    }

    private static func sign(_ value: Value, _ meter: inout Meter) throws(CELError) -> Value? {
        switch value {
        case .int(let number): .int(number.signum())
        case .uint(let number): .uint(number == 0 ? 0 : 1)
        case .double(let number): .double(number.isNaN ? number : number == 0 ? 0 : number < 0 ? -1 : 1)
        default: nil
        }
    }

    private static func onDouble(_ value: Value, _ body: (Double) -> Double) -> Value? {
        guard case .double(let number) = value else { return nil }
        return .double(body(number))
    }

    private static func test(_ value: Value, _ body: (Double) -> Bool) -> Value? {
        guard case .double(let number) = value else { return nil }
        return .bool(body(number))
    }

    private static func bits(
        _ left: Value, _ right: Value, _ signed: (Int64, Int64) -> Int64, _ unsigned: (UInt64, UInt64) -> UInt64
    ) -> Value? {
        switch (left, right) {
        case (.int(let left), .int(let right)): .int(signed(left, right))
        case (.uint(let left), .uint(let right)): .uint(unsigned(left, right))
        default: nil
        }
    }

    private static func bitNot(_ value: Value, _ meter: inout Meter) throws(CELError) -> Value? {
        switch value {
        case .int(let number): .int(~number)
        case .uint(let number): .uint(~number)
        default: nil
        }
    }

    private static func shiftLeft(_ value: Value, _ count: Value, _ meter: inout Meter) throws(CELError) -> Value? {
        guard let count = try shiftCount(count) else { return nil }
        return switch value {
        case .int(let number): .int(number << count)
        case .uint(let number): .uint(number << count)
        default: nil
        }
    }

    /// Zeros come in from the left, also for negative numbers.
    private static func shiftRight(_ value: Value, _ count: Value, _ meter: inout Meter) throws(CELError) -> Value? {
        guard let count = try shiftCount(count) else { return nil }
        return switch value {
        case .int(let number): .int(Int64(bitPattern: UInt64(bitPattern: number) >> count))
        case .uint(let number): .uint(number >> count)
        default: nil
        }
    }

    private static func shiftCount(_ value: Value) throws(CELError) -> Int64? {
        guard case .int(let count) = value else { return nil }
        guard count >= 0 else {
            throw CELError(.invalidArgument, "bits cannot be shifted by the negative number \(count)")
        }
        return count
    }
}

extension Value {
    /// A number of any type as a double.
    var asDouble: Double? {
        switch self {
        case .int(let value): Double(value)
        case .uint(let value): Double(value)
        case .double(let value): value
        default: nil
        }
    }
}
