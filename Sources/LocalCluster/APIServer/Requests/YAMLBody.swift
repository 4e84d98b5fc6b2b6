import KubeCore
import KubeYAML

/// YAML bodies in and out.
enum YAMLBody {
    /// The first document; null when there is none.
    static func parse(_ bytes: [UInt8]) throws -> JSON {
        try YAMLDocument.parseAll(bytes, file: nil).first?.json ?? .null
    }

    /// With sorted keys, as the real server writes it.
    static func write(_ json: JSON) -> [UInt8] { Array(YAMLWriter.write(sorted(json)).utf8) }

    private static func sorted(_ json: JSON) -> JSON {
        switch json {
        case .array(let elements): .array(elements.map(sorted))
        case .object(let fields):
            .object(
                JSONObject(
                    fields.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
                        .map { ($0.key, sorted($0.value)) }))
        default: json
        }
    }
}
