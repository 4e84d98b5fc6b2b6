/// Something wrong with a field of an object, in words for its author.
package struct FieldProblem: Error, Hashable, Sendable, CustomStringConvertible {
    /// Where, as the API server writes it: `spec.tasks[2].needs[0]`.
    package var field: String
    /// What is wrong.
    package var message: String
    /// What to do.
    package var suggestion: String?

    package init(field: String, message: String, suggestion: String? = nil) {
        self.field = field
        self.message = message
        self.suggestion = suggestion
    }

    /// `spec.tasks[2].needs[0]: there is no task 'splt'; did you mean 'split'?`
    package var description: String {
        let text = field.isEmpty ? message : "\(field): \(message)"
        return suggestion.map { "\(text); \($0)" } ?? text
    }
}

extension [FieldProblem] {
    /// All problems in one message for a condition or an Event: the first few in full, then how many more there are.
    package func summary(limit: Int = 3) -> String {
        var text = prefix(limit).map(\.description).joined(separator: " | ")
        if count > limit {
            text += " | and \(count - limit) more"
        }
        return text
    }
}

/// Collects problems; a path is kept while descending.
struct ProblemCollector {
    private(set) var problems: [FieldProblem] = []
    /// Enough for people; a hostile object cannot make the list long.
    static let limit = 100

    mutating func add(_ field: String, _ message: String, _ suggestion: String? = nil) {
        guard problems.count < Self.limit else { return }
        problems.append(FieldProblem(field: field, message: message, suggestion: suggestion))
    }
}
