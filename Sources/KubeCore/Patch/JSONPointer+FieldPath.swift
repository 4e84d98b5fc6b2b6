extension JSONPointer {
    /// The place that a field path of an error names: `spec.tasks[2].name`, `metadata.labels[example.io/a]`,
    /// `data["a.b"]`. What is in brackets is an index or a key; what is malformed is taken as far as it goes.
    public init(fieldPath: String) {
        var tokens: [String] = []
        var rest = Array(fieldPath.utf8)[...]
        while let first = rest.first {
            switch first {
            case UInt8(ascii: "."): rest = rest.dropFirst()
            case UInt8(ascii: "["):
                let inside = rest.dropFirst()
                if inside.first == UInt8(ascii: "\""), let end = Self.endOfQuoted(inside),
                    let key = try? JSON.parse(inside[..<end]).stringValue
                {
                    tokens.append(key)
                    rest = inside[end...].drop { $0 == UInt8(ascii: "]") }
                } else {
                    let token = inside.prefix { $0 != UInt8(ascii: "]") }
                    tokens.append(String(decoding: token, as: UTF8.self))
                    rest = inside[token.endIndex...].dropFirst()
                }
            default:
                let token = rest.prefix { $0 != UInt8(ascii: ".") && $0 != UInt8(ascii: "[") }
                tokens.append(String(decoding: token, as: UTF8.self))
                rest = rest[token.endIndex...]
            }
        }
        self.init(tokens: tokens)
    }

    /// The index after the closing quote of a text that begins with a quote.
    private static func endOfQuoted(_ text: ArraySlice<UInt8>) -> Int? {
        var isEscaped = false
        for index in text.indices.dropFirst() {
            if isEscaped {
                isEscaped = false
            } else if text[index] == UInt8(ascii: "\\") {
                isEscaped = true
            } else if text[index] == UInt8(ascii: "\"") {
                return index + 1
            }
        }
        return nil
    }
}
