/// Just enough JSON to pass values on as they are: a check of a text without building a tree, and quoting.
enum JSONText {
    /// Deeper values stay strings; it bounds the recursion.
    static let depthLimit = 64

    /// The text without insignificant white space, when it is a JSON array, object, number, boolean or null.
    ///
    /// A quoted string is none of these: a command that writes `"a"` means the quotes. A number that neither Int64 nor Double
    /// can hold is none either, since a reader would alter it.
    static func compacted(_ content: [UInt8]) -> [UInt8]? {
        var scanner = JSONScanner(content)
        scanner.skipSpace()
        guard scanner.peek != UInt8(ascii: "\""), scanner.value(depth: 0) else { return nil }
        scanner.skipSpace()
        guard scanner.isAtEnd, String(validating: scanner.kept, as: UTF8.self) != nil else { return nil }
        return scanner.kept
    }

    /// A JSON string. Bytes that are no UTF-8 become U+FFFD.
    static func quoted(_ content: [UInt8]) -> [UInt8] {
        let digits = Array("0123456789abcdef".utf8)
        var result = [UInt8(ascii: "\"")]
        for byte in String(decoding: content, as: UTF8.self).utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): result += [UInt8(ascii: "\\"), byte]
            case UInt8(ascii: "\n"): result += Array(#"\n"#.utf8)
            case UInt8(ascii: "\r"): result += Array(#"\r"#.utf8)
            case UInt8(ascii: "\t"): result += Array(#"\t"#.utf8)
            case 0..<0x20: result += Array(#"\u00"#.utf8) + [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            default: result.append(byte)
            }
        }
        result.append(UInt8(ascii: "\""))
        return result
    }
}

/// Walks over one JSON value (RFC 8259), keeping all but the white space between tokens.
struct JSONScanner {
    private let text: [UInt8]
    private var position = 0
    private(set) var kept: [UInt8] = []

    init(_ text: [UInt8]) { self.text = text }

    var isAtEnd: Bool { position >= text.count }
    var peek: UInt8? { position < text.count ? text[position] : nil }

    mutating func skipSpace() {
        while let byte = peek, byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 { position += 1 }
    }

    /// - Returns: whether a value was there.
    mutating func value(depth: Int) -> Bool {
        guard depth < JSONText.depthLimit, let byte = peek else { return false }
        switch byte {
        case UInt8(ascii: "{"): return members(depth: depth)
        case UInt8(ascii: "["): return elements(depth: depth)
        case UInt8(ascii: "\""): return string()
        case UInt8(ascii: "t"): return word("true")
        case UInt8(ascii: "f"): return word("false")
        case UInt8(ascii: "n"): return word("null")
        default: return number()
        }
    }

    @discardableResult
    private mutating func keep(_ expected: UInt8) -> Bool {
        guard peek == expected else { return false }
        kept.append(expected)
        position += 1
        return true
    }

    private mutating func word(_ expected: StaticString) -> Bool {
        expected.withUTF8Buffer { bytes in
            for byte in bytes {
                guard keep(byte) else { return false }
            }
            return true
        }
    }

    private mutating func members(depth: Int) -> Bool {
        keep(UInt8(ascii: "{"))
        skipSpace()
        if keep(UInt8(ascii: "}")) { return true }
        while true {
            skipSpace()
            guard peek == UInt8(ascii: "\""), string() else { return false }
            skipSpace()
            guard keep(UInt8(ascii: ":")) else { return false }
            skipSpace()
            guard value(depth: depth + 1) else { return false }
            skipSpace()
            if keep(UInt8(ascii: "}")) { return true }
            guard keep(UInt8(ascii: ",")) else { return false }
        }
    }

    private mutating func elements(depth: Int) -> Bool {
        keep(UInt8(ascii: "["))
        skipSpace()
        if keep(UInt8(ascii: "]")) { return true }
        while true {
            skipSpace()
            guard value(depth: depth + 1) else { return false }
            skipSpace()
            if keep(UInt8(ascii: "]")) { return true }
            guard keep(UInt8(ascii: ",")) else { return false }
        }
    }

    private mutating func string() -> Bool {
        keep(UInt8(ascii: "\""))
        while let byte = peek {
            switch byte {
            case UInt8(ascii: "\""): return keep(byte)
            case UInt8(ascii: "\\"):
                keep(byte)
                guard escape() else { return false }
            case 0..<0x20: return false
            default: keep(byte)
            }
        }
        return false
    }

    private mutating func escape() -> Bool {
        guard let byte = peek else { return false }
        if byte == UInt8(ascii: "u") {
            keep(byte)
            for _ in 0..<4 {
                guard let digit = peek, Self.isHexDigit(digit) else { return false }
                keep(digit)
            }
            return true
        }
        return #"\"/bfnrt"#.utf8.contains(byte) && keep(byte)
    }

    private mutating func number() -> Bool {
        let start = kept.count
        var isInteger = true
        keep(UInt8(ascii: "-"))
        if !keep(UInt8(ascii: "0")) {
            guard digits() else { return false }
        }
        if keep(UInt8(ascii: ".")) {
            isInteger = false
            guard digits() else { return false }
        }
        if let byte = peek, byte == UInt8(ascii: "e") || byte == UInt8(ascii: "E") {
            isInteger = false
            keep(byte)
            if let sign = peek, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") { keep(sign) }
            guard digits() else { return false }
        }
        let text = String(decoding: kept[start...], as: UTF8.self)
        return isInteger ? Int64(text) != nil : Double(text)?.isFinite == true
    }

    /// At least one digit.
    private mutating func digits() -> Bool {
        var found = false
        while let byte = peek, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
            keep(byte)
            found = true
        }
        return found
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
            UInt8(ascii: "A")...UInt8(ascii: "F"):
            true
        default: false
        }
    }
}
