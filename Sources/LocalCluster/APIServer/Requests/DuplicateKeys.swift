import KubeCore

/// Finds repeated keys in a JSON text that is known to parse, by their paths.
struct DuplicateKeys {
    /// Paths such as `metadata.labels.x`, each once, in the order of the text; at most 100.
    static func paths(in bytes: [UInt8]) -> [String] {
        var scanner = DuplicateKeys(bytes: bytes)
        scanner.value(at: "")
        return scanner.found
    }

    private let bytes: [UInt8]
    private var place = 0
    private var found: [String] = []

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private mutating func skipSpace() {
        while place < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[place]) { place += 1 }
    }

    private mutating func value(at path: String) {
        skipSpace()
        guard place < bytes.count else { return }
        switch bytes[place] {
        case UInt8(ascii: "{"): object(at: path)
        case UInt8(ascii: "["): array(at: path)
        case UInt8(ascii: "\""): _ = string()
        default:
            while place < bytes.count, !",]}".utf8.contains(bytes[place]) { place += 1 }
        }
    }

    private mutating func object(at path: String) {
        var seen: Set<String> = []
        place += 1
        while place < bytes.count {
            skipSpace()
            guard place < bytes.count else { return }
            switch bytes[place] {
            case UInt8(ascii: "}"):
                place += 1
                return
            case UInt8(ascii: "\""):
                let key = string()
                let full = path.isEmpty ? key : "\(path).\(key)"
                if !seen.insert(key).inserted, found.count < 100, !found.contains(full) { found.append(full) }
                skipSpace()
                place += 1
                value(at: full)
            default: place += 1
            }
        }
    }

    private mutating func array(at path: String) {
        place += 1
        var index = 0
        while place < bytes.count {
            skipSpace()
            guard place < bytes.count else { return }
            switch bytes[place] {
            case UInt8(ascii: "]"):
                place += 1
                return
            case UInt8(ascii: ","): place += 1
            default:
                value(at: "\(path)[\(index)]")
                index += 1
            }
        }
    }

    private mutating func string() -> String {
        let start = place
        place += 1
        while place < bytes.count, bytes[place] != UInt8(ascii: "\"") {
            place += bytes[place] == UInt8(ascii: "\\") ? 2 : 1
        }
        place = min(place + 1, bytes.count)
        return (try? JSON.parse(bytes[start..<place]))?.stringValue ?? ""
    }
}
