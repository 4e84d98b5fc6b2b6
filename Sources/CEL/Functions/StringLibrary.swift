/// The string extension functions. Positions count code points.
enum StringLibrary {
    static let functions: [Function] = [
        Function("charAt", .member, .binary(charAt)),
        Function("substring", .member, .binary(substring)),
        Function("substring", .member, .ternary(substring)),
        Function("lowerAscii", .member, .unary(lowerAscii)),
        Function("upperAscii", .member, .unary(upperAscii)),
        Function("trim", .member, .unary(trim)),
        Function("replace", .member, .ternary(replace)),
        Function("replace", .member, .variadic(4...4, replace)),
        Function("split", .member, .binary(split)),
        Function("split", .member, .ternary(split)),
        Function("join", .member, .unary(join)),
        Function("join", .member, .binary(join)),
        Function("format", .member, .binary(format)),
        Function("strings.quote", .global, .unary(quote)),
    ]

    static func outOfRange(_ index: Int64, _ count: Int) -> CELError {
        CELError(.invalidArgument, "the index \(index) is out of range: the text has \(count) characters")
    }

    /// The code points of a text, paid for.
    static func scalars(_ text: String, _ meter: inout Meter) throws(CELError) -> [Unicode.Scalar] {
        try meter.charge(bytes: text.utf8.count)
        return Array(text.unicodeScalars)
    }

    private static func charAt(_ value: Value, _ index: Value, _ meter: inout Meter) throws(CELError) -> Value? {
        guard case .string(let text) = value, case .int(let index) = index else { return nil }
        let scalars = try scalars(text, &meter)
        guard let position = Int(exactly: index), (0...scalars.count).contains(position) else {
            throw outOfRange(index, scalars.count)
        }
        return .string(position == scalars.count ? "" : String(scalars[position]))
    }

    private static func substring(_ value: Value, _ start: Value, _ meter: inout Meter) throws(CELError) -> Value? {
        guard case .string(let text) = value, case .int = start else { return nil }
        return try substring(value, start, .int(Int64(text.unicodeScalars.count)), &meter)
    }

    private static func substring(
        _ value: Value, _ start: Value, _ end: Value, _ meter: inout Meter
    ) throws(CELError) -> Value? {
        guard case .string(let text) = value, case .int(let start) = start, case .int(let end) = end else {
            return nil
        }
        let scalars = try scalars(text, &meter)
        let bounds = 0...scalars.count
        guard let lower = Int(exactly: start), bounds.contains(lower) else { throw outOfRange(start, scalars.count) }
        guard let upper = Int(exactly: end), bounds.contains(upper) else { throw outOfRange(end, scalars.count) }
        guard lower <= upper else {
            throw CELError(.invalidArgument, "invalid substring range: it starts at \(start) and ends at \(end)")
        }
        return .string(String(scalars[lower..<upper]))
    }

    private static func lowerAscii(_ value: Value, _ meter: inout Meter) throws(CELError) -> Value? {
        guard case .string(let text) = value else { return nil }
        try meter.charge(bytes: text.utf8.count)
        let bytes = text.utf8.map { (0x41...0x5A).contains($0) ? $0 + 0x20 : $0 }
        return .string(String(decoding: bytes, as: UTF8.self))
    }

    private static func upperAscii(_ value: Value, _ meter: inout Meter) throws(CELError) -> Value? {
        guard case .string(let text) = value else { return nil }
        try meter.charge(bytes: text.utf8.count)
        let bytes = text.utf8.map { (0x61...0x7A).contains($0) ? $0 - 0x20 : $0 }
        return .string(String(decoding: bytes, as: UTF8.self))
    }

    private static func trim(_ value: Value, _ meter: inout Meter) throws(CELError) -> Value? {
        guard case .string(let text) = value else { return nil }
        try meter.charge(bytes: text.utf8.count)
        var rest = text.unicodeScalars[...]
        while rest.first?.properties.isWhitespace == true {
            rest.removeFirst()
        }
        while rest.last?.properties.isWhitespace == true {
            rest.removeLast()
        }
        return .string(String(rest))
    }

    private static func replace(
        _ value: Value, _ old: Value, _ new: Value, _ meter: inout Meter
    ) throws(CELError) -> Value? {
        try replace([value, old, new, -1], &meter)
    }

    private static func replace(_ arguments: [Value], _ meter: inout Meter) throws(CELError) -> Value? {
        guard arguments.count == 4, case .string(let text) = arguments[0], case .string(let old) = arguments[1],
            case .string(let new) = arguments[2], case .int(let limit) = arguments[3]
        else { return nil }
        let scalars = try scalars(text, &meter)
        let search = SequenceSearch(Array(old.unicodeScalars))
        let places = search.indexes(in: scalars, limit: limit < 0 ? .max : Int(clamping: limit))
        try meter.charge(bytes: places.count * new.utf8.count)
        var result = String.UnicodeScalarView()
        var copied = 0
        for place in places {
            result.append(contentsOf: scalars[copied..<place])
            result.append(contentsOf: new.unicodeScalars)
            copied = place + search.pattern.count
        }
        result.append(contentsOf: scalars[copied...])
        return .string(String(result))
    }

    private static func split(_ value: Value, _ separator: Value, _ meter: inout Meter) throws(CELError) -> Value? {
        try split(value, separator, -1, &meter)
    }

    /// A negative limit is none; 0 gives nothing, 1 the whole text.
    private static func split(
        _ value: Value, _ separator: Value, _ limit: Value, _ meter: inout Meter
    ) throws(CELError) -> Value? {
        guard case .string(let text) = value, case .string(let separator) = separator, case .int(let limit) = limit
        else { return nil }
        let scalars = try scalars(text, &meter)
        let count = limit < 0 ? Int.max : Int(clamping: limit)
        if count == 0 {
            return .list([])
        }
        let search = SequenceSearch(Array(separator.unicodeScalars))
        let cuts: [Int]
        if search.pattern.isEmpty {
            // Into single characters: cut before each but the first.
            cuts = Array((1..<max(scalars.count, 1)).prefix(count - 1))
        } else {
            cuts = search.indexes(in: scalars, limit: count - 1)
        }
        try meter.charge(cuts.count)
        if search.pattern.isEmpty, scalars.isEmpty {
            return .list([])
        }
        var parts: [Value] = []
        var start = 0
        for cut in cuts {
            parts.append(.string(String(scalars[start..<cut])))
            start = cut + search.pattern.count
        }
        parts.append(.string(String(scalars[start...])))
        return .list(parts)
    }

    private static func join(_ value: Value, _ meter: inout Meter) throws(CELError) -> Value? {
        try join(value, "", &meter)
    }

    private static func join(_ value: Value, _ separator: Value, _ meter: inout Meter) throws(CELError) -> Value? {
        guard case .list(let values) = value, case .string(let separator) = separator else { return nil }
        var result = ""
        var isFirst = true
        for value in values {
            guard case .string(let text) = value else { return nil }
            try meter.charge(1)
            try meter.charge(bytes: text.utf8.count + separator.utf8.count)
            if !isFirst {
                result += separator
            }
            result += text
            isFirst = false
        }
        return .string(result)
    }

    private static func format(_ value: Value, _ arguments: Value, _ meter: inout Meter) throws(CELError) -> Value? {
        guard case .string(let template) = value, case .list(let arguments) = arguments else { return nil }
        var formatter = Formatter(template, arguments)
        return .string(try formatter.format(&meter))
    }

    private static func quote(_ value: Value, _ meter: inout Meter) throws(CELError) -> Value? {
        guard case .string(let text) = value else { return nil }
        try meter.charge(bytes: text.utf8.count * 2)
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\u{07}": quoted += "\\a"
            case "\u{08}": quoted += "\\b"
            case "\u{0C}": quoted += "\\f"
            case "\n": quoted += "\\n"
            case "\r": quoted += "\\r"
            case "\t": quoted += "\\t"
            case "\u{0B}": quoted += "\\v"
            case "\\": quoted += "\\\\"
            case "\"": quoted += "\\\""
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return .string(quoted + "\"")
    }
}
