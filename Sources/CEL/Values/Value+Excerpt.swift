extension Value {
    /// The value as an expression would write it, shortened, for messages.
    var excerpt: String {
        switch self {
        case .null: return "null"
        case .bool(let value): return "\(value)"
        case .int(let value): return "\(value)"
        case .uint(let value): return "\(value)u"
        case .double(let value): return "\(value)"
        case .string(let text):
            let start = text.unicodeScalars.prefix(40)
            return "\"\(String(start))" + (start.endIndex == text.unicodeScalars.endIndex ? "\"" : "…\"")
        case .bytes(let bytes): return "\(bytes.count) bytes"
        case .list(let values): return "a list of \(values.count)"
        case .map(let map): return "a map of \(map.count)"
        case .timestamp: return "a timestamp"
        case .duration: return "a duration"
        case .type(let type): return type.name
        case .optional(let value): return value.map { "optional.of(\($0.excerpt))" } ?? "optional.none()"
        case .quantity(let quantity): return "quantity(\"\(quantity)\")"
        }
    }
}
