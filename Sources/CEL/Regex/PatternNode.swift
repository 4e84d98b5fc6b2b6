/// A part of a parsed regular expression.
indirect enum PatternNode: Sendable {
    case empty
    case character(CharacterClass)
    case assertion(Assertion)
    case concatenation([PatternNode])
    case alternation([PatternNode])
    case repetition(PatternNode, minimum: Int, maximum: Int?, isGreedy: Bool)
    case group(PatternNode, index: Int)
}

/// A condition on a place between two characters.
enum Assertion: Sendable {
    case textStart, textEnd, lineStart, lineEnd, wordBoundary, noWordBoundary

    func holds(at index: Int, in text: [Unicode.Scalar]) -> Bool {
        let before = index > 0 && index <= text.count ? text[index - 1] : nil
        let after = text.indices.contains(index) ? text[index] : nil
        switch self {
        case .textStart: return before == nil
        case .textEnd: return after == nil
        case .lineStart: return before == nil || before == "\n"
        case .lineEnd: return after == nil || after == "\n"
        case .wordBoundary: return Self.isWord(before) != Self.isWord(after)
        case .noWordBoundary: return Self.isWord(before) == Self.isWord(after)
        }
    }

    private static func isWord(_ scalar: Unicode.Scalar?) -> Bool {
        scalar?.isIdentifierPart ?? false
    }
}

/// A set of characters.
struct CharacterClass: Sendable {
    enum Item: Sendable {
        case range(ClosedRange<Unicode.Scalar>)
        case category(Set<Unicode.GeneralCategory>)
        case not([Item])
    }

    private let items: [Item]
    private let isNegated: Bool
    private let ignoresCase: Bool
    /// The answers for ASCII, bit by bit.
    private var low: UInt64 = 0
    private var high: UInt64 = 0

    init(_ items: [Item], isNegated: Bool = false, ignoresCase: Bool = false) {
        self.items = items
        self.isNegated = isNegated
        self.ignoresCase = ignoresCase
        for value in UInt8(0)..<64 where decide(Unicode.Scalar(value)) {
            low |= 1 << UInt64(value)
        }
        for value in UInt8(64)..<128 where decide(Unicode.Scalar(value)) {
            high |= 1 << UInt64(value - 64)
        }
    }

    init(_ scalar: Unicode.Scalar, ignoresCase: Bool) {
        self.init([.range(scalar...scalar)], ignoresCase: ignoresCase)
    }

    func contains(_ scalar: Unicode.Scalar) -> Bool {
        let value = scalar.value
        if value < 64 {
            return low & (1 << UInt64(value)) != 0
        }
        if value < 128 {
            return high & (1 << UInt64(value - 64)) != 0
        }
        return decide(scalar)
    }

    private func decide(_ scalar: Unicode.Scalar) -> Bool {
        var isMember = Self.contains(items, scalar)
        if !isMember, ignoresCase {
            isMember = scalar.caseVariants.contains { Self.contains(items, $0) }
        }
        return isMember != isNegated
    }

    private static func contains(_ items: [Item], _ scalar: Unicode.Scalar) -> Bool {
        items.contains { item in
            switch item {
            case .range(let range): range.contains(scalar)
            case .category(let categories): categories.contains(scalar.properties.generalCategory)
            case .not(let items): !contains(items, scalar)
            }
        }
    }

    // MARK: Well-known sets

    static let digits: [Item] = [.range("0"..."9")]
    static let blanks: [Item] = [.range("\t"..."\n"), .range("\u{C}"..."\r"), .range(" "..." ")]
    static let words: [Item] = [.range("0"..."9"), .range("A"..."Z"), .range("_"..."_"), .range("a"..."z")]

    static let posix: [String: [Item]] = [
        "alnum": [.range("0"..."9"), .range("A"..."Z"), .range("a"..."z")],
        "alpha": [.range("A"..."Z"), .range("a"..."z")],
        "ascii": [.range("\0"..."\u{7F}")],
        "blank": [.range("\t"..."\t"), .range(" "..." ")],
        "cntrl": [.range("\0"..."\u{1F}"), .range("\u{7F}"..."\u{7F}")],
        "digit": digits,
        "graph": [.range("!"..."~")],
        "lower": [.range("a"..."z")],
        "print": [.range(" "..."~")],
        "punct": [.range("!"..."/"), .range(":"..."@"), .range("["..."`"), .range("{"..."~")],
        "space": [.range("\t"..."\r"), .range(" "..." ")],
        "upper": [.range("A"..."Z")],
        "word": words,
        "xdigit": [.range("0"..."9"), .range("A"..."F"), .range("a"..."f")],
    ]

    static let categories: [String: Set<Unicode.GeneralCategory>] = {
        let single: [String: Unicode.GeneralCategory] = [
            "Lu": .uppercaseLetter, "Ll": .lowercaseLetter, "Lt": .titlecaseLetter, "Lm": .modifierLetter,
            "Lo": .otherLetter, "Mn": .nonspacingMark, "Mc": .spacingMark, "Me": .enclosingMark,
            "Nd": .decimalNumber, "Nl": .letterNumber, "No": .otherNumber, "Pc": .connectorPunctuation,
            "Pd": .dashPunctuation, "Ps": .openPunctuation, "Pe": .closePunctuation, "Pi": .initialPunctuation,
            "Pf": .finalPunctuation, "Po": .otherPunctuation, "Sm": .mathSymbol, "Sc": .currencySymbol,
            "Sk": .modifierSymbol, "So": .otherSymbol, "Zs": .spaceSeparator, "Zl": .lineSeparator,
            "Zp": .paragraphSeparator, "Cc": .control, "Cf": .format, "Cs": .surrogate, "Co": .privateUse,
        ]
        var all: [String: Set<Unicode.GeneralCategory>] = [:]
        for (name, category) in single {
            all[name] = [category]
            all[String(name.prefix(1)), default: []].insert(category)
        }
        return all
    }()
}

extension Unicode.Scalar {
    /// Its lower and upper case, where these are single characters.
    var caseVariants: [Unicode.Scalar] {
        [properties.lowercaseMapping, properties.uppercaseMapping].compactMap { text in
            let scalars = text.unicodeScalars
            return scalars.count == 1 ? scalars.first : nil
        }
    }
}
