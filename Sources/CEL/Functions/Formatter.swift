/// `"%s has %d of %.1f".format([…])`
struct Formatter {
    private static let maxPrecision = 1000

    private let template: [Unicode.Scalar]
    private let arguments: [Value]
    private var index = 0
    private var used = 0

    init(_ template: String, _ arguments: [Value]) {
        self.template = Array(template.unicodeScalars)
        self.arguments = arguments
    }

    mutating func format(_ meter: inout Meter) throws(CELError) -> String {
        try meter.charge(bytes: template.count)
        var result = String.UnicodeScalarView()
        while let scalar = next() {
            guard scalar == "%" else {
                result.append(scalar)
                continue
            }
            if template.indices.contains(index), template[index] == "%" {
                index += 1
                result.append("%")
                continue
            }
            let text = try clause(&meter)
            try meter.charge(bytes: text.utf8.count)
            result.append(contentsOf: text.unicodeScalars)
        }
        return String(result)
    }

    private mutating func next() -> Unicode.Scalar? {
        guard template.indices.contains(index) else { return nil }
        defer { index += 1 }
        return template[index]
    }

    private mutating func clause(_ meter: inout Meter) throws(CELError) -> String {
        var precision: Int?
        if template.indices.contains(index), template[index] == "." {
            index += 1
            var digits = 0
            while template.indices.contains(index), let digit = template[index].hexValue, digit < 10 {
                digits = digits * 10 + Int(digit)
                guard digits <= Self.maxPrecision else {
                    throw CELError(.invalidArgument, "a precision in a format is at most \(Self.maxPrecision)")
                }
                index += 1
            }
            precision = digits
        }
        guard let letter = next() else {
            throw CELError(.invalidArgument, "the format ends after '%'; write '%%' for a percent sign")
        }
        guard "sdfexXob".unicodeScalars.contains(letter) else {
            throw CELError(
                .invalidArgument, "there is no format '%\(letter)'; there are %s %d %f %e %x %X %o %b and %%")
        }
        guard arguments.indices.contains(used) else {
            throw CELError(.invalidArgument, "the format asks for more values than the \(arguments.count) in the list")
        }
        let value = arguments[used]
        used += 1
        try meter.charge(value.weight(limit: meter.remaining))
        guard let text = Self.text(value, letter, precision ?? 6) else {
            throw CELError(.invalidArgument, "'%\(letter)' cannot format a \(value.type.name)")
        }
        return text
    }

    private static func text(_ value: Value, _ letter: Unicode.Scalar, _ precision: Int) -> String? {
        if case .double(let number) = value, letter == "d" || letter == "f" || letter == "e", !number.isFinite {
            return number.isNaN ? "NaN" : number < 0 ? "-Infinity" : "Infinity"
        }
        switch letter {
        case "s": return string(value)
        case "d":
            switch value {
            case .int(let number): return String(number)
            case .uint(let number): return String(number)
            case .double: return string(value)
            default: return nil
            }
        case "f": return value.asDouble.map { DecimalExpansion($0).fixed(places: precision) }
        case "e": return value.asDouble.map { DecimalExpansion($0).scientific(places: precision) }
        case "x", "X": return hexadecimal(value, isUppercase: letter == "X")
        case "o": return integer(value, radix: 8)
        default:
            if case .bool(let flag) = value {
                return flag ? "1" : "0"
            }
            return integer(value, radix: 2)
        }
    }

    private static func integer(_ value: Value, radix: Int, isUppercase: Bool = false) -> String? {
        switch value {
        case .int(let number): String(number, radix: radix, uppercase: isUppercase)
        case .uint(let number): String(number, radix: radix, uppercase: isUppercase)
        default: nil
        }
    }

    private static func hexadecimal(_ value: Value, isUppercase: Bool) -> String? {
        let bytes: [UInt8]
        switch value {
        case .string(let text): bytes = Array(text.utf8)
        case .bytes(let content): bytes = content
        default: return integer(value, radix: 16, isUppercase: isUppercase)
        }
        return bytes.map { byte in
            let digits = String(byte, radix: 16, uppercase: isUppercase)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
    }

    /// `%s`: any value as text, lists and maps with all that is in them, maps sorted by the text of their keys.
    private static func string(_ value: Value) -> String? {
        switch value {
        case .null: return "null"
        case .double(let number):
            guard number.isFinite else { return number.isNaN ? "NaN" : number < 0 ? "-Infinity" : "Infinity" }
            return Value.text(of: number, withExponent: false)
        case .bytes(let bytes): return String(decoding: bytes, as: UTF8.self)
        case .type(let type): return type.name
        case .list(let values):
            let parts = values.compactMap(string)
            return parts.count == values.count ? "[" + parts.joined(separator: ", ") + "]" : nil
        case .map(let map):
            var entries: [(key: String, value: String)] = []
            for entry in map {
                guard let key = string(entry.key), let value = string(entry.value) else { return nil }
                entries.append((key, value))
            }
            entries.sort { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
            return "{" + entries.map { "\($0.key): \($0.value)" }.joined(separator: ", ") + "}"
        default:
            return value.plainText
        }
    }
}
