extension PatternParser {
    mutating func escape() throws(RegularExpressionError) -> PatternNode {
        switch peek(1) {
        case "A":
            index += 2
            return .assertion(.textStart)
        case "z":
            index += 2
            return .assertion(.textEnd)
        case "b":
            index += 2
            return .assertion(.wordBoundary)
        case "B":
            index += 2
            return .assertion(.noWordBoundary)
        default:
            if let items = try classEscape() {
                return .character(CharacterClass(items, ignoresCase: flags.ignoresCase))
            }
            return .character(CharacterClass(try characterEscape(), ignoresCase: flags.ignoresCase))
        }
    }

    /// `\d`, `\pL`, `\P{Lu}` …; nil, with nothing read, when it is an escape of another kind.
    private mutating func classEscape() throws(RegularExpressionError) -> [CharacterClass.Item]? {
        let start = index
        guard let letter = peek(1) else { return nil }
        index += 2
        switch letter {
        case "d": return CharacterClass.digits
        case "D": return [.not(CharacterClass.digits)]
        case "s": return CharacterClass.blanks
        case "S": return [.not(CharacterClass.blanks)]
        case "w": return CharacterClass.words
        case "W": return [.not(CharacterClass.words)]
        case "p", "P":
            var name = ""
            var isNegated = letter == "P"
            if accept("{") {
                if accept("^") {
                    isNegated.toggle()
                }
                while let scalar = peek(), scalar != "}" {
                    name.unicodeScalars.append(scalar)
                    index += 1
                }
                guard accept("}") else {
                    throw error("missing closing '}'", at: start)
                }
            } else if let scalar = peek() {
                name.unicodeScalars.append(scalar)
                index += 1
            }
            let items: [CharacterClass.Item]
            if name == "Any" {
                items = [.not([])]
            } else if let categories = CharacterClass.categories[name] {
                items = [.category(categories)]
            } else {
                throw error(
                    "there is no character category '\(name)'; known are such as L, Lu, N, P, S and Z", at: start)
            }
            return isNegated ? [.not(items)] : items
        default:
            index = start
            return nil
        }
    }

    /// An escape that stands for one character.
    private mutating func characterEscape() throws(RegularExpressionError) -> Unicode.Scalar {
        let start = index
        index += 1
        guard let scalar = peek() else {
            throw error("there is nothing after the backslash", at: start)
        }
        index += 1
        switch scalar {
        case "a": return "\u{07}"
        case "f": return "\u{0C}"
        case "n": return "\n"
        case "r": return "\r"
        case "t": return "\t"
        case "v": return "\u{0B}"
        case "x": return try hexadecimalEscape(from: start)
        case "0"..."7":
            var value = scalar.value - 0x30
            var count = 1
            while count < 3, let digit = peek()?.hexValue, digit < 8 {
                value = value * 8 + digit
                count += 1
                index += 1
            }
            // \1 to \7 alone would be back references, which do not exist.
            guard scalar == "0" || count > 1, let result = Unicode.Scalar(value) else {
                throw error("back references cannot be matched in linear time and do not exist here", at: start)
            }
            return result
        default:
            guard scalar.isASCII, !scalar.isIdentifierPart || scalar == "_" else {
                throw error("there is no escape '\\\(scalar)'", at: start)
            }
            return scalar
        }
    }

    private mutating func hexadecimalEscape(from start: Int) throws(RegularExpressionError) -> Unicode.Scalar {
        var value: UInt32 = 0
        var digits = 0
        if accept("{") {
            while let digit = peek()?.hexValue, digits < 8 {
                value = value &* 16 &+ digit
                digits += 1
                index += 1
            }
            guard accept("}") else {
                throw error("missing closing '}'", at: start)
            }
        } else {
            while digits < 2, let digit = peek()?.hexValue {
                value = value * 16 + digit
                digits += 1
                index += 1
            }
            guard digits == 2 else {
                throw error("\\x takes two hexadecimal digits, or more in braces", at: start)
            }
        }
        guard digits > 0, let scalar = Unicode.Scalar(value) else {
            throw error("this escape names no character", at: start)
        }
        return scalar
    }

    /// `[a-z\d[:alpha:]]`
    mutating func bracketClass() throws(RegularExpressionError) -> CharacterClass {
        let start = index
        index += 1
        let isNegated = accept("^")
        var items: [CharacterClass.Item] = []
        var isFirst = true
        while isFirst || peek() != "]" {
            guard peek() != nil else {
                throw error("missing closing ']'", at: start)
            }
            isFirst = false
            if starts(with: "[:") {
                items.append(contentsOf: try posixClass())
            } else if peek() == "\\", let escaped = try classEscape() {
                items.append(contentsOf: escaped)
            } else {
                items.append(.range(try range(in: start)))
            }
        }
        index += 1
        return CharacterClass(items, isNegated: isNegated, ignoresCase: flags.ignoresCase)
    }

    private mutating func posixClass() throws(RegularExpressionError) -> [CharacterClass.Item] {
        let start = index
        index += 2
        let isNegated = accept("^")
        var name = ""
        while let scalar = peek(), scalar.isIdentifierPart {
            name.unicodeScalars.append(scalar)
            index += 1
        }
        guard starts(with: ":]"), let items = CharacterClass.posix[name] else {
            throw error("there is no class '[:\(name):]'", at: start)
        }
        index += 2
        return isNegated ? [.not(items)] : items
    }

    private mutating func range(in start: Int) throws(RegularExpressionError) -> ClosedRange<Unicode.Scalar> {
        let rangeStart = index
        let lower = try member(of: start)
        guard peek() == "-", let next = peek(1), next != "]" else { return lower...lower }
        index += 1
        let upper = try member(of: start)
        guard lower <= upper else {
            throw error("the range \(lower)-\(upper) runs backwards", at: rangeStart)
        }
        return lower...upper
    }

    private mutating func member(of start: Int) throws(RegularExpressionError) -> Unicode.Scalar {
        guard let scalar = peek() else {
            throw error("missing closing ']'", at: start)
        }
        if scalar == "\\" {
            return try characterEscape()
        }
        index += 1
        return scalar
    }
}
