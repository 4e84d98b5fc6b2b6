extension Evaluator {
    // MARK: Relations

    mutating func relation(_ operation: RelationOperator, _ left: Node, _ right: Node) throws(CELError) -> Value {
        let left = try evaluate(left)
        let right = try evaluate(right)
        try meter.charge(min(left.weight(limit: meter.remaining), right.weight(limit: meter.remaining)) - 1)
        switch operation {
        case .equal: return .bool(left.equals(right))
        case .notEqual: return .bool(!left.equals(right))
        default: break
        }
        guard let order = left.compare(to: right) else { throw noOverload(operation.rawValue, left, right) }
        return switch operation {
        case .less: .bool(order == .less)
        case .lessOrEqual: .bool(order == .less || order == .equal)
        case .greater: .bool(order == .greater)
        default: .bool(order == .greater || order == .equal)
        }
    }

    // MARK: Arithmetic

    mutating func negate(_ operand: Node) throws(CELError) -> Value {
        let value = try evaluate(operand)
        switch value {
        case .int(let number):
            let (result, overflow) = Int64(0).subtractingReportingOverflow(number)
            if overflow {
                throw Self.overflow("-", value)
            }
            return .int(result)
        case .double(let number):
            return .double(-number)
        default:
            throw noOverload("-", value)
        }
    }

    mutating func arithmetic(_ operation: ArithmeticOperator, _ left: Node, _ right: Node) throws(CELError) -> Value {
        let left = try evaluate(left)
        let right = try evaluate(right)
        switch (left, right) {
        case (.int(let a), .int(let b)):
            return .int(try Self.integer(operation, a, b))
        case (.uint(let a), .uint(let b)):
            return .uint(try Self.integer(operation, a, b))
        case (.double(let a), .double(let b)):
            guard let result = Self.double(operation, a, b) else { throw noOverload(operation.rawValue, left, right) }
            return .double(result)
        default:
            break
        }
        switch operation {
        case .add: return try sum(left, right)
        case .subtract: return try difference(left, right)
        default: throw noOverload(operation.rawValue, left, right)
        }
    }

    private static func integer<I: FixedWidthInteger>(
        _ operation: ArithmeticOperator, _ left: I, _ right: I
    ) throws(CELError) -> I {
        let result: (partialValue: I, overflow: Bool)
        switch operation {
        case .add: result = left.addingReportingOverflow(right)
        case .subtract: result = left.subtractingReportingOverflow(right)
        case .multiply: result = left.multipliedReportingOverflow(by: right)
        case .divide, .remainder:
            if right == 0 {
                let name = operation == .divide ? "division" : "modulus"
                throw CELError(.divisionByZero, "\(name) by zero: \(left) \(operation.rawValue) 0")
            }
            result =
                operation == .divide
                ? left.dividedReportingOverflow(by: right) : left.remainderReportingOverflow(dividingBy: right)
        }
        if result.overflow {
            let type = I.isSigned ? "int" : "uint"
            throw CELError(.overflow, "\(left) \(operation.rawValue) \(right) does not fit into the 64 bits of \(type)")
        }
        return result.partialValue
    }

    private static func double(_ operation: ArithmeticOperator, _ left: Double, _ right: Double) -> Double? {
        switch operation {
        case .add: left + right
        case .subtract: left - right
        case .multiply: left * right
        case .divide: left / right
        case .remainder: nil
        }
    }

    private mutating func sum(_ left: Value, _ right: Value) throws(CELError) -> Value {
        switch (left, right) {
        case (.string(let a), .string(let b)):
            try meter.charge(bytes: a.utf8.count + b.utf8.count)
            return .string(a + b)
        case (.bytes(let a), .bytes(let b)):
            try meter.charge(bytes: a.count + b.count)
            return .bytes(a + b)
        case (.list(let a), .list(let b)):
            try meter.charge(a.count + b.count)
            return .list(a + b)
        case (.timestamp(let instant), .duration(let span)), (.duration(let span), .timestamp(let instant)):
            guard let result = instant.adding(span) else { throw Self.overflow("+", left, right) }
            return .timestamp(result)
        case (.duration(let a), .duration(let b)):
            let (result, overflow) = a.nanoseconds.addingReportingOverflow(b.nanoseconds)
            if overflow {
                throw Self.overflow("+", left, right)
            }
            return .duration(Span(nanoseconds: result))
        default:
            throw noOverload("+", left, right)
        }
    }

    private func difference(_ left: Value, _ right: Value) throws(CELError) -> Value {
        switch (left, right) {
        case (.timestamp(let a), .timestamp(let b)):
            guard let span = a.since(b) else { throw Self.overflow("-", left, right) }
            return .duration(span)
        case (.timestamp(let instant), .duration(let span)):
            let (negated, overflow) = Int64(0).subtractingReportingOverflow(span.nanoseconds)
            guard !overflow, let result = instant.adding(Span(nanoseconds: negated)) else {
                throw Self.overflow("-", left, right)
            }
            return .timestamp(result)
        case (.duration(let a), .duration(let b)):
            let (result, overflow) = a.nanoseconds.subtractingReportingOverflow(b.nanoseconds)
            if overflow {
                throw Self.overflow("-", left, right)
            }
            return .duration(Span(nanoseconds: result))
        default:
            throw noOverload("-", left, right)
        }
    }

    private static func overflow(_ operation: String, _ operands: Value...) -> CELError {
        let text =
            operands.count == 1
            ? "\(operation)\(operands.map(\.excerpt).joined())"
            : operands.map(\.excerpt).joined(separator: " \(operation) ")
        return CELError(.overflow, "\(text) is out of the range of its type")
    }
}
