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
        // By scalars, as a sign stays a sign when an accent follows it.
        for character in text.unicodeScalars {
            if character == ",", !isEscaped {
                parts.append("")
            } else {
                parts[parts.count - 1].unicodeScalars.append(character)
            }
            isEscaped = character == "\\" && !isEscaped
        }
        return parts
    }

    private static func requirement(_ part: String) -> Requirement? {
        let scalars = part.unicodeScalars
        for sign in scalars.indices {
            for (mark, op) in [("==", Operator.equals), ("!=", .notEquals), ("=", .equals)]
            where scalars[sign...].starts(with: mark.unicodeScalars) {
                let value = unescaped(scalars[sign...].dropFirst(mark.unicodeScalars.count))
                return value.map { Requirement(path: String(scalars[..<sign]), op: op, value: $0) }
            }
        }
        return nil
    }

    /// Nil for an escape of anything else, and for a separator that is not escaped.
    private static func unescaped(_ text: some Sequence<Unicode.Scalar>) -> String? {
        var result = String.UnicodeScalarView()
        var isEscaped = false
        for scalar in text {
            let isSpecial = scalar == "," || scalar == "=" || scalar == "\\"
            if isEscaped {
                guard isSpecial else { return nil }
                result.append(scalar)
                isEscaped = false
            } else if scalar == "\\" {
                isEscaped = true
            } else {
                guard !isSpecial else { return nil }
                result.append(scalar)
            }
        }
        return isEscaped ? nil : String(result)
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
            let value = requirement.value.unicodeScalars.map { scalar in
                scalar == "," || scalar == "=" || scalar == "\\" ? "\\\(scalar)" : String(scalar)
            }.joined()
            return "\(requirement.path)\(requirement.op.rawValue)\(value)"
        }.joined(separator: ",")
    }
}
