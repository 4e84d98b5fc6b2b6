/// Why an expression has no value.
package struct CELError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: String, Sendable {
        /// A variable that the bindings do not have.
        case undeclaredVariable
        /// An operator or function that does not take values of these types.
        case noSuchOverload
        /// A key or field that a map does not have, or an index outside of a list.
        case noSuchKey
        case divisionByZero
        /// A number, time or duration outside of the range of its type.
        case overflow
        /// An argument of the right type with a value that the function cannot use, such as `int("x")`.
        case invalidArgument
        /// The evaluation took more steps than it may.
        case costLimitExceeded
    }

    package let code: Code
    /// A sentence that names the operation and the values or types it met.
    package let message: String
    /// Where in the expression it happened.
    package internal(set) var position: SourcePosition?

    init(_ code: Code, _ message: String, at position: SourcePosition? = nil) {
        self.code = code
        self.message = message
        self.position = position
    }

    package var description: String {
        position.map { "\($0.line):\($0.column): \(message)" } ?? message
    }

    /// The error with a place, unless it has one that is more exact.
    func located(at position: SourcePosition) -> CELError {
        CELError(code, message, at: self.position ?? position)
    }

    static func noSuchOverload(_ operation: String, _ operands: [Value]) -> CELError {
        let types = operands.map(\.type.name).joined(separator: ", ")
        return CELError(.noSuchOverload, "no such overload: \(operation) does not take (\(types))")
    }
}
