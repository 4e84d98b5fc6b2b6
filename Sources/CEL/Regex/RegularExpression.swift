/// A regular expression in RE2's syntax, matched in time linear in the text.
///
/// Supported are literals, `.`, classes with ranges, `\d \s \w \b` and their negations, POSIX classes, general
/// categories such as `\p{Lu}`, anchors, groups (also named), the flags `i`, `m`, `s` and `U`, alternation, greedy and lazy
/// repetition, and `\Q…\E`. Back references and look-around do not exist in RE2, as they cannot be matched in linear
/// time; scripts such as `\p{Greek}` are not supported here.
/// Syntax: <https://github.com/google/re2/wiki/Syntax>.
package struct RegularExpression: Sendable {
    /// The text it was made from.
    package let pattern: String
    let program: Program

    /// Compiles a pattern.
    /// - Throws: `RegularExpressionError` with the place and the reason.
    package init(_ pattern: String) throws(RegularExpressionError) {
        var parser = PatternParser(pattern)
        let tree = try parser.parse()
        var compiler = ProgramCompiler(groupCount: parser.groupCount)
        program = try compiler.compile(tree)
        self.pattern = pattern
    }

    /// Whether some part of the text matches; anchors in the pattern bind it to the whole.
    package func matches(_ text: String) -> Bool {
        var machine = PikeMachine(program, slotCount: 0)
        return machine.run(Array(text.unicodeScalars), from: 0) != nil
    }

    /// The ranges of the first match at or after an index, by code points: that of the whole match, then those of the
    /// groups, nil for groups that took no part.
    func firstMatch(in text: [Unicode.Scalar], from start: Int = 0) -> [Range<Int>?]? {
        var machine = PikeMachine(program, slotCount: program.groupCount * 2 + 2)
        guard let slots = machine.run(text, from: start) else { return nil }
        return stride(from: 0, to: slots.count - 1, by: 2).map { index in
            let (lower, upper) = (slots[index], slots[index + 1])
            return lower >= 0 && upper >= lower ? lower..<upper : nil
        }
    }

    /// Steps that a search may take, in the unit of `CostLimit`.
    func cost(textLength: Int) -> Int {
        let (product, overflow) = textLength.multipliedReportingOverflow(by: program.instructions.count)
        return overflow ? .max : 1 + product / 32
    }
}

/// Why a pattern is no regular expression.
package struct RegularExpressionError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A sentence such as `missing closing ')'`.
    package let message: String
    /// The place in the pattern, in code points from 0.
    package let offset: Int

    package var description: String { "\(message) at character \(offset + 1) of the pattern" }
}
