/// Parses RE2's syntax.
struct PatternParser {
    private static let maxDepth = 100
    private static let maxRepeat = 1000

    struct Flags {
        var ignoresCase = false
        var isMultiline = false
        var dotMatchesNewline = false
        var isUngreedy = false
    }

    let scalars: [Unicode.Scalar]
    var index = 0
    var flags = Flags()
    private(set) var groupCount = 0
    private var depth = 0

    init(_ pattern: String) {
        scalars = Array(pattern.unicodeScalars)
    }

    func error(_ message: String, at offset: Int) -> RegularExpressionError {
        RegularExpressionError(message: message, offset: offset)
    }

    func peek(_ distance: Int = 0) -> Unicode.Scalar? {
        let position = index + distance
        return scalars.indices.contains(position) ? scalars[position] : nil
    }

    mutating func accept(_ scalar: Unicode.Scalar) -> Bool {
        guard peek() == scalar else { return false }
        index += 1
        return true
    }

    func starts(with text: String) -> Bool {
        scalars.dropFirst(index).starts(with: text.unicodeScalars)
    }

    mutating func parse() throws(RegularExpressionError) -> PatternNode {
        let node = try alternation()
        guard peek() == nil else {
            throw error("unexpected ')'", at: index)
        }
        return node
    }

    private mutating func alternation() throws(RegularExpressionError) -> PatternNode {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.maxDepth else {
            throw error("the expression nests too deeply", at: index)
        }
        var branches = [try concatenation()]
        while accept("|") {
            branches.append(try concatenation())
        }
        return branches.count == 1 ? branches[0] : .alternation(branches)
    }

    private mutating func concatenation() throws(RegularExpressionError) -> PatternNode {
        var parts: [PatternNode] = []
        while let scalar = peek(), scalar != "|", scalar != ")" {
            let start = index
            if starts(with: "\\Q") {
                parts.append(contentsOf: quotation())
                continue
            }
            guard let atom = try atom() else { continue }
            parts.append(try repetitions(of: atom, from: start))
        }
        return parts.count == 1 ? parts[0] : parts.isEmpty ? .empty : .concatenation(parts)
    }

    /// `\Q…\E`, or to the end without `\E`.
    private mutating func quotation() -> [PatternNode] {
        index += 2
        var parts: [PatternNode] = []
        while let scalar = peek(), !starts(with: "\\E") {
            parts.append(literal(scalar))
            index += 1
        }
        index = min(index + 2, scalars.count)
        return parts
    }

    private func literal(_ scalar: Unicode.Scalar) -> PatternNode {
        .character(CharacterClass(scalar, ignoresCase: flags.ignoresCase))
    }

    // MARK: Repetition

    private mutating func repetitions(
        of atom: PatternNode, from start: Int
    ) throws(RegularExpressionError) -> PatternNode {
        guard let (minimum, maximum) = try quantifier() else { return atom }
        var isGreedy = !flags.isUngreedy
        if accept("?") {
            isGreedy.toggle()
        }
        let second = index
        if try quantifier() != nil {
            throw error("a repetition of a repetition needs parentheses", at: second)
        }
        return .repetition(atom, minimum: minimum, maximum: maximum, isGreedy: isGreedy)
    }

    private mutating func quantifier() throws(RegularExpressionError) -> (minimum: Int, maximum: Int?)? {
        switch peek() {
        case "*":
            index += 1
            return (0, nil)
        case "+":
            index += 1
            return (1, nil)
        case "?":
            index += 1
            return (0, 1)
        case "{":
            return try braces()
        default:
            return nil
        }
    }

    /// `{2}`, `{2,}` or `{2,5}`; a brace that starts none of these is a character.
    private mutating func braces() throws(RegularExpressionError) -> (minimum: Int, maximum: Int?)? {
        let start = index
        index += 1
        guard let minimum = number() else {
            index = start
            return nil
        }
        var maximum: Int? = minimum
        if accept(",") {
            maximum = peek() == "}" ? nil : number() ?? -1
        }
        guard maximum != -1, accept("}") else {
            index = start
            return nil
        }
        guard minimum <= Self.maxRepeat, maximum ?? 0 <= Self.maxRepeat, minimum <= maximum ?? minimum else {
            throw error("a repetition runs from a smaller to a larger number, at most \(Self.maxRepeat)", at: start)
        }
        return (minimum, maximum)
    }

    private mutating func number() -> Int? {
        var value: Int?
        while let scalar = peek(), scalar.isDigit {
            // Larger numbers are refused anyway; they only must not overflow.
            value = min((value ?? 0) * 10 + Int(scalar.value - 0x30), Self.maxRepeat + 1)
            index += 1
        }
        return value
    }

    // MARK: Atoms

    /// One atom, or nil where there was only a change of flags.
    private mutating func atom() throws(RegularExpressionError) -> PatternNode? {
        let start = index
        guard let scalar = peek() else { return nil }
        switch scalar {
        case "(":
            return try group()
        case "[":
            return .character(try bracketClass())
        case ".":
            index += 1
            return .character(CharacterClass(flags.dotMatchesNewline ? [] : [.range("\n"..."\n")], isNegated: true))
        case "^":
            index += 1
            return .assertion(flags.isMultiline ? .lineStart : .textStart)
        case "$":
            index += 1
            return .assertion(flags.isMultiline ? .lineEnd : .textEnd)
        case "\\":
            return try escape()
        case "*", "+", "?":
            throw error("there is nothing before '\(scalar)' to repeat", at: start)
        case "{":
            if try quantifier() != nil {
                throw error("there is nothing before '{' to repeat", at: start)
            }
            index += 1
            return literal(scalar)
        default:
            index += 1
            return literal(scalar)
        }
    }

    private mutating func group() throws(RegularExpressionError) -> PatternNode? {
        let start = index
        index += 1
        let outer = flags
        var number: Int?
        if accept("?") {
            if starts(with: "P<") || starts(with: "<") {
                try skipGroupName(from: start)
                groupCount += 1
                number = groupCount
            } else if try readFlags(from: start) {
                // `(?i)` without a body: the flags hold until the enclosing group ends.
                return nil
            }
        } else {
            groupCount += 1
            number = groupCount
        }
        let body = try alternation()
        guard accept(")") else {
            throw error("missing closing ')'", at: start)
        }
        flags = outer
        return number.map { .group(body, index: $0) } ?? body
    }

    private mutating func skipGroupName(from start: Int) throws(RegularExpressionError) {
        _ = accept("P")
        index += 1
        let nameStart = index
        while peek()?.isIdentifierPart == true {
            index += 1
        }
        guard index > nameStart, accept(">") else {
            throw error("a group is named as in (?P<name>…)", at: start)
        }
    }

    /// Reads `i-s:` or `i)`.
    /// - Returns: whether the group ended with it.
    private mutating func readFlags(from start: Int) throws(RegularExpressionError) -> Bool {
        var changed = flags
        var value = true
        while let scalar = peek() {
            index += 1
            switch scalar {
            case "i": changed.ignoresCase = value
            case "m": changed.isMultiline = value
            case "s": changed.dotMatchesNewline = value
            case "U": changed.isUngreedy = value
            case "-": value = false
            case ":", ")":
                flags = changed
                return scalar == ")"
            case "=", "!", "<":
                throw error("look-around cannot be matched in linear time and does not exist here", at: start)
            default:
                throw error("'\(scalar)' is none of the flags i, m, s and U", at: index - 1)
            }
        }
        throw error("missing closing ')'", at: start)
    }
}
