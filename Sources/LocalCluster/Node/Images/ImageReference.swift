/// The parts of an image's name, as in `registry.example.com:5000/library/python:3.12-slim@sha256:…`.
struct ImageReference: Equatable, Sendable {
    /// Without registry and without `library/`: `python`, `bitnami/redis`.
    var repository: String
    /// `latest` when the name has neither tag nor digest.
    var tag: String

    /// nil for a name that is no image name.
    init?(_ name: String) {
        var rest = name[...]
        var hasDigest = false
        if let at = rest.firstIndex(of: "@") {
            rest = rest[..<at]
            hasDigest = true
        }
        var tag = hasDigest ? "" : "latest"
        let lastPart = rest.lastIndex(of: "/").map { rest.index(after: $0) } ?? rest.startIndex
        if let colon = rest[lastPart...].firstIndex(of: ":") {
            tag = String(rest[rest.index(after: colon)...])
            rest = rest[..<colon]
            guard !tag.isEmpty else { return nil }
        }
        var parts = rest.split(separator: "/", omittingEmptySubsequences: false)
        if parts.count > 1, let first = parts.first, first.contains(".") || first.contains(":") || first == "localhost"
        {
            parts.removeFirst()
        }
        if parts.count > 1, parts.first == "library" { parts.removeFirst() }
        let characters = Set("abcdefghijklmnopqrstuvwxyz0123456789._-")
        guard parts.allSatisfy({ !$0.isEmpty && $0.allSatisfy(characters.contains) }), !parts.isEmpty else {
            return nil
        }
        repository = parts.joined(separator: "/")
        self.tag = tag
    }

    /// The keys under which a table is searched, the most exact first: for `python:3.12-slim` these are `python:3.12-slim`,
    /// `python:3.12`, `python:3` and `python`.
    var keys: [String] {
        var keys: [String] = []
        var tag = self.tag[...]
        while !tag.isEmpty {
            keys.append("\(repository):\(tag)")
            guard let cut = tag.lastIndex(where: { $0 == "-" || $0 == "." }) else { break }
            tag = tag[..<cut]
        }
        return keys + [repository]
    }
}
