/// A strict pull parser (RFC 8259) over bytes in memory.
///
/// Typed readers walk a document without building a tree:
///
///     try JSONReader.read(bytes) { reader in
///         try reader.beginObject()
///         while let key = try reader.nextKey() {
///             switch key {
///             case "name": name = try reader.readString()
///             default: try reader.skipValue()
///             }
///         }
///     }
///
/// Every key and every element that `nextKey`/`nextElement` announces has to be read or skipped before the next one is
/// asked for. The grammar is checked either way, also in what is skipped. Nothing a document contains can trap: all
/// positions are bounded by its length, and its nesting by `JSONParseOptions.maxDepth`.
public struct JSONReader: ~Copyable {
    let base: UnsafePointer<UInt8>
    let end: Int
    var position = 0
    var depth = 0
    let maxDepth: Int
    let dropsManagedFields: Bool
    let duplicateKeys: JSONParseOptions.DuplicateKeys
    /// Nothing was read yet of the innermost open container, so that no comma is due.
    var isAtStart = false
    var keys: JSONKeyTable
    var scratch = JSONScratch()
    var duplicates: [JSONParseError] = []

    init(base: UnsafePointer<UInt8>, count: Int, options: JSONParseOptions) {
        self.base = base
        self.end = count
        keys = JSONKeyTable(documentSize: count)
        self.maxDepth = Swift.min(Swift.max(options.maxDepth, 0), JSONParseOptions.depthCeiling)
        self.dropsManagedFields = options.dropManagedFields
        self.duplicateKeys = options.duplicateKeys
    }

    /// Runs `body` over the bytes of one document and checks that only white space follows what it read.
    ///
    /// Throws `JSONParseError`, and whatever else `body` throws.
    public static func read<Value>(
        _ bytes: some Collection<UInt8>, options: JSONParseOptions = .init(),
        _ body: (inout JSONReader) throws -> Value
    ) throws -> Value {
        try open(bytes, options: options) { reader in
            do {
                let value = try body(&reader)
                try reader.finish()
                return Result<Value, any Error>.success(value)
            } catch {
                return .failure(error)
            }
        }.get()
    }

    /// `read` for those who fail with nothing but a `JSONParseError`.
    static func readTyped<Value>(
        _ bytes: some Collection<UInt8>, options: JSONParseOptions,
        _ body: (inout JSONReader) throws(JSONParseError) -> Value
    ) throws(JSONParseError) -> Value {
        try open(bytes, options: options) { reader in
            do throws(JSONParseError) {
                let value = try body(&reader)
                try reader.finish()
                return Result<Value, JSONParseError>.success(value)
            } catch {
                return .failure(error)
            }
        }.get()
    }

    /// Lends a reader, which cannot be copied, for as long as its bytes stay in place.
    private static func open<Outcome>(
        _ bytes: some Collection<UInt8>, options: JSONParseOptions, _ body: (inout JSONReader) -> Outcome
    ) -> Outcome {
        let direct = bytes.withContiguousStorageIfAvailable { buffer -> Outcome? in
            guard let base = buffer.baseAddress else { return nil }
            var reader = JSONReader(base: base, count: buffer.count, options: options)
            return body(&reader)
        }
        if let direct, let outcome = direct { return outcome }
        let copy = Array(bytes)
        let buffer = UnsafeMutablePointer<UInt8>.allocate(capacity: copy.count + 1)
        defer { buffer.deallocate() }
        buffer.initialize(repeating: 0, count: copy.count + 1)
        for (index, byte) in copy.enumerated() { buffer[index] = byte }
        var reader = JSONReader(base: buffer, count: copy.count, options: options)
        return body(&reader)
    }

    private mutating func finish() throws(JSONParseError) {
        skipSpace()
        if position < end { throw failure("nothing may follow the value, but there is \(found())") }
    }
}

// MARK: - Tokens

extension JSONReader {
    public enum Kind: Sendable {
        case null, bool, number, string, array, object
    }

    /// The kind of the value that comes next, without reading it.
    public mutating func peekKind() throws(JSONParseError) -> Kind {
        skipSpace()
        guard position < end else { throw failure("a value was expected, but the document ends") }
        switch base[position] {
        case UInt8(ascii: "\""): return .string
        case UInt8(ascii: "{"): return .object
        case UInt8(ascii: "["): return .array
        case UInt8(ascii: "t"), UInt8(ascii: "f"): return .bool
        case UInt8(ascii: "n"): return .null
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number
        default: throw failure("a value was expected, but there is \(found())")
        }
    }

    public mutating func beginObject() throws(JSONParseError) { try open(UInt8(ascii: "{"), "an object") }

    public mutating func beginArray() throws(JSONParseError) { try open(UInt8(ascii: "["), "an array") }

    /// The next key of the innermost object, whose value then has to be read; nil when the object ends.
    public mutating func nextKey() throws(JSONParseError) -> String? {
        guard try advance(closing: UInt8(ascii: "}")) else { return nil }
        let slot = try readKey()
        return keys.text(slot)
    }

    /// Whether the innermost array has another element, which then has to be read.
    public mutating func nextElement() throws(JSONParseError) -> Bool { try advance(closing: UInt8(ascii: "]")) }

    /// Reads null when it is next; says whether it was.
    public mutating func readNullIfPresent() throws(JSONParseError) -> Bool {
        skipSpace()
        guard position < end, base[position] == UInt8(ascii: "n") else { return false }
        try expect("null")
        return true
    }

    public mutating func readBool() throws(JSONParseError) -> Bool {
        skipSpace()
        if position < end, base[position] == UInt8(ascii: "t") {
            try expect("true")
            return true
        }
        if position < end, base[position] == UInt8(ascii: "f") {
            try expect("false")
            return false
        }
        throw failure("a boolean was expected, but there is \(found())")
    }

    /// An integer of 64 bits; a number with a fraction, an exponent or more digits is an error.
    public mutating func readInt() throws(JSONParseError) -> Int64 {
        skipSpace()
        let start = position
        if case .int(let value) = try readNumber() { return value }
        throw failure("an integer of 64 bits was expected", at: start)
    }

    public mutating func readDouble() throws(JSONParseError) -> Double {
        skipSpace()
        switch try readNumber() {
        case .int(let value): return Double(value)
        case .double(let value): return value
        }
    }

    public mutating func readString() throws(JSONParseError) -> String {
        skipSpace()
        guard position < end, base[position] == UInt8(ascii: "\"") else {
            throw failure("a string was expected, but there is \(found())")
        }
        return try readStringBody()
    }

    /// Reads over the next value, checking its grammar.
    public mutating func skipValue() throws(JSONParseError) {
        switch try peekKind() {
        case .null: try expect("null")
        case .bool: _ = try readBool()
        case .number: _ = try readNumber()
        case .string: try skipStringBody()
        case .array:
            try beginArray()
            while try nextElement() { try skipValue() }
        case .object:
            try beginObject()
            while try advance(closing: UInt8(ascii: "}")) {
                try skipKey()
                try skipValue()
            }
        }
    }
}

// MARK: - Structure

extension JSONReader {
    @inline(__always)
    mutating func skipSpace() {
        while position < end {
            switch base[position] {
            case 0x20, 0x0A, 0x0D, 0x09: position += 1
            default: return
            }
        }
    }

    @inline(__always)
    private mutating func open(_ byte: UInt8, _ name: StaticString) throws(JSONParseError) {
        skipSpace()
        guard position < end, base[position] == byte else {
            throw failure("\(name) was expected, but there is \(found())")
        }
        try deepen()
        position += 1
        isAtStart = true
    }

    @inline(__always)
    mutating func deepen() throws(JSONParseError) {
        guard depth < maxDepth else { throw failure("nested deeper than \(maxDepth)") }
        depth += 1
    }

    /// Steps to the next item of the innermost container; false when it ended.
    @inline(__always)
    mutating func advance(closing: UInt8) throws(JSONParseError) -> Bool {
        skipSpace()
        guard position < end else { throw failure("the document ends inside \(Self.name(closing))") }
        if base[position] == closing {
            position += 1
            // An unbalanced call by a typed reader must not underflow.
            depth = Swift.max(depth - 1, 0)
            isAtStart = false
            return false
        }
        if isAtStart {
            isAtStart = false
            return true
        }
        guard base[position] == UInt8(ascii: ",") else {
            throw failure("a comma or the end of \(Self.name(closing)) was expected, but there is \(found())")
        }
        position += 1
        skipSpace()
        if position < end, base[position] == closing {
            throw failure("\(Self.name(closing)) may not end with a comma")
        }
        return true
    }

    private static func name(_ closing: UInt8) -> String { closing == UInt8(ascii: "}") ? "an object" : "an array" }

    /// Reads over the colon after a key.
    @inline(__always)
    mutating func readColon() throws(JSONParseError) {
        skipSpace()
        guard position < end, base[position] == UInt8(ascii: ":") else {
            throw failure("a colon was expected after the key, but there is \(found())")
        }
        position += 1
    }

    mutating func expect(_ literal: StaticString) throws(JSONParseError) {
        let count = literal.utf8CodeUnitCount
        var index = 0
        while index < count {
            guard position + index < end, base[position + index] == literal.utf8Start[index] else {
                throw failure("`\(literal)` was expected", at: position)
            }
            index += 1
        }
        position += count
    }
}

// MARK: - Errors

extension JSONReader {
    /// The error at a place; line and column are found only now, by counting.
    @inline(never)
    func failure(_ message: String, at place: Int? = nil) -> JSONParseError {
        let offset = Swift.min(place ?? position, end)
        var line = 1
        var column = 1
        for index in 0..<offset {
            if base[index] == 0x0A {
                line += 1
                column = 1
            } else if base[index] & 0xC0 != 0x80 {
                column += 1
            }
        }
        return JSONParseError(offset: offset, line: line, column: column, message: message)
    }

    @inline(never)
    func found() -> String {
        guard position < end else { return "the end of the document" }
        let byte = base[position]
        if byte > 0x20, byte < 0x7F { return "`\(Character(Unicode.Scalar(byte)))`" }
        return "the byte 0x\(byte < 0x10 ? "0" : "")\(String(byte, radix: 16, uppercase: true))"
    }
}
