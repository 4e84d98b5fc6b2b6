/// Functions that lists and texts share: positions and turning round.
enum SequenceLibrary {
    static let functions: [Function] = [
        Function("indexOf", .member, .binary(indexOf)),
        Function("indexOf", .member, .ternary(indexOf)),
        Function("lastIndexOf", .member, .binary(lastIndexOf)),
        Function("lastIndexOf", .member, .ternary(lastIndexOf)),
        Function("reverse", .member, .unary(reverse)),
    ]

    private static func indexOf(_ value: Value, _ part: Value, _ meter: inout Meter) throws(CELError) -> Value? {
        if case .list(let values) = value {
            try meter.charge(values.count)
            return .int(Int64(values.firstIndex { $0.equals(part) } ?? -1))
        }
        return try indexOf(value, part, 0, &meter)
    }

    private static func indexOf(
        _ value: Value, _ part: Value, _ start: Value, _ meter: inout Meter
    ) throws(CELError) -> Value? {
        guard case .string(let text) = value, case .string(let part) = part, case .int(let start) = start else {
            return nil
        }
        let scalars = try StringLibrary.scalars(text, &meter)
        guard let position = Int(exactly: start), (0...scalars.count).contains(position) else {
            throw StringLibrary.outOfRange(start, scalars.count)
        }
        let search = SequenceSearch(Array(part.unicodeScalars))
        return .int(Int64(search.firstIndex(in: scalars, from: position) ?? -1))
    }

    private static func lastIndexOf(_ value: Value, _ part: Value, _ meter: inout Meter) throws(CELError) -> Value? {
        switch value {
        case .list(let values):
            try meter.charge(values.count)
            return .int(Int64(values.lastIndex { $0.equals(part) } ?? -1))
        case .string(let text):
            return try lastIndexOf(value, part, .int(Int64(text.unicodeScalars.count)), &meter)
        default:
            return nil
        }
    }

    private static func lastIndexOf(
        _ value: Value, _ part: Value, _ start: Value, _ meter: inout Meter
    ) throws(CELError) -> Value? {
        guard case .string(let text) = value, case .string(let part) = part, case .int(let start) = start else {
            return nil
        }
        let scalars = try StringLibrary.scalars(text, &meter)
        guard let position = Int(exactly: start), (0...scalars.count).contains(position) else {
            throw StringLibrary.outOfRange(start, scalars.count)
        }
        let search = SequenceSearch(Array(part.unicodeScalars))
        return .int(Int64(search.lastIndex(in: scalars, startingUpTo: position) ?? -1))
    }

    private static func reverse(_ value: Value, _ meter: inout Meter) throws(CELError) -> Value? {
        switch value {
        case .list(let values):
            try meter.charge(values.count)
            return .list(values.reversed())
        case .string(let text):
            return .string(String(try StringLibrary.scalars(text, &meter).reversed()))
        default:
            return nil
        }
    }
}
