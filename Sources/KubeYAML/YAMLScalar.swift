import KubeCore

struct YAMLScalarError: Error {
    var message: String
}

/// What scalars mean: YAML 1.1 as go-yaml v2 and with it `sigs.k8s.io/yaml` have it.
enum YAMLScalar {
    private static let prefix = "tag:yaml.org,2002:"

    /// The value of a scalar. Quoted and block scalars are strings unless a tag says otherwise.
    static func resolve(_ text: String, tag: String?, isPlain: Bool) throws(YAMLScalarError) -> JSON {
        guard let tag, !tag.isEmpty else { return isPlain ? try plain(text) : .string(text) }
        guard tag.hasPrefix(prefix) else { return .string(text) }
        let value = try plain(text)
        switch (String(tag.dropFirst(prefix.count)), value) {
        case ("null", .null), ("bool", .bool), ("int", .int), ("float", .int), ("float", .double): return value
        case ("int", .double) where !text.utf8.contains(UInt8(ascii: ".")): return value
        case ("null", _), ("bool", _), ("int", _), ("float", _):
            throw YAMLScalarError(message: "\(JSON.string(text)) is not of the type that its tag names, \(tag)")
        case ("binary", _):
            guard let bytes = Base64.decode(text), let decoded = String(validating: bytes, as: UTF8.self) else {
                throw YAMLScalarError(message: "a !!binary scalar is not text in base64")
            }
            return .string(decoded)
        default: return .string(text)
        }
    }

    /// The value of a plain scalar without a tag.
    static func plain(_ text: String) throws(YAMLScalarError) -> JSON {
        switch text {
        case "", "~", "null", "Null", "NULL": return .null
        case "true", "True", "TRUE", "y", "Y", "yes", "Yes", "YES", "on", "On", "ON": return .bool(true)
        case "false", "False", "FALSE", "n", "N", "no", "No", "NO", "off", "Off", "OFF": return .bool(false)
        case ".nan", ".NaN", ".NAN", ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF", "-.inf", "-.Inf", "-.INF":
            throw YAMLScalarError(message: "\(text) has no form in JSON; quote it if a string is meant")
        default: break
        }
        guard let first = text.utf8.first else { return .null }
        switch first {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."):
            return number(text) ?? .string(text)
        default: return .string(text)
        }
    }

    /// The number of a plain scalar; nil when it is none.
    private static func number(_ text: String) -> JSON? {
        let digits = String(decoding: text.utf8.filter { $0 != UInt8(ascii: "_") }, as: UTF8.self)
        if let integer = integer(digits) { return integer }
        // With a point in front go-yaml takes no underscores.
        let isPointFirst = text.utf8.first == UInt8(ascii: ".")
        guard isFloat(isPointFirst ? text : digits), let value = Double(digits), value.isFinite else { return nil }
        // kubectl sends the JSON text of the double, in which 1.0 is 1.
        return try? JSON.parse(JSON.double(value).encoded())
    }

    /// Go's `strconv.ParseInt(text, 0, 64)`: decimal, `0x`, `0b`, `0o`, and octal after a plain zero.
    private static func integer(_ text: String) -> JSON? {
        var body = text[...]
        let isNegative = body.utf8.first == UInt8(ascii: "-")
        if isNegative || body.utf8.first == UInt8(ascii: "+") { body = body.dropFirst() }
        var radix = 10
        if body.utf8.count > 1, body.utf8.first == UInt8(ascii: "0") {
            switch body.utf8.dropFirst().first {
            case UInt8(ascii: "x"), UInt8(ascii: "X"):
                radix = 16
                body = body.dropFirst(2)
            case UInt8(ascii: "b"), UInt8(ascii: "B"):
                radix = 2
                body = body.dropFirst(2)
            case UInt8(ascii: "o"), UInt8(ascii: "O"):
                radix = 8
                body = body.dropFirst(2)
            default:
                radix = 8
                body = body.dropFirst()
            }
        }
        // A second sign would be taken by `UInt64`.
        guard let first = body.utf8.first, first != UInt8(ascii: "+"), first != UInt8(ascii: "-"),
            let magnitude = UInt64(body, radix: radix)
        else { return nil }
        if !isNegative { return Int64(exactly: magnitude).map(JSON.int) ?? .double(Double(magnitude)) }
        guard magnitude <= UInt64(Int64.max) + 1 else { return nil }
        return .int(Int64(truncatingIfNeeded: 0 &- magnitude))
    }

    /// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`
    private static func isFloat(_ text: String) -> Bool {
        var rest = Array(text.utf8)[...]
        func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
        func takeDigits() -> Int {
            let count = rest.prefix(while: isDigit).count
            rest = rest.dropFirst(count)
            return count
        }
        func takeSign() {
            if rest.first == UInt8(ascii: "+") || rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
        }
        takeSign()
        let whole = takeDigits()
        if rest.first == UInt8(ascii: ".") {
            rest = rest.dropFirst()
            if takeDigits() == 0, whole == 0 { return false }
        } else if whole == 0 {
            return false
        }
        if rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E") {
            rest = rest.dropFirst()
            takeSign()
            if takeDigits() == 0 { return false }
        }
        return rest.isEmpty
    }
}

/// RFC 4648 base64, with white space between.
enum Base64 {
    static func decode(_ text: String) -> [UInt8]? {
        var bytes: [UInt8] = []
        var bits: UInt32 = 0
        var count = 0
        var padding = 0
        for byte in text.utf8 where byte != 0x20 && byte != 0x0A && byte != 0x0D && byte != 0x09 {
            if byte == UInt8(ascii: "=") {
                padding += 1
                continue
            }
            guard padding == 0, let value = value(byte) else { return nil }
            bits = (bits << 6 | value) & 0xFFF_FFFF
            count += 1
            switch count & 3 {
            case 2: bytes.append(UInt8(truncatingIfNeeded: bits >> 4))
            case 3: bytes.append(UInt8(truncatingIfNeeded: bits >> 2))
            case 0: bytes.append(UInt8(truncatingIfNeeded: bits))
            default: break
            }
        }
        return (count + padding) & 3 == 0 && padding < 3 ? bytes : nil
    }

    private static func value(_ byte: UInt8) -> UInt32? {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(byte - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(byte - UInt8(ascii: "a")) + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0")) + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
