extension LabelSelector {
    /// Reads the syntax of `kubectl -l`: `a=b,c!=d,e in (x,y),f notin (z),g,!h,i>3`. Empty matches everything.
    public init(parsing text: String) throws(SelectorError) {
        var parser = Parser(text)
        requirements = try parser.parse()
    }

    public static func parse(_ text: String) throws(SelectorError) -> LabelSelector {
        try LabelSelector(parsing: text)
    }

    private enum Token: Equatable {
        case word(String)
        case mark(String)
        case end

        var name: String {
            switch self {
            case .word(let text), .mark(let text): "\"\(text)\""
            case .end: "the end"
            }
        }
    }

    private struct Parser {
        let text: String
        private var tokens: [Token] = []
        private var index = 0

        init(_ text: String) {
            self.text = text
            tokens = Self.tokens(of: text)
        }

        private static func tokens(of text: String) -> [Token] {
            var tokens: [Token] = []
            var word = ""
            var mark = ""
            func isJoined(_ mark: String, _ next: Unicode.Scalar) -> Bool {
                (mark == "=" || mark == "!") && next == "="
            }
            for character in text.unicodeScalars {
                let isMark = "=!(),<>".unicodeScalars.contains(character)
                let isSpace = character == " " || character == "\t" || character == "\r" || character == "\n"
                if !mark.isEmpty, !isJoined(mark, character) {
                    tokens.append(.mark(mark))
                    mark = ""
                }
                if (isMark || isSpace), !word.isEmpty {
                    tokens.append(.word(word))
                    word = ""
                }
                if isMark { mark.unicodeScalars.append(character) }
                if !isMark, !isSpace { word.unicodeScalars.append(character) }
            }
            if !mark.isEmpty { tokens.append(.mark(mark)) }
            if !word.isEmpty { tokens.append(.word(word)) }
            return tokens
        }

        private var next: Token { index < tokens.count ? tokens[index] : .end }

        private mutating func take() -> Token {
            defer { index += 1 }
            return next
        }

        private mutating func skip(_ mark: String) -> Bool {
            guard next == .mark(mark) else { return false }
            index += 1
            return true
        }

        private func failure(_ expected: String, found: Token) -> SelectorError {
            SelectorError("the label selector \"\(text)\" has \(found.name) where \(expected) was expected")
        }

        mutating func parse() throws(SelectorError) -> [Requirement] {
            var requirements: [Requirement] = []
            guard next != .end else { return [] }
            repeat { requirements.append(try requirement()) } while skip(",")
            guard next == .end else { throw failure("a comma or the end", found: next) }
            return requirements
        }

        private mutating func requirement() throws(SelectorError) -> Requirement {
            if skip("!") { return try Requirement(key: try word("a key"), op: .doesNotExist) }
            let key = try word("a key")
            let token = next
            guard token != .end, token != .mark(",") else { return try Requirement(key: key, op: .exists) }
            index += 1
            switch token {
            case .mark("="), .mark("=="): return try Requirement(key: key, op: .in, values: [value()])
            case .mark("!="): return try Requirement(key: key, op: .notIn, values: [value()])
            case .mark(">"): return try Requirement(key: key, op: .greaterThan, values: [value()])
            case .mark("<"): return try Requirement(key: key, op: .lessThan, values: [value()])
            case .word("in"): return try Requirement(key: key, op: .in, values: try values())
            case .word("notin"): return try Requirement(key: key, op: .notIn, values: try values())
            default: throw failure("one of =, ==, !=, in, notin, <, >", found: token)
            }
        }

        private mutating func word(_ expected: String) throws(SelectorError) -> String {
            let token = take()
            guard case .word(let text) = token else { throw failure(expected, found: token) }
            return text
        }

        /// The value after an equals sign; may be missing, and is then empty.
        private mutating func value() -> String {
            guard case .word(let text) = next else { return "" }
            index += 1
            return text
        }

        /// `(a,b)`; an empty place is the empty value.
        private mutating func values() throws(SelectorError) -> [String] {
            guard skip("(") else { throw failure("an opening parenthesis", found: next) }
            var values: [String] = []
            repeat { values.append(value()) } while skip(",")
            guard skip(")") else { throw failure("a comma or a closing parenthesis", found: next) }
            return values
        }
    }
}
