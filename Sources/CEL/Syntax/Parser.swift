/// Parses an expression by recursive descent, with precedence climbing for the binary operators.
struct Parser {
    /// Levels of nesting, and of height of the tree, that an expression may have: enough for people, little enough
    /// for the stack of a thread.
    static let maxDepth = 100

    private let tokens: [Token]
    private var index = 0
    private var depth = 0
    let functions: FunctionTable

    init(_ source: String, functions: FunctionTable) throws(CELSyntaxError) {
        var lexer = Lexer(source)
        tokens = try lexer.tokens()
        self.functions = functions
    }

    mutating func parse() throws(CELSyntaxError) -> Node {
        if current.kind == .end {
            throw CELSyntaxError("the expression is empty", at: current.position)
        }
        let node = try expression()
        guard current.kind == .end else {
            throw CELSyntaxError(
                Self.complaint(about: current, expected: "an operator or the end"), at: current.position)
        }
        return node
    }

    // MARK: Tokens

    var current: Token {
        tokens.indices.contains(index) ? tokens[index] : Token(kind: .end, position: .start)
    }

    var following: Token {
        tokens.indices.contains(index + 1) ? tokens[index + 1] : Token(kind: .end, position: current.position)
    }

    mutating func advance() {
        index += 1
    }

    mutating func accept(_ sign: Token.Sign) -> Bool {
        guard current.kind == .sign(sign) else { return false }
        advance()
        return true
    }

    /// Takes a closing sign, or says which opening one lacks it.
    mutating func close(_ sign: Token.Sign, opened opening: Token) throws(CELSyntaxError) {
        if accept(sign) {
            return
        }
        let place = "\(opening.description) at \(opening.position.line):\(opening.position.column)"
        throw CELSyntaxError(
            Self.complaint(about: current, expected: "'\(sign.rawValue)' to close the \(place)"), at: current.position)
    }

    static func complaint(about token: Token, expected: String) -> String {
        var message = "found \(token.description) where \(expected) was expected"
        if case .identifier(let name) = token.kind, let sign = wordsForSigns[name.lowercased()] {
            message += "; write '\(sign)' for it"
        }
        return message
    }

    private static let wordsForSigns = ["and": "&&", "or": "||", "not": "!", "is": "==", "eq": "==", "mod": "%"]

    /// A node, refused when the tree grows too high.
    func node(_ form: Node.Form, at position: SourcePosition) throws(CELSyntaxError) -> Node {
        let node = Node(form, at: position)
        guard node.height <= Self.maxDepth else {
            throw CELSyntaxError("the expression has more than \(Self.maxDepth) levels; split it", at: position)
        }
        return node
    }

    // MARK: Operators

    mutating func expression() throws(CELSyntaxError) -> Node {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.maxDepth else {
            throw CELSyntaxError(
                "the expression is nested more than \(Self.maxDepth) levels deep; split it", at: current.position)
        }
        let condition = try binary(minimum: 1)
        let position = current.position
        guard accept(.questionMark) else { return condition }
        let then = try binary(minimum: 1)
        guard accept(.colon) else {
            throw CELSyntaxError(
                Self.complaint(about: current, expected: "the ':' of the '?' at \(position.line):\(position.column)"),
                at: current.position)
        }
        let otherwise = try expression()
        return try node(.conditional(condition, then: then, otherwise: otherwise), at: position)
    }

    private enum BinaryOperator {
        case or, and, membership
        case relation(RelationOperator)
        case arithmetic(ArithmeticOperator)

        var isChaining: Bool {
            switch self {
            case .or, .and: true
            default: false
            }
        }

        var precedence: Int {
            switch self {
            case .or: 1
            case .and: 2
            case .membership, .relation: 3
            case .arithmetic(.add), .arithmetic(.subtract): 4
            case .arithmetic: 5
            }
        }
    }

    private var binaryOperator: BinaryOperator? {
        switch current.kind {
        case .identifier("in"): .membership
        case .sign(.or): .or
        case .sign(.and): .and
        case .sign(let sign):
            RelationOperator(rawValue: sign.rawValue).map { .relation($0) }
                ?? ArithmeticOperator(rawValue: sign.rawValue).map { .arithmetic($0) }
        default: nil
        }
    }

    private mutating func binary(minimum: Int) throws(CELSyntaxError) -> Node {
        var left = try unary()
        while let operation = binaryOperator, operation.precedence >= minimum {
            let position = current.position
            var operands = [left]
            // A chain of && or || becomes one node.
            repeat {
                advance()
                operands.append(try binary(minimum: operation.precedence + 1))
            } while operation.isChaining && binaryOperator?.precedence == operation.precedence
            left = try node(Self.combine(operands, operation), at: position)
        }
        return left
    }

    /// - Parameter operands: two, or more where the operator chains.
    private static func combine(_ operands: [Node], _ operation: BinaryOperator) -> Node.Form {
        let (left, right) = (operands[0], operands[1])
        switch operation {
        case .or: return .or(operands)
        case .and: return .and(operands)
        case .membership: return .membership(left, in: right)
        case .relation(let relation): return .relation(relation, left, right)
        case .arithmetic(let arithmetic): return .arithmetic(arithmetic, left, right)
        }
    }

    private mutating func unary() throws(CELSyntaxError) -> Node {
        let first = current
        switch first.kind {
        case .sign(.not):
            var count = 0
            while accept(.not) {
                count += 1
            }
            var operand = try member()
            // A double negation still demands a bool, so one pair is kept.
            for _ in 0..<(count > 2 ? 2 - count % 2 : count) {
                operand = try node(.not(operand), at: first.position)
            }
            return operand
        case .sign(.minus):
            return try negation()
        default:
            return try member()
        }
    }

    private mutating func negation() throws(CELSyntaxError) -> Node {
        let first = current
        var count = 0
        while accept(.minus) {
            count += 1
        }
        // The sign belongs to the literal: the smallest int has no positive counterpart.
        if case .integer(let magnitude) = current.kind {
            let position = current.position
            advance()
            count -= 1
            guard let value = Int64(negating: magnitude) else {
                throw CELSyntaxError("the number does not fit into a 64-bit int", at: position)
            }
            let literal = try node(.literal(.int(value)), at: position)
            return try negate(member(after: literal), times: count, at: first.position)
        }
        return try negate(member(), times: count, at: first.position)
    }

    private func negate(_ node: Node, times count: Int, at position: SourcePosition) throws(CELSyntaxError) -> Node {
        var operand = node
        for _ in 0..<(count > 2 ? 2 - count % 2 : count) {
            operand = try self.node(.negate(operand), at: position)
        }
        return operand
    }
}

extension Int64 {
    /// The negative of a magnitude; nil when that is smaller than any `Int64`.
    init?(negating magnitude: UInt64) {
        guard magnitude <= UInt64(Int64.max) + 1 else { return nil }
        self = Int64(truncatingIfNeeded: 0 &- magnitude)
    }
}
