/// Splits the text of an expression into tokens.
struct Lexer {
    let scalars: [Unicode.Scalar]
    private(set) var position = SourcePosition.start

    init(_ source: String) {
        scalars = Array(source.unicodeScalars)
    }

    /// The scalar so many places ahead, nil beyond the end.
    func peek(_ distance: Int = 0) -> Unicode.Scalar? {
        let index = position.offset + distance
        return scalars.indices.contains(index) ? scalars[index] : nil
    }

    mutating func advance(_ count: Int = 1) {
        for _ in 0..<count {
            guard let scalar = peek() else { return }
            position.offset += 1
            if scalar == "\n" {
                position.line += 1
                position.column = 1
            } else {
                position.column += 1
            }
        }
    }

    /// The text between two places.
    func text(from start: Int, to end: Int) -> String {
        guard start <= end, scalars.indices.contains(start), end <= scalars.count else { return "" }
        var text = ""
        text.unicodeScalars.append(contentsOf: scalars[start..<end])
        return text
    }

    mutating func tokens() throws(CELSyntaxError) -> [Token] {
        var tokens: [Token] = []
        while true {
            let token = try next()
            tokens.append(token)
            if token.kind == .end {
                return tokens
            }
        }
    }

    private mutating func next() throws(CELSyntaxError) -> Token {
        skipBlanksAndComments()
        let start = position
        guard let scalar = peek() else {
            return Token(kind: .end, position: start)
        }
        if scalar.isIdentifierStart {
            if let quote = stringPrefix() {
                return Token(kind: .literal(try stringLiteral(quote)), position: start)
            }
            return Token(kind: identifier(), position: start)
        }
        if scalar == "\"" || scalar == "'" {
            return Token(kind: .literal(try stringLiteral(.init())), position: start)
        }
        if scalar.isDigit || (scalar == "." && peek(1)?.isDigit == true) {
            return Token(kind: try numberLiteral(), position: start)
        }
        if scalar == "`" {
            return Token(kind: try quotedIdentifier(), position: start)
        }
        return Token(kind: .sign(try sign()), position: start)
    }

    private mutating func skipBlanksAndComments() {
        while let scalar = peek() {
            switch scalar {
            case " ", "\t", "\n", "\r", "\u{C}":
                advance()
            case "/" where peek(1) == "/":
                while let other = peek(), other != "\n" {
                    advance()
                }
            default:
                return
            }
        }
    }

    private mutating func identifier() -> Token.Kind {
        let start = position.offset
        while peek()?.isIdentifierPart == true {
            advance()
        }
        let name = text(from: start, to: position.offset)
        switch name {
        case "true": return .literal(.bool(true))
        case "false": return .literal(.bool(false))
        case "null": return .literal(.null)
        default: return .identifier(name)
        }
    }

    private mutating func quotedIdentifier() throws(CELSyntaxError) -> Token.Kind {
        let opening = position
        advance()
        let start = position.offset
        while let scalar = peek(), scalar != "`" {
            guard scalar.isIdentifierPart || scalar == "." || scalar == "-" || scalar == "/" || scalar == " " else {
                throw CELSyntaxError(
                    "a name in backticks holds letters, digits, '_', '.', '-', '/' and blanks only, not '\(scalar)'",
                    at: position)
            }
            advance()
        }
        let name = text(from: start, to: position.offset)
        guard peek() == "`" else {
            throw CELSyntaxError("the name that starts here has no closing backtick", at: opening)
        }
        guard !name.isEmpty else {
            throw CELSyntaxError("there is no name between these backticks", at: opening)
        }
        advance()
        return .quotedIdentifier(name)
    }

    private mutating func sign() throws(CELSyntaxError) -> Token.Sign {
        let two = text(from: position.offset, to: min(position.offset + 2, scalars.count))
        if let sign = Token.Sign(rawValue: two), two.unicodeScalars.count == 2 {
            advance(2)
            return sign
        }
        let one = text(from: position.offset, to: min(position.offset + 1, scalars.count))
        if let sign = Token.Sign(rawValue: one) {
            advance()
            return sign
        }
        throw CELSyntaxError(Self.complaint(about: one), at: position)
    }

    private static func complaint(about sign: String) -> String {
        switch sign {
        case "=": "'=' is no operator; write '==' to compare"
        case "&": "'&' is no operator; write '&&' for a logical and"
        case "|": "'|' is no operator; write '||' for a logical or"
        case "$": "'$' cannot stand in an expression; '${{ }}' goes around it, not into it"
        case "#": "'#' cannot stand in an expression; comments start with '//'"
        case ";": "';' cannot stand in an expression; it is one expression without statements"
        case "“", "”", "‘", "’": "the quotation mark \(sign) encloses no text; write \" or '"
        default: "the character '\(sign)' cannot stand in an expression outside of text in quotation marks"
        }
    }
}

extension Unicode.Scalar {
    var isDigit: Bool { ("0"..."9").contains(self) }
    var isIdentifierStart: Bool { self == "_" || ("a"..."z").contains(self) || ("A"..."Z").contains(self) }
    var isIdentifierPart: Bool { isIdentifierStart || isDigit }

    /// The value of a hexadecimal digit.
    var hexValue: UInt32? {
        switch self {
        case "0"..."9": value - 0x30
        case "a"..."f": value - 0x61 + 10
        case "A"..."F": value - 0x41 + 10
        default: nil
        }
    }
}
