extension Parser {
    /// Words that the language keeps for its hosts: no variable or function bears one as its name.
    private static let reserved: Set<String> = [
        "as", "break", "const", "continue", "else", "for", "function", "if", "import", "let", "loop", "package",
        "namespace", "return", "var", "void", "while",
    ]

    mutating func member() throws(CELSyntaxError) -> Node {
        try member(after: primary())
    }

    /// Selections, calls and indexes that follow an operand.
    mutating func member(after operand: Node) throws(CELSyntaxError) -> Node {
        var operand = operand
        while true {
            let token = current
            switch token.kind {
            case .sign(.dot):
                advance()
                operand = try selection(of: operand)
            case .sign(.openBracket):
                advance()
                let isOptional = accept(.questionMark)
                let key = try expression()
                try close(.closeBracket, opened: token)
                operand = try node(.index(operand, key: key, isOptional: isOptional), at: token.position)
            case .sign(.openBrace):
                guard operand.qualifiedName != nil else { return operand }
                throw CELSyntaxError(
                    "message literals such as Name{field: value} are not supported; write a map: {\"field\": value}",
                    at: token.position)
            default:
                return operand
            }
        }
    }

    private mutating func selection(of operand: Node) throws(CELSyntaxError) -> Node {
        let isOptional = accept(.questionMark)
        let token = current
        switch token.kind {
        case .identifier(let name):
            if name == "in" {
                throw CELSyntaxError("'in' is a keyword and cannot follow a dot; write [\"in\"]", at: token.position)
            }
            advance()
            let opening = current
            if !isOptional, accept(.openParenthesis) {
                let arguments = try self.arguments(opened: opening)
                return try call(name, on: operand, arguments, at: token.position)
            }
            return try select(name, of: operand, isOptional: isOptional, at: token.position)
        case .quotedIdentifier(let name):
            advance()
            return try select(name, of: operand, isOptional: isOptional, at: token.position)
        case .literal(.bool), .literal(.null):
            throw CELSyntaxError(
                "\(token.description) is a keyword and cannot follow a dot; write it in brackets as text",
                at: token.position)
        default:
            throw CELSyntaxError(
                Self.complaint(about: token, expected: "the name of a field or a function"), at: token.position)
        }
    }

    private func select(
        _ name: String, of operand: Node, isOptional: Bool, at position: SourcePosition
    ) throws(CELSyntaxError) -> Node {
        let selection = try node(.select(operand, field: name, isOptional: isOptional), at: position)
        if let name = selection.qualifiedName, let type = ValueType.named[name] {
            return try node(.literal(.type(type)), at: position)
        }
        return selection
    }

    private mutating func primary() throws(CELSyntaxError) -> Node {
        let token = current
        switch token.kind {
        case .literal(let value):
            advance()
            return try node(.literal(value), at: token.position)
        case .integer(let magnitude):
            advance()
            guard let value = Int64(exactly: magnitude) else {
                throw CELSyntaxError("the number does not fit into a 64-bit int", at: token.position)
            }
            return try node(.literal(.int(value)), at: token.position)
        case .identifier(let name):
            return try nameOrCall(name, isAbsolute: false)
        case .sign(.dot):
            advance()
            guard case .identifier(let name) = current.kind else {
                throw CELSyntaxError(
                    Self.complaint(about: current, expected: "a name after the leading dot"), at: current.position)
            }
            return try nameOrCall(name, isAbsolute: true)
        case .sign(.openParenthesis):
            advance()
            let inner = try expression()
            try close(.closeParenthesis, opened: token)
            return inner
        case .sign(.openBracket):
            advance()
            return try listLiteral(opened: token)
        case .sign(.openBrace):
            advance()
            return try mapLiteral(opened: token)
        case .quotedIdentifier:
            throw CELSyntaxError("a name in backticks may only follow a dot", at: token.position)
        default:
            throw CELSyntaxError(Self.complaint(about: token, expected: "a value"), at: token.position)
        }
    }

    private mutating func nameOrCall(_ name: String, isAbsolute: Bool) throws(CELSyntaxError) -> Node {
        let token = current
        if name == "in" {
            throw CELSyntaxError("'in' stands between two values, as in 'x' in ['x', 'y']", at: token.position)
        }
        if Self.reserved.contains(name) {
            throw CELSyntaxError("'\(name)' is a reserved word and names no variable or function", at: token.position)
        }
        advance()
        let opening = current
        if accept(.openParenthesis) {
            let arguments = try self.arguments(opened: opening)
            return try call(name, on: nil, arguments, at: token.position)
        }
        return try node(.identifier(name, isAbsolute: isAbsolute), at: token.position)
    }

    private mutating func arguments(opened opening: Token) throws(CELSyntaxError) -> [Node] {
        var arguments: [Node] = []
        if accept(.closeParenthesis) {
            return arguments
        }
        repeat {
            arguments.append(try expression())
        } while accept(.comma)
        try close(.closeParenthesis, opened: opening)
        return arguments
    }

    private mutating func listLiteral(opened opening: Token) throws(CELSyntaxError) -> Node {
        var elements: [ListElement] = []
        while !accept(.closeBracket) {
            let isOptional = accept(.questionMark)
            elements.append(ListElement(value: try expression(), isOptional: isOptional))
            if !accept(.comma) {
                try close(.closeBracket, opened: opening)
                break
            }
        }
        return try node(.list(elements), at: opening.position)
    }

    private mutating func mapLiteral(opened opening: Token) throws(CELSyntaxError) -> Node {
        var entries: [MapEntry] = []
        while !accept(.closeBrace) {
            let isOptional = accept(.questionMark)
            let key = try expression()
            guard accept(.colon) else {
                throw CELSyntaxError(
                    Self.complaint(about: current, expected: "':' between key and value"), at: current.position)
            }
            entries.append(MapEntry(key: key, value: try expression(), isOptional: isOptional))
            if !accept(.comma) {
                try close(.closeBrace, opened: opening)
                break
            }
        }
        return try node(.map(entries), at: opening.position)
    }
}

extension Node {
    /// The dotted name that this node spells, when it is nothing but one: `a.b.c`.
    var qualifiedName: String? {
        switch form {
        case .identifier(let name, _): name
        case .select(let operand, let field, false): operand.qualifiedName.map { "\($0).\(field)" }
        default: nil
        }
    }
}
