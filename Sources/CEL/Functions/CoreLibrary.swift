/// Functions of the language proper that are about no type in particular.
enum CoreLibrary {
    static let functions: [Function] = [
        Function("size", .both, .unary(size)),
        Function("type", .global, .unary { value, _ in .type(value.type) }),
        Function("dyn", .global, .unary { value, _ in value }),
        Function("contains", .member, .binary(contains)),
        Function("startsWith", .member, .binary(startsWith)),
        Function("endsWith", .member, .binary(endsWith)),
    ]

    private static func size(_ value: Value, _ meter: inout Meter) throws(CELError) -> Value? {
        switch value {
        case .string(let text):
            try meter.charge(bytes: text.utf8.count)
            return .int(Int64(text.unicodeScalars.count))
        case .bytes(let bytes): return .int(Int64(bytes.count))
        case .list(let values): return .int(Int64(values.count))
        case .map(let map): return .int(Int64(map.count))
        default: return nil
        }
    }

    private static func contains(_ value: Value, _ part: Value, _ meter: inout Meter) throws(CELError) -> Value? {
        guard case .string(let text) = value, case .string(let part) = part else { return nil }
        try meter.charge(bytes: text.utf8.count)
        return .bool(SequenceSearch(Array(part.utf8)).firstIndex(in: Array(text.utf8)) != nil)
    }

    private static func startsWith(_ value: Value, _ part: Value, _ meter: inout Meter) throws(CELError) -> Value? {
        guard case .string(let text) = value, case .string(let part) = part else { return nil }
        try meter.charge(bytes: part.utf8.count)
        return .bool(text.utf8.starts(with: part.utf8))
    }

    private static func endsWith(_ value: Value, _ part: Value, _ meter: inout Meter) throws(CELError) -> Value? {
        guard case .string(let text) = value, case .string(let part) = part else { return nil }
        try meter.charge(bytes: part.utf8.count)
        return .bool(text.utf8.count >= part.utf8.count && text.utf8.suffix(part.utf8.count).elementsEqual(part.utf8))
    }
}
