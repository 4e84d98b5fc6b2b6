/// What a parser does beyond the grammar of RFC 8259.
public struct JSONParseOptions: Sendable {
    public enum DuplicateKeys: Sendable {
        /// The last value counts, as in Go and as in the API server without strict field validation.
        case lastWins
        /// The document is refused.
        case error
        /// The last value counts, and `JSON.parseReporting` tells the places.
        case report
    }

    /// How deep arrays and objects may nest: 512 unless told, and never more than `depthCeiling`.
    public var maxDepth: Int
    /// Leaves out `metadata.managedFields`, often a third of an object, while reading.
    public var dropManagedFields: Bool
    public var duplicateKeys: DuplicateKeys

    /// Deeper trees could exhaust a thread's stack when they are read, compared or freed.
    public static let depthCeiling = 2_000

    public init(maxDepth: Int = 512, dropManagedFields: Bool = false, duplicateKeys: DuplicateKeys = .lastWins) {
        self.maxDepth = maxDepth
        self.dropManagedFields = dropManagedFields
        self.duplicateKeys = duplicateKeys
    }
}

/// Why a text is not JSON, and where.
public struct JSONParseError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Bytes before the place, from 0.
    public var offset: Int
    /// From 1.
    public var line: Int
    /// Characters (Unicode scalars) into the line, from 1.
    public var column: Int
    public var message: String

    public init(offset: Int, line: Int, column: Int, message: String) {
        self.offset = offset
        self.line = line
        self.column = column
        self.message = message
    }

    public var description: String { "line \(line), column \(column): \(message)" }
}

extension JSON {
    /// Reads one JSON document, surrounded by nothing but white space.
    public static func parse(
        _ bytes: some Collection<UInt8>, options: JSONParseOptions = .init()
    ) throws(JSONParseError) -> JSON {
        try JSONReader.readTyped(bytes, options: options) { (reader: inout JSONReader) throws(JSONParseError) in
            try reader.readValue()
        }
    }

    public static func parse(
        _ text: String, options: JSONParseOptions = .init()
    ) throws(JSONParseError) -> JSON {
        try parse(text.utf8, options: options)
    }

    /// Reads one document and tells every place where an object repeats a key.
    public static func parseReporting(
        _ bytes: some Collection<UInt8>, options: JSONParseOptions = .init(duplicateKeys: .report)
    ) throws(JSONParseError) -> (value: JSON, duplicates: [JSONParseError]) {
        try JSONReader.readTyped(bytes, options: options) { (reader: inout JSONReader) throws(JSONParseError) in
            let value = try reader.readValue()
            return (value, reader.duplicates)
        }
    }
}
