/// How JSON text is laid out.
public enum JSONStyle: Sendable, Hashable {
    /// No white space; keys in their order.
    case compact
    /// No white space; keys sorted by their bytes: the same value always gives the same text.
    case compactSorted
    /// Two spaces a level.
    case pretty
    case prettySorted
}

/// Appends JSON text to bytes.
public struct JSONWriter: Sendable {
    public private(set) var bytes: [UInt8] = []
    private let isPretty: Bool
    private let isSorted: Bool

    public init(_ style: JSONStyle = .compact) {
        isPretty = style == .pretty || style == .prettySorted
        isSorted = style == .compactSorted || style == .prettySorted
    }

    public mutating func write(_ value: JSON) { write(value, level: 0) }

    private mutating func write(_ value: JSON, level: Int) {
        switch value {
        case .null: append("null")
        case .bool(let value): append(value ? "true" : "false")
        case .int(let value): write(value)
        case .double(let value): write(value)
        case .string(let value): write(value)
        case .array(let values): write(values, level: level)
        case .object(let object): write(object, level: level)
        }
    }

    private mutating func write(_ values: [JSON], level: Int) {
        bytes.append(UInt8(ascii: "["))
        var isFirst = true
        for value in values {
            separate(isFirst: isFirst, level: level + 1)
            isFirst = false
            write(value, level: level + 1)
        }
        if isPretty, !isFirst { newLine(level) }
        bytes.append(UInt8(ascii: "]"))
    }

    private mutating func write(_ object: JSONObject, level: Int) {
        bytes.append(UInt8(ascii: "{"))
        var isFirst = true
        var entries = object.entries
        if isSorted { entries.sort { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) } }
        for entry in entries {
            separate(isFirst: isFirst, level: level + 1)
            isFirst = false
            write(entry.key)
            bytes.append(UInt8(ascii: ":"))
            if isPretty { bytes.append(0x20) }
            write(entry.value, level: level + 1)
        }
        if isPretty, !isFirst { newLine(level) }
        bytes.append(UInt8(ascii: "}"))
    }

    private mutating func separate(isFirst: Bool, level: Int) {
        if !isFirst { bytes.append(UInt8(ascii: ",")) }
        if isPretty { newLine(level) }
    }

    private mutating func newLine(_ level: Int) {
        bytes.append(0x0A)
        bytes.append(contentsOf: repeatElement(0x20, count: level * 2))
    }

    private mutating func append(_ text: StaticString) {
        bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// Writes an integer in decimal.
    public mutating func write(_ value: Int64) {
        if value < 0 { bytes.append(UInt8(ascii: "-")) }
        var magnitude = value.magnitude
        let start = bytes.count
        repeat {
            bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: magnitude % 10))
            magnitude /= 10
        } while magnitude > 0
        bytes[start...].reverse()
    }

    /// Writes a string with its quotes. Escaped are quotes, backslashes and control characters, nothing else.
    public mutating func write(_ text: String) {
        bytes.append(0x22)
        let done: Void? = text.utf8.withContiguousStorageIfAvailable { writeEscaped($0) }
        if done == nil { Array(text.utf8).withUnsafeBufferPointer { writeEscaped($0) } }
        bytes.append(0x22)
    }

    private mutating func writeEscaped(_ text: UnsafeBufferPointer<UInt8>) {
        var from = 0
        var index = 0
        while index < text.count {
            let byte = text[index]
            if byte >= 0x20, byte != 0x22, byte != 0x5C {
                index += 1
                continue
            }
            bytes.append(contentsOf: text[from..<index])
            escape(byte)
            index += 1
            from = index
        }
        bytes.append(contentsOf: text[from...])
    }

    private mutating func escape(_ byte: UInt8) {
        bytes.append(0x5C)
        switch byte {
        case 0x22, 0x5C: bytes.append(byte)
        case 0x08: bytes.append(UInt8(ascii: "b"))
        case 0x09: bytes.append(UInt8(ascii: "t"))
        case 0x0A: bytes.append(UInt8(ascii: "n"))
        case 0x0C: bytes.append(UInt8(ascii: "f"))
        case 0x0D: bytes.append(UInt8(ascii: "r"))
        default:
            append("u00")
            bytes.append(byte < 0x10 ? UInt8(ascii: "0") : UInt8(ascii: "1"))
            let low = byte & 0x0F
            bytes.append(low < 10 ? UInt8(ascii: "0") + low : UInt8(ascii: "a") + low - 10)
        }
    }

    /// Writes the shortest decimal that reads back as the same double, in the form of Go's `encoding/json`: no
    /// fraction for integral values, an exponent below 1e-6 and from 1e21. JSON has no infinity or NaN: those are null.
    public mutating func write(_ value: Double) {
        guard value.isFinite else { return append("null") }
        bytes.append(contentsOf: JSONNumberText.text(of: value))
    }
}

extension JSON {
    /// The JSON text as UTF-8.
    public func encoded(_ style: JSONStyle = .compact) -> [UInt8] {
        var writer = JSONWriter(style)
        writer.write(self)
        return writer.bytes
    }

    public func encodedString(_ style: JSONStyle = .compact) -> String {
        String(decoding: encoded(style), as: UTF8.self)
    }
}
