/// Regular expressions in RE2's syntax: `matches`, and Kubernetes' `find` and `findAll`.
enum RegexLibrary {
    static let functions: [Function] = [
        Function("matches", .both, .binary(matches)),
        Function("find", .member, .binary(find)),
        Function("findAll", .member, .binary(findAll)),
        Function("findAll", .member, .ternary(findAll)),
    ]

    /// `matches` with a pattern that is known while parsing, so that it is compiled once and its errors come early.
    static func matching(_ expression: RegularExpression) -> Function.Implementation {
        .unary { value, meter throws(CELError) in
            guard case .string(let text) = value else { return nil }
            try meter.charge(expression.cost(textLength: text.utf8.count))
            return .bool(expression.matches(text))
        }
    }

    private static func compile(_ pattern: String, _ meter: inout Meter) throws(CELError) -> RegularExpression {
        try meter.charge(pattern.utf8.count)
        let expression: RegularExpression
        do throws(RegularExpressionError) {
            expression = try RegularExpression(pattern)
        } catch {
            throw CELError(.invalidArgument, "'\(pattern)' is no regular expression: \(error)")
        }
        try meter.charge(expression.program.instructions.count / 16)
        return expression
    }

    private static func matches(_ value: Value, _ pattern: Value, _ meter: inout Meter) throws(CELError) -> Value? {
        guard case .string(let text) = value, case .string(let pattern) = pattern else { return nil }
        let expression = try compile(pattern, &meter)
        try meter.charge(expression.cost(textLength: text.utf8.count))
        return .bool(expression.matches(text))
    }

    private static func find(_ value: Value, _ pattern: Value, _ meter: inout Meter) throws(CELError) -> Value? {
        guard case .string = value, case .string = pattern else { return nil }
        guard case .list(let found)? = try findAll(value, pattern, .int(1), &meter) else { return nil }
        return found.first ?? ""
    }

    private static func findAll(_ value: Value, _ pattern: Value, _ meter: inout Meter) throws(CELError) -> Value? {
        try findAll(value, pattern, -1, &meter)
    }

    private static func findAll(
        _ value: Value, _ pattern: Value, _ limit: Value, _ meter: inout Meter
    ) throws(CELError) -> Value? {
        guard case .string(let text) = value, case .string(let pattern) = pattern, case .int(let limit) = limit else {
            return nil
        }
        let expression = try compile(pattern, &meter)
        let scalars = Array(text.unicodeScalars)
        var found: [Value] = []
        var start = 0
        var previousEnd = -1
        // Each search is charged for what is left of the text, as a failing one reads all of it.
        while limit < 0 || found.count < limit, start <= scalars.count {
            try meter.charge(expression.cost(textLength: 1))
            guard let match = expression.firstMatch(in: scalars, from: start), let whole = match.first,
                let range = whole
            else {
                try meter.charge(expression.cost(textLength: scalars.count - start))
                break
            }
            try meter.charge(expression.cost(textLength: range.upperBound - start))
            // As in RE2 and Go, an empty match right after another match is none.
            if !range.isEmpty || range.lowerBound != previousEnd {
                found.append(.string(String(scalars[range])))
            }
            previousEnd = range.upperBound
            start = range.isEmpty ? range.upperBound + 1 : range.upperBound
        }
        return .list(found)
    }
}

extension String {
    init(_ scalars: some Sequence<Unicode.Scalar>) {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        self = String(view)
    }
}
