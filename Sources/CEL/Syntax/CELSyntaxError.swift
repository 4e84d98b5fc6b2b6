/// Why a text is no expression, and where.
package struct CELSyntaxError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The place, counted in Unicode code points from 0.
    package let offset: Int
    /// The line, from 1.
    package let line: Int
    /// The column, from 1, in Unicode code points.
    package let column: Int
    /// A sentence without the place: what was found, what was expected, what to write instead.
    package let message: String

    init(_ message: String, at position: SourcePosition) {
        offset = position.offset
        line = position.line
        column = position.column
        self.message = message
    }

    package var description: String { "\(line):\(column): \(message)" }
}

/// A place in the text of an expression.
package struct SourcePosition: Sendable, Hashable {
    /// Unicode code points before this place.
    package var offset: Int
    /// From 1.
    package var line: Int
    /// From 1, in Unicode code points.
    package var column: Int

    static let start = SourcePosition(offset: 0, line: 1, column: 1)
}
