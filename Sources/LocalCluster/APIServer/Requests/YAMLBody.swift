import KubeCore
import KubeYAML

/// YAML bodies in and out.
enum YAMLBody {
    /// The first document; null when there is none.
    static func parse(_ bytes: [UInt8]) throws -> JSON {
        try YAMLDocument.parseAll(bytes, file: nil).first?.json ?? .null
    }

    static func write(_ json: JSON) -> [UInt8] { Array(YAMLWriter.write(json).utf8) }
}
