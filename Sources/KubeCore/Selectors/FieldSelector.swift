/// A condition on single fields, `metadata.name=web,status.phase!=Running`: all have to hold.
public struct FieldSelector: Sendable, Hashable {
    public enum Operator: String, Sendable, Hashable {
        case equals = "="
        case notEquals = "!="
    }

    public struct Requirement: Sendable, Hashable {
        /// `metadata.name`
        public var path: String
        public var op: Operator
        public var value: String

        public init(path: String, op: Operator, value: String) {
            self.path = path
            self.op = op
            self.value = value
        }
    }

    public var requirements: [Requirement]

    public init(_ requirements: [Requirement]) { self.requirements = requirements }

    public static let everything = FieldSelector([])

    /// Reads the syntax of `kubectl --field-selector`: `=`, `==` and `!=`, with `\` before a comma, an equals sign or
    /// a backslash of a value. Empty parts are skipped.
    public init(parsing text: String) throws(SelectorError) {
        requirements = []
        for part in Self.split(text) where !part.isEmpty {
            guard let requirement = Self.requirement(part) else {
                throw SelectorError(
                    "\"\(part)\" of the field selector \"\(text)\" is not of the form path=value or path!=value")
            }
            requirements.append(requirement)
        }
    }

    public static func parse(_ text: String) throws(SelectorError) -> FieldSelector {
        try FieldSelector(parsing: text)
    }

    /// Splits at commas that have no backslash before them.
    private static func split(_ text: String) -> [String] {
        var parts = [""]
        var isEscaped = false
        for character in text {
            if character == ",", !isEscaped {
                parts.append("")
            } else {
                parts[parts.count - 1].append(character)
            }
            isEscaped = character == "\\" && !isEscaped
        }
        return parts
    }

    private static func requirement(_ part: String) -> Requirement? {
        guard let sign = part.firstIndex(where: { $0 == "=" || $0 == "!" }) else { return nil }
        let path = String(part[..<sign])
        for (mark, op) in [("==", Operator.equals), ("!=", .notEquals), ("=", .equals)]
        where part[sign...].hasPrefix(mark) {
            guard let value = unescaped(part[sign...].dropFirst(mark.count)) else { return nil }
            return Requirement(path: path, op: op, value: value)
        }
        return nil
    }

    /// Nil for an escape of anything else, and for a separator that is not escaped.
    private static func unescaped(_ text: Substring) -> String? {
        var result = ""
        var isEscaped = false
        for character in text {
            let isSpecial = character == "," || character == "=" || character == "\\"
            if isEscaped {
                guard isSpecial else { return nil }
                result.append(character)
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else {
                guard !isSpecial else { return nil }
                result.append(character)
            }
        }
        return isEscaped ? nil : result
    }

    public var isEverything: Bool { requirements.isEmpty }

    /// Whether all hold for what `field` gives for a path; a field that is missing (nil) counts as empty.
    public func matches(_ field: (String) -> String?) -> Bool {
        requirements.allSatisfy { ((field($0.path) ?? "") == $0.value) == ($0.op == .equals) }
    }

    /// Whether all hold for an object, whose fields are found by the dots of the paths.
    public func matches(object: JSON) -> Bool {
        matches { path in
            switch object.at(path.split(separator: ".").map(String.init)) {
            case .string(let text): text
            case .bool(let value): value ? "true" : "false"
            case .int(let value): String(value)
            default: nil
            }
        }
    }

    /// The value that a path has to equal, if the selector says so.
    public func required(_ path: String) -> String? {
        requirements.first { $0.path == path && $0.op == .equals }?.value
    }
}

extension FieldSelector: CustomStringConvertible {
    public var description: String {
        requirements.map { requirement in
            let value = requirement.value.map { ",=\\".contains($0) ? "\\\($0)" : String($0) }.joined()
            return "\(requirement.path)\(requirement.op.rawValue)\(value)"
        }.joined(separator: ",")
    }
}
