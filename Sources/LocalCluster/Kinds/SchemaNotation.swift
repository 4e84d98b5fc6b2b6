import KubeCore

/// Reads the compact text in which the built-in kinds are written down.
///
/// One definition a line, continued on lines that are indented by two more:
///
///     # io.k8s.api.core.v1
///     Name flags: field type flags, field type flags,
///       field type flags
///
/// - `# package` starts the definitions of a package; their names are looked up there first, then in `meta.v1` and
///   `core.v1`.
/// - After a definition's name: `object` for a top-level kind (it gets apiVersion, kind and metadata), `atomic` for a
///   struct with one owner (`x-kubernetes-map-type: atomic`).
/// - After a field's name: `!` required; `?` kept though it is zero; `=` always present. A scalar, list or map
///   without them is left out when it is zero; a required scalar is always present unless it also has `?`.
/// - Types: `string bool int32 int64 double bytes quantity time microtime intOrString object fieldsV1 any`, `[T]` a list,
///   `{T}` a map with string keys, or the name of a definition.
/// - After a field's type: `atomic`, `set`, `map:key+key` (the list or map type), `merge`, `merge:key`, `retainKeys`,
///   `replace` (strategic merge), `default:VALUE`.
struct SchemaNotation {
    struct Definition {
        var package: String
        var name: String
        var flags: [Substring]
        var fields: [Field]
    }

    struct Field {
        var name: String
        var isRequired = false
        var keepsZero = false
        var isAlwaysPresent = false
        var type: Substring
        var flags: [Substring]
    }

    /// Lines that do not follow the notation are left out; a test holds the texts to it.
    static func read(_ text: String) -> [Definition] {
        var package = ""
        var definitions: [Definition] = []
        for line in logicalLines(text) {
            if line.hasPrefix("# ") {
                package = String(line.dropFirst(2))
                continue
            }
            guard let colon = line.firstIndex(of: ":") else { continue }
            let head = line[..<colon].split(separator: " ")
            guard let name = head.first else { continue }
            let fields = line[line.index(after: colon)...].split(separator: ",").compactMap(field)
            definitions.append(
                Definition(package: package, name: String(name), flags: Array(head.dropFirst()), fields: fields))
        }
        return definitions
    }

    private static func logicalLines(_ text: String) -> [String] {
        var lines: [String] = []
        for line in text.split(separator: "\n") {
            if line.hasPrefix("  "), let last = lines.popLast() {
                lines.append(last + line.dropFirst(1))
            } else {
                lines.append(String(line))
            }
        }
        return lines
    }

    private static func field(_ text: Substring) -> Field? {
        let words = text.split(separator: " ")
        guard words.count >= 2 else { return nil }
        let name = words[0].prefix { !"!?=".contains($0) }
        let marks = words[0].dropFirst(name.count)
        return Field(
            name: String(name), isRequired: marks.contains("!"), keepsZero: marks.contains("?"),
            isAlwaysPresent: marks.contains("="), type: words[1], flags: Array(words.dropFirst(2)))
    }
}
