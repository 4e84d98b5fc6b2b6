/// Why a template cannot be read or has no value.
package struct TemplateError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: Hashable, Sendable {
        /// The text is no template.
        case syntax
        /// An expression failed when it was evaluated.
        case evaluation
        /// A value cannot stand in a text or in JSON.
        case unrepresentable
    }

    package var code: Code
    /// A sentence without the place.
    package var message: String
    /// From 1, in the template's text.
    package var line: Int
    /// From 1, in Unicode code points.
    package var column: Int

    /// `column 12: …`, with the line in texts of several lines.
    package var description: String {
        line == 1 ? "column \(column): \(message)" : "line \(line), column \(column): \(message)"
    }
}
