/// A place in a YAML text; both from 1, columns in characters.
public struct YAMLPosition: Sendable, Hashable, CustomStringConvertible {
    public var line: Int
    public var column: Int

    public init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }

    public var description: String { "\(line):\(column)" }
}

/// Why a text is not YAML that can stand for JSON, and where.
public struct YAMLError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The name that the parser was given.
    public var file: String?
    public var line: Int
    public var column: Int
    public var message: String

    public init(file: String?, line: Int, column: Int, message: String) {
        self.file = file
        self.line = line
        self.column = column
        self.message = message
    }

    /// `file:line:column: message`, as compilers do.
    public var description: String { "\(file ?? "<yaml>"):\(line):\(column): \(message)" }
}
