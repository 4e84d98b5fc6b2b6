import KubeCore

/// The part of Kubernetes' JSONPath that printer columns use: `.a.b`, `.a\.b`, `['a b']`, `[0]`, `[-1]`, `[*]`, `.*`,
/// `..a` and `[?(@.type=="Ready")]`.
package struct JSONPath: Sendable, Hashable {
    /// Why a path is not understood, and where.
    package struct Malformed: Error, Hashable, Sendable {
        package var message: String
    }

    enum Comparison: String, Sendable, CaseIterable {
        // Longer operators come first, so that `<=` is not read as `<`.
        case equal = "==", notEqual = "!=", atMost = "<=", atLeast = ">=", less = "<", greater = ">"
    }

    enum Step: Sendable, Hashable {
        case field(String)
        case index(Int)
        case wildcard
        case descendants(String)
        /// Elements in which the value at `path` compares with `value`; without one, in which there is such a value.
        case filter([Step], Comparison?, JSON?)
    }

    let steps: [Step]

    package init(_ text: String) throws(Malformed) {
        var reader = Reader(text)
        steps = try reader.steps(endingAt: nil)
    }

    /// The values found, in order; none where the path leads nowhere.
    package func values(in object: JSON) -> [JSON] { Self.values(steps[...], in: object) }

    private static func values(_ steps: ArraySlice<Step>, in value: JSON) -> [JSON] {
        guard let step = steps.first else { return [value] }
        let rest = steps.dropFirst()
        switch step {
        case .field(let name): return value[name].map { values(rest, in: $0) } ?? []
        case .index(let index):
            let count = value.arrayValue?.count ?? 0
            return value[index < 0 ? count + index : index].map { values(rest, in: $0) } ?? []
        case .wildcard: return children(of: value).flatMap { values(rest, in: $0) }
        case .descendants(let name):
            let here = value[name].map { values(rest, in: $0) } ?? []
            return here + children(of: value).flatMap { values(steps, in: $0) }
        case .filter(let path, let comparison, let operand):
            return children(of: value).filter { matches($0, path, comparison, operand) }
                .flatMap { values(rest, in: $0) }
        }
    }

    private static func children(of value: JSON) -> [JSON] {
        switch value {
        case .array(let elements): elements
        case .object(let fields): fields.map(\.value)
        default: []
        }
    }

    private static func matches(_ value: JSON, _ path: [Step], _ comparison: Comparison?, _ operand: JSON?) -> Bool {
        guard let found = values(path[...], in: value).first else { return false }
        guard let comparison, let operand else { return true }
        switch comparison {
        case .equal: return isEqual(found, operand)
        case .notEqual: return !isEqual(found, operand)
        case .less, .atMost, .greater, .atLeast:
            guard let order = order(found, operand) else { return false }
            return switch comparison {
            case .less: order < 0
            case .atMost: order <= 0
            case .greater: order > 0
            default: order >= 0
            }
        }
    }

    private static func isEqual(_ left: JSON, _ right: JSON) -> Bool {
        if let a = left.doubleValue, let b = right.doubleValue { return a == b }
        return left == right
    }

    private static func order(_ left: JSON, _ right: JSON) -> Int? {
        if let a = left.doubleValue, let b = right.doubleValue { return a < b ? -1 : (a > b ? 1 : 0) }
        if let a = left.stringValue, let b = right.stringValue { return a < b ? -1 : (a > b ? 1 : 0) }
        return nil
    }

    /// A found value as text: strings as they are, everything else as compact JSON.
    package static func text(_ value: JSON) -> String { value.stringValue ?? value.encodedString(.compact) }
}

extension JSONPath {
    private struct Reader {
        let characters: [Character]
        var place = 0

        init(_ text: String) { characters = Array(text) }

        var next: Character? { place < characters.count ? characters[place] : nil }

        mutating func skip(_ character: Character) -> Bool {
            guard next == character else { return false }
            place += 1
            return true
        }

        func fail(_ why: String) -> Malformed {
            Malformed(message: "JSONPath \(String(characters)) at \(place): \(why)")
        }

        /// Reads steps up to a character that belongs to no step, or to the end.
        mutating func steps(endingAt ends: Set<Character>?) throws(Malformed) -> [Step] {
            var steps: [Step] = []
            while let character = next {
                if let ends, ends.contains(character) { return steps }
                switch character {
                case ".":
                    place += 1
                    if skip(".") {
                        steps.append(.descendants(try name()))
                    } else if skip("*") {
                        steps.append(.wildcard)
                    } else if next != "[" {
                        steps.append(.field(try name()))
                    }
                case "[":
                    place += 1
                    steps.append(try bracket())
                default:
                    guard steps.isEmpty, place == 0 else { throw fail("unexpected \(character)") }
                    steps.append(.field(try name()))
                }
            }
            return steps
        }

        private mutating func name() throws(Malformed) -> String {
            var name = ""
            while let character = next, !".[]=!<>() ".contains(character) {
                place += 1
                if character == "\\" {
                    guard let escaped = next else { throw fail("nothing after a backslash") }
                    name.append(escaped)
                    place += 1
                } else {
                    name.append(character)
                }
            }
            guard !name.isEmpty else { throw fail("a field name is missing") }
            return name
        }

        private mutating func bracket() throws(Malformed) -> Step {
            let step: Step
            if skip("*") {
                step = .wildcard
            } else if skip("?") {
                step = try filter()
            } else if next == "'" || next == "\"" {
                step = .field(try quoted())
            } else {
                var digits = ""
                while let character = next, character != "]" {
                    digits.append(character)
                    place += 1
                }
                guard let index = Int(digits) else {
                    throw fail("an index, a quoted name, * or a filter is expected in []")
                }
                step = .index(index)
            }
            guard skip("]") else { throw fail("] is missing") }
            return step
        }

        private mutating func filter() throws(Malformed) -> Step {
            guard skip("(") else { throw fail("( is missing after ?") }
            skipBlanks()
            guard skip("@") else { throw fail("a filter begins with @") }
            let path = try steps(endingAt: ["=", "!", "<", ">", ")", " "])
            skipBlanks()
            var comparison: Comparison?
            var operand: JSON?
            if next != ")" {
                let found = Comparison.allCases.first { matches($0.rawValue) }
                guard let found else { throw fail("a comparison is expected") }
                place += found.rawValue.count
                comparison = found
                skipBlanks()
                operand = try literal()
                skipBlanks()
            }
            guard skip(")") else { throw fail(") is missing") }
            return .filter(path, comparison, operand)
        }

        private mutating func literal() throws(Malformed) -> JSON {
            if next == "'" || next == "\"" { return .string(try quoted()) }
            var text = ""
            while let character = next, character != ")", character != " " {
                text.append(character)
                place += 1
            }
            guard let value = try? JSON.parse(text) else { throw fail("a quoted text or a number is expected") }
            return value
        }

        private mutating func quoted() throws(Malformed) -> String {
            guard let quote = next else { throw fail("a quote is missing") }
            place += 1
            var text = ""
            while let character = next {
                place += 1
                if character == quote { return text }
                if character == "\\", let escaped = next {
                    text.append(escaped)
                    place += 1
                } else {
                    text.append(character)
                }
            }
            throw fail("a quote is not closed")
        }

        private func matches(_ text: String) -> Bool { characters[place...].starts(with: text) }

        private mutating func skipBlanks() {
            while skip(" ") {}
        }
    }
}
