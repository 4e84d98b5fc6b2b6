import CEL
import Testing

/// One expression and what it must give.
struct Case: Sendable, CustomTestStringConvertible {
    enum Outcome: Sendable {
        case value(Value)
        case fails(CELError.Code)
    }

    let source: String
    let bindings: Bindings
    let outcome: Outcome

    var testDescription: String { source }

    /// The expression gives this value, of exactly this type.
    static func gives(_ source: String, _ value: Value, with bindings: Bindings = [:]) -> Case {
        Case(source: source, bindings: bindings, outcome: .value(value))
    }

    /// The expression gives true.
    static func holds(_ source: String, with bindings: Bindings = [:]) -> Case {
        gives(source, true, with: bindings)
    }

    /// The expression parses, and fails in this way when it is evaluated.
    static func fails(_ source: String, _ code: CELError.Code, with bindings: Bindings = [:]) -> Case {
        Case(source: source, bindings: bindings, outcome: .fails(code))
    }

    func check(sourceLocation: SourceLocation = #_sourceLocation) throws {
        let expression = try Expression(source)
        switch outcome {
        case .value(let expected):
            let value = try expression.evaluate(bindings)
            #expect(value == expected, "\(source)", sourceLocation: sourceLocation)
        case .fails(let code):
            let error = #expect(throws: CELError.self, "\(source)", sourceLocation: sourceLocation) {
                try expression.evaluate(bindings)
            }
            #expect(error?.code == code, "\(source): \(error?.message ?? "")", sourceLocation: sourceLocation)
        }
    }
}
