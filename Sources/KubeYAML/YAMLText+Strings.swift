import KubeCore

extension YAMLText {
    /// The header of a literal block for a text of several lines; nil when a block could not hold it exactly.
    static func literalHeader(_ text: String) -> String? {
        guard text.unicodeScalars.contains("\n"), text.unicodeScalars.allSatisfy({ $0 == "\n" || isPrintable($0) }),
            // The indentation of a block is found by its first line: blanks there would need an indicator, and
            // readers differ on it.
            let first = text.unicodeScalars.first, first != " ", first != "\n", first != "\t"
        else { return nil }
        let trailing = text.utf8.reversed().prefix { $0 == UInt8(ascii: "\n") }.count
        switch trailing {
        case 0: return "|-"
        case 1: return "|"
        default: return "|+"
        }
    }

    /// The text plain when it is read back as this very string, or else in double quotes.
    static func quotedIfNeeded(_ text: String) -> String { isPlainSafe(text) ? text : quoted(text) }

    private static func isPlainSafe(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard let first = bytes.first, let last = bytes.last, last != 0x20, last != UInt8(ascii: ":") else {
            return false
        }
        guard
            isAlphanumeric(first) || "_/.+(\\$".utf8.contains(first)
                || (first == 0x2D && bytes.count > 1 && bytes[1] != 0x20)
        else { return false }
        for (position, byte) in bytes.enumerated() {
            let next = position + 1 < bytes.count ? bytes[position + 1] : 0
            switch byte {
            case UInt8(ascii: ":"): if next == 0x20 { return false }
            case 0x20: if next == UInt8(ascii: "#") || next == 0x20 { return false }
            case 0x80...: return isPlainText(text) && !isAmbiguous(text, bytes)
            default: if !isAlphanumeric(byte), !"-_./+*=@%&;<>?!'\"()^~#$|\\".utf8.contains(byte) { return false }
            }
        }
        return !isAmbiguous(text, bytes)
    }

    /// For texts beyond ASCII: only letters and signs that no reader could take for structure.
    private static func isPlainText(_ text: String) -> Bool {
        text.unicodeScalars.allSatisfy { scalar in
            isPrintable(scalar)
                && (scalar.properties.isAlphabetic
                    || (scalar.isASCII && "0123456789-_. ".unicodeScalars.contains(scalar)))
        } && !text.contains("  ")
    }

    /// Whether a reader of YAML 1.1 or 1.2 could take the text for a number, a date, a boolean, null or a mark.
    private static func isAmbiguous(_ text: String, _ bytes: [UInt8]) -> Bool {
        guard let value = try? YAMLScalar.plain(text), case .string = value else { return true }
        if text.hasPrefix("---") || text.hasPrefix("...") || text == "=" || text == "<<" { return true }
        // Base 60, dates, and numbers in forms that some readers take.
        let first = bytes.first ?? 0
        guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) || "+-.".utf8.contains(first) else {
            return false
        }
        let isNumeric = bytes.allSatisfy { "0123456789+-_:.eE".utf8.contains($0) }
        if isNumeric { return bytes.contains(UInt8(ascii: ":")) || bytes.filter { $0 == UInt8(ascii: ".") }.count < 2 }
        return bytes.count >= 10 && bytes[4] == UInt8(ascii: "-") && bytes[7] == UInt8(ascii: "-")
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"):
            true
        default: false
        }
    }

    /// Whether a character may stand in YAML as it is, on one line.
    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        // U+0085, U+2028 and U+2029 end lines in YAML 1.1; U+FEFF is a byte order mark.
        case 0x09, 0x20...0x7E, 0xA0...0x2027, 0x202A...0xD7FF, 0xE000...0xFEFE, 0xFF00...0xFFFD, 0x10000...0x10FFFF:
            true
        default: false
        }
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            case "\r": result += "\\r"
            default:
                if isPrintable(scalar) {
                    result.unicodeScalars.append(scalar)
                } else {
                    let digits = String(scalar.value, radix: 16, uppercase: true)
                    let (mark, width) = scalar.value < 0x100 ? ("x", 2) : scalar.value < 0x10000 ? ("u", 4) : ("U", 8)
                    result += "\\" + mark + String(repeating: "0", count: Swift.max(0, width - digits.count)) + digits
                }
            }
        }
        return result + "\""
    }
}
