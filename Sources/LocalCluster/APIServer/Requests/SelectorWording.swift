import KubeCore

/// What is wrong with a selector, in the words of the real server. KubeCore decides whether something is.
enum SelectorWording {
    // MARK: Fields

    static func fieldProblem(_ text: String) -> String {
        let terms = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        let bad = terms.first { !$0.contains("=") } ?? text
        return "invalid selector: '\(text)'; can't understand '\(bad)'"
    }

    // MARK: Labels

    private enum Token: Equatable {
        case word(String)
        case mark(String)

        var text: String {
            switch self {
            case .word(let text), .mark(let text): text
            }
        }
    }

    private struct Stop: Error {
        let message: String
    }

    /// - Parameter fallback: for problems that are not of syntax.
    static func labelProblem(_ text: String, fallback: String) -> String {
        var parser = Parser(tokens: tokens(of: text)[...])
        do throws(Stop) {
            try parser.parse()
            return fallback
        } catch {
            return error.message
        }
    }

    private static func tokens(of text: String) -> [Token] {
        var tokens: [Token] = []
        var word = ""
        var mark = ""
        let marks = "=!(),<>".unicodeScalars
        for scalar in text.unicodeScalars {
            let isMark = marks.contains(scalar)
            let isSpace = " \t\r\n".unicodeScalars.contains(scalar)
            if !mark.isEmpty, !((mark == "=" || mark == "!") && scalar == "=") {
                tokens.append(.mark(mark))
                mark = ""
            }
            if isMark || isSpace, !word.isEmpty {
                tokens.append(.word(word))
                word = ""
            }
            if isMark { mark.unicodeScalars.append(scalar) }
            if !isMark, !isSpace { word.unicodeScalars.append(scalar) }
        }
        if !mark.isEmpty { tokens.append(.mark(mark)) }
        if !word.isEmpty { tokens.append(.word(word)) }
        return tokens
    }

    private struct Parser {
        var tokens: ArraySlice<Token>

        private var found: String { tokens.first?.text ?? "" }

        private func stop(_ message: String) -> Stop { Stop(message: message) }

        private func unable(_ message: String) -> Stop { Stop(message: "unable to parse requirement: \(message)") }

        mutating func parse() throws(Stop) {
            while let first = tokens.first {
                switch first {
                case .word, .mark("!"): try requirement()
                default: throw stop("found '\(found)', expected: !, identifier, or 'end of string'")
                }
                guard let next = tokens.first else { return }
                guard next == .mark(",") else { throw stop("found '\(found)', expected: ',' or 'end of string'") }
                tokens.removeFirst()
                switch tokens.first {
                case .word, .mark("!"): break
                default: throw stop("found '\(found)', expected: identifier after ','")
                }
            }
        }

        private mutating func requirement() throws(Stop) {
            if tokens.first == .mark("!") {
                tokens.removeFirst()
                guard case .word = tokens.first else { throw unable("found '\(found)', expected: identifier") }
                tokens.removeFirst()
                return
            }
            tokens.removeFirst()
            guard let next = tokens.first, next != .mark(",") else { return }
            switch next {
            case .mark("="), .mark("=="), .mark("!="):
                tokens.removeFirst()
                takeWord()
            case .mark("<"), .mark(">"):
                tokens.removeFirst()
                let value = found
                takeWord()
                if Int64(value) == nil {
                    throw unable(
                        "values[0]: Invalid value: \(FieldError.quoted(value)): for 'Gt', 'Lt' operators, "
                            + "the value must be an integer")
                }
            case .word("in"), .word("notin"):
                tokens.removeFirst()
                try values()
            default: throw unable("found '\(found)', expected: in, notin, =, ==, !=, gt, lt")
            }
        }

        private mutating func takeWord() {
            if case .word = tokens.first { tokens.removeFirst() }
        }

        private mutating func values() throws(Stop) {
            guard tokens.first == .mark("(") else { throw unable("found '\(found)' expected: '('") }
            tokens.removeFirst()
            while true {
                takeWord()
                switch tokens.first {
                case .mark(","): tokens.removeFirst()
                case .mark(")"):
                    tokens.removeFirst()
                    return
                default: throw unable("found '\(found)', expected: ',' or ')'")
                }
            }
        }
    }
}
