import KubeCore

/// Writes JSON as YAML in the block style of kubectl: two spaces a level, sequences not indented under their key,
/// strings quoted only where they would be read as something else, literal blocks for texts of several lines.
/// What is written reads back as the same value.
public enum YAMLWriter {
    /// One document, with a line feed at its end.
    public static func write(_ json: JSON) -> String {
        var text = YAMLText()
        text.document(json)
        return text.output
    }

    /// Several documents, with `---` between them.
    public static func write(_ documents: [JSON]) -> String {
        documents.map { write($0) }.joined(separator: "---\n")
    }
}

/// A YAML text while it is written.
struct YAMLText {
    private(set) var output = ""
    /// libyaml takes no longer keys without a `?` in front.
    private static let longestSimpleKey = 128

    mutating func document(_ json: JSON) {
        if !block(json, indent: 0) {
            output += YAMLText.scalar(json)
            output += "\n"
        }
    }

    /// Writes a container that is not empty, beginning on this line, with all later lines indented; false for others.
    private mutating func block(_ json: JSON, indent: Int) -> Bool {
        switch json {
        case .array(let values) where !values.isEmpty:
            for (position, value) in values.enumerated() {
                if position > 0 { pad(indent) }
                output += "- "
                // Containers begin on the line of their dash.
                if !block(value, indent: indent + 2) { inline(value, indent: indent) }
            }
            return true
        case .object(let object) where !object.isEmpty:
            for (position, pair) in object.enumerated() {
                if position > 0 { pad(indent) }
                member(pair.key, pair.value, indent: indent)
            }
            return true
        default: return false
        }
    }

    private mutating func member(_ key: String, _ value: JSON, indent: Int) {
        let name = YAMLText.quotedIfNeeded(key)
        if name.utf8.count > Self.longestSimpleKey {
            output += "? \(name)\n"
            pad(indent)
            output += ": "
            if !block(value, indent: indent + 2) { inline(value, indent: indent) }
            return
        }
        output += "\(name):"
        switch value {
        case .array(let values) where !values.isEmpty:
            output += "\n"
            pad(indent)
            _ = block(value, indent: indent)
        case .object(let object) where !object.isEmpty:
            output += "\n"
            pad(indent + 2)
            _ = block(value, indent: indent + 2)
        default:
            output += " "
            inline(value, indent: indent)
        }
    }

    /// Writes the rest of a line, and the lines of a literal block after it.
    private mutating func inline(_ value: JSON, indent: Int) {
        if case .string(let text) = value, let header = YAMLText.literalHeader(text) {
            output += header + "\n"
            var lines = text.split(separator: "\n" as Character, omittingEmptySubsequences: false)
            if lines.last?.isEmpty == true { lines.removeLast() }
            for line in lines {
                // Empty lines get no blanks at their end.
                if !line.isEmpty {
                    pad(indent + 2)
                    output += line
                }
                output += "\n"
            }
            return
        }
        output += YAMLText.scalar(value) + "\n"
    }

    private mutating func pad(_ indent: Int) { output += String(repeating: " ", count: indent) }

    static func scalar(_ value: JSON) -> String {
        switch value {
        case .string(let text): quotedIfNeeded(text)
        case .array: "[]"
        case .object: "{}"
        default: value.encodedString()
        }
    }
}
