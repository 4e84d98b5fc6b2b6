extension Lexer {
    /// What stands before the quotation marks of a text or bytes literal.
    struct StringPrefix {
        var isRaw = false
        var isBytes = false
        var length = 0
    }

    /// The prefix that starts here, if a quotation mark follows it: `r"`, `b'`, `br"`, `Rb'` …
    func stringPrefix() -> StringPrefix? {
        var prefix = StringPrefix()
        while let scalar = peek(prefix.length) {
            switch scalar {
            case "r", "R":
                guard !prefix.isRaw else { return nil }
                prefix.isRaw = true
            case "b", "B":
                guard !prefix.isBytes else { return nil }
                prefix.isBytes = true
            case "\"", "'":
                return prefix
            default:
                return nil
            }
            prefix.length += 1
        }
        return nil
    }

    mutating func stringLiteral(_ prefix: StringPrefix) throws(CELSyntaxError) -> Value {
        let opening = position
        advance(prefix.length)
        guard let quote = peek() else {
            throw CELSyntaxError("a text literal was expected", at: opening)
        }
        let isTriple = peek(1) == quote && peek(2) == quote
        advance(isTriple ? 3 : 1)
        var content = LiteralContent(isBytes: prefix.isBytes)
        while let scalar = peek() {
            if scalar == quote, !isTriple || (peek(1) == quote && peek(2) == quote) {
                advance(isTriple ? 3 : 1)
                return content.value
            }
            if scalar == "\\", !prefix.isRaw {
                try escape(into: &content)
            } else if !isTriple, scalar == "\n" || scalar == "\r" {
                throw CELSyntaxError(
                    "the text that starts here does not end on its line; write \(quote) at its end, or three "
                        + "quotation marks around text of several lines", at: opening)
            } else {
                content.append(scalar)
                advance()
            }
        }
        throw CELSyntaxError("the text that starts here has no closing \(quote)", at: opening)
    }

    /// Text or bytes as they are being read.
    struct LiteralContent {
        let isBytes: Bool
        private var scalars = String.UnicodeScalarView()
        private var bytes: [UInt8] = []

        init(isBytes: Bool) {
            self.isBytes = isBytes
        }

        var value: Value { isBytes ? .bytes(bytes) : .string(String(scalars)) }

        mutating func append(_ scalar: Unicode.Scalar) {
            if isBytes {
                bytes.append(contentsOf: String(scalar).utf8)
            } else {
                scalars.append(scalar)
            }
        }

        /// An octet escape: one byte in bytes, one code point in text.
        mutating func append(octet: UInt8) {
            if isBytes {
                bytes.append(octet)
            } else {
                scalars.append(Unicode.Scalar(octet))
            }
        }
    }

    private mutating func escape(into content: inout LiteralContent) throws(CELSyntaxError) {
        let start = position
        advance()
        guard let scalar = peek() else {
            throw CELSyntaxError("the text ends after a backslash", at: start)
        }
        advance()
        switch scalar {
        case "a": content.append("\u{07}")
        case "b": content.append("\u{08}")
        case "f": content.append("\u{0C}")
        case "n": content.append("\n")
        case "r": content.append("\r")
        case "t": content.append("\t")
        case "v": content.append("\u{0B}")
        case "\\", "?", "\"", "'", "`": content.append(scalar)
        case "x", "X":
            content.append(octet: UInt8(truncatingIfNeeded: try digits(2, radix: 16, of: start)))
        case "u", "U":
            guard !content.isBytes else {
                throw CELSyntaxError("a bytes literal has no \\u and \\U escapes; write its UTF-8 as \\x", at: start)
            }
            let value = try digits(scalar == "u" ? 4 : 8, radix: 16, of: start)
            guard let codePoint = Unicode.Scalar(value) else {
                throw CELSyntaxError("this escape names no Unicode code point", at: start)
            }
            content.append(codePoint)
        case "0", "1", "2", "3":
            let value = (scalar.value - 0x30) * 64 + (try digits(2, radix: 8, of: start))
            content.append(octet: UInt8(truncatingIfNeeded: value))
        default:
            throw CELSyntaxError(
                "there is no escape '\\\(scalar)'; write '\\\\' for a backslash, or put r before the text", at: start)
        }
    }

    private mutating func digits(
        _ count: Int, radix: UInt32, of escape: SourcePosition
    ) throws(CELSyntaxError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<count {
            guard let digit = peek()?.hexValue, digit < radix else {
                let kind = radix == 16 ? "hexadecimal" : "octal"
                throw CELSyntaxError("this escape needs \(count) more \(kind) digits than it has", at: escape)
            }
            // At most 8 hexadecimal digits: 32 bits hold them.
            value = value &* radix &+ digit
            advance()
        }
        return value
    }
}

// MARK: Numbers

extension Lexer {
    mutating func numberLiteral() throws(CELSyntaxError) -> Token.Kind {
        let start = position
        let isHexadecimal = peek() == "0" && (peek(1) == "x" || peek(1) == "X")
        var isDouble = false
        if isHexadecimal {
            advance(2)
            while peek()?.hexValue != nil {
                advance()
            }
        } else {
            skipDigits()
            if peek() == ".", peek(1)?.isDigit == true {
                isDouble = true
                advance()
                skipDigits()
            }
            if peek() == "e" || peek() == "E", exponentFollows() {
                isDouble = true
                advance(2)
                skipDigits()
            }
        }
        let digits = text(from: start.offset + (isHexadecimal ? 2 : 0), to: position.offset)
        let isUnsigned = !isDouble && (peek() == "u" || peek() == "U")
        if isUnsigned {
            advance()
        }
        if let scalar = peek(), scalar.isIdentifierPart {
            throw CELSyntaxError("a number cannot be followed by '\(scalar)'", at: position)
        }
        if isDouble {
            guard let value = Double(digits), value.isFinite else {
                throw CELSyntaxError("the number is too large for a double", at: start)
            }
            return .literal(.double(value))
        }
        guard !digits.isEmpty else {
            throw CELSyntaxError("there are no digits after '0x'", at: start)
        }
        guard let magnitude = UInt64(digits, radix: isHexadecimal ? 16 : 10) else {
            throw CELSyntaxError("the number does not fit into 64 bits", at: start)
        }
        return isUnsigned ? .literal(.uint(magnitude)) : .integer(magnitude: magnitude)
    }

    private mutating func skipDigits() {
        while peek()?.isDigit == true {
            advance()
        }
    }

    private func exponentFollows() -> Bool {
        if peek(1)?.isDigit == true {
            return true
        }
        return (peek(1) == "+" || peek(1) == "-") && peek(2)?.isDigit == true
    }
}
