/// Stands in for mounts on hosts that allow none: paths of a container become paths of the host wherever they occur in its
/// command, arguments and environment.
///
/// It cannot reach paths inside files, paths that a program puts together itself, or links; and a program that lists `/` sees
/// the host's. Tasks that take their paths from arguments or environment run unchanged.
struct PathTranslation: Sendable {
    /// The longest first, so that a mount below another wins.
    private let pairs: [(from: String, to: String)]

    init(_ pairs: [(from: String, to: String)]) {
        self.pairs = pairs.filter { $0.from.count > 1 }.sorted { $0.from.utf8.count > $1.from.utf8.count }
    }

    /// Replaces each path that stands on its own: not preceded by a part of a name, and followed by `/` or no part of one.
    func translate(_ text: String) -> String {
        guard text.utf8.contains(UInt8(ascii: "/")), !pairs.isEmpty else { return text }
        var result = ""
        var rest = text[...]
        var previous: Character?
        while let character = rest.first {
            if character == "/", !Self.isNamePart(previous), let pair = match(rest) {
                result += pair.to
                rest = rest.dropFirst(pair.from.count)
                previous = pair.to.last
            } else {
                result.append(character)
                previous = character
                rest = rest.dropFirst()
            }
        }
        return result
    }

    private func match(_ text: Substring) -> (from: String, to: String)? {
        pairs.first { pair in
            guard text.hasPrefix(pair.from) else { return false }
            let next = text.dropFirst(pair.from.count).first
            return next == "/" || !Self.isNamePart(next)
        }
    }

    private static func isNamePart(_ character: Character?) -> Bool {
        guard let character else { return false }
        return character.isLetter || character.isNumber || "._-/~".contains(character)
    }
}
