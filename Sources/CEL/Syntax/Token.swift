/// A word or sign of an expression.
struct Token: Sendable {
    enum Kind: Sendable, Hashable {
        case literal(Value)
        /// Digits of an int literal, unsigned magnitude, as `-9223372036854775808` only fits with its sign.
        case integer(magnitude: UInt64)
        case identifier(String)
        /// An identifier in backticks, allowed after a dot only.
        case quotedIdentifier(String)
        case sign(Sign)
        case end
    }

    enum Sign: String, Sendable, Hashable, CaseIterable {
        case questionMark = "?", colon = ":", or = "||", and = "&&"
        case equal = "==", notEqual = "!=", lessOrEqual = "<=", less = "<", greaterOrEqual = ">=", greater = ">"
        case plus = "+", minus = "-", times = "*", divide = "/", remainder = "%", not = "!"
        case dot = ".", comma = ","
        case openParenthesis = "(", closeParenthesis = ")", openBracket = "[", closeBracket = "]"
        case openBrace = "{", closeBrace = "}"
    }

    var kind: Kind
    var position: SourcePosition

    /// How the token is named in an error message.
    var description: String {
        switch kind {
        case .literal(.string): "a text literal"
        case .literal(.bytes): "a bytes literal"
        case .literal(.bool(let value)): "'\(value)'"
        case .literal(.null): "'null'"
        case .literal, .integer: "a number"
        case .identifier(let name): "'\(name)'"
        case .quotedIdentifier(let name): "'`\(name)`'"
        case .sign(let sign): "'\(sign.rawValue)'"
        case .end: "the end of the expression"
        }
    }
}
