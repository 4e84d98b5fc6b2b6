import KubeCore

/// Encodes the version 2 document in the protobuf form that kubectl asks for
/// (`application/com.github.proto-openapi.spec.v2.v1.0+protobuf`, the messages of gnostic's `openapi.v2`).
struct OpenAPIProtobuf {
    /// How a JSON value is written as a field.
    indirect enum Shape: Sendable {
        case text, flag, integer, number
        /// A list of texts.
        case texts
        /// Any value, as YAML text inside a message.
        case any
        /// A list of any values.
        case anys
        case message(String)
        case messages(String)
        /// An object whose fields become name and value pairs of a repeated field of a message of its own.
        case named(Shape, field: UInt64)
        /// One text as the only element of a message.
        case type
        /// The value in a field of a message around it.
        case inside(UInt64, Shape)
        /// A schema, or true or false.
        case schemaOrFlag
        /// A parameter in the body or elsewhere, each a message of its own.
        case parameters
    }

    struct Field: Sendable {
        let key: String
        let number: UInt64
        let shape: Shape

        init(_ key: String, _ number: UInt64, _ shape: Shape) {
            self.key = key
            self.number = number
            self.shape = shape
        }
    }

    /// The bytes of a document.
    static func encode(_ document: JSON) -> [UInt8] { message(document, "Document") }

    /// - Returns: the fields of a message, those that the table does not know left out, `x-` fields as extensions.
    private static func message(_ value: JSON, _ name: String) -> [UInt8] {
        guard let object = value.objectValue, let description = messages[name] else { return [] }
        var bytes: [UInt8] = []
        for field in description.fields {
            if let value = object[field.key] { append(value, field.number, field.shape, to: &bytes) }
        }
        guard let extensions = description.extensions else { return bytes }
        for (key, value) in object where key.hasPrefix("x-") {
            appendBytes(pair(key, any(value)), extensions, to: &bytes)
        }
        return bytes
    }

    private static func append(_ value: JSON, _ number: UInt64, _ shape: Shape, to bytes: inout [UInt8]) {
        switch shape {
        case .text: appendBytes(Array((value.stringValue ?? "").utf8), number, to: &bytes)
        case .flag: appendNumber(value.boolValue == true ? 1 : 0, number, to: &bytes)
        case .integer: appendNumber(UInt64(bitPattern: value.intValue ?? 0), number, to: &bytes)
        case .number:
            appendVarint(number << 3 | 1, to: &bytes)
            withUnsafeBytes(of: (value.doubleValue ?? 0).bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
        case .texts:
            for element in value.arrayValue ?? [] { append(element, number, .text, to: &bytes) }
        case .any: appendBytes(any(value), number, to: &bytes)
        case .anys:
            for element in value.arrayValue ?? [] { appendBytes(any(element), number, to: &bytes) }
        case .message(let name): appendBytes(message(value, name), number, to: &bytes)
        case .messages(let name):
            for element in value.arrayValue ?? [] { appendBytes(message(element, name), number, to: &bytes) }
        case .named(let shape, let inner):
            var list: [UInt8] = []
            for (key, element) in value.objectValue ?? [:] {
                var content: [UInt8] = []
                append(element, 2, shape, to: &content)
                var entry: [UInt8] = []
                appendBytes(Array(key.utf8), 1, to: &entry)
                entry += content
                appendBytes(entry, inner, to: &list)
            }
            appendBytes(list, number, to: &bytes)
        case .type: append(.array([value]), number, .inside(1, .texts), to: &bytes)
        case .inside(let inner, let shape):
            var content: [UInt8] = []
            append(value, inner, shape, to: &content)
            appendBytes(content, number, to: &bytes)
        case .schemaOrFlag:
            append(
                value, number, value.boolValue == nil ? .inside(1, .message("Schema")) : .inside(2, .flag), to: &bytes)
        case .parameters:
            for parameter in value.arrayValue ?? [] {
                append(parameter, number, .inside(1, Self.parameter(parameter)), to: &bytes)
            }
        }
    }

    private static func parameter(_ parameter: JSON) -> Shape {
        switch parameter["in"] {
        case "body": .inside(1, .message("BodyParameter"))
        case "path": .inside(2, .inside(4, .message("PathParameter")))
        default: .inside(2, .inside(3, .message("QueryParameter")))
        }
    }

    /// A message with a value as YAML, of which JSON is a part.
    private static func any(_ value: JSON) -> [UInt8] {
        var bytes: [UInt8] = []
        appendBytes(value.encoded(.compact), 2, to: &bytes)
        return bytes
    }

    private static func pair(_ key: String, _ value: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        appendBytes(Array(key.utf8), 1, to: &bytes)
        appendBytes(value, 2, to: &bytes)
        return bytes
    }

    private static func appendBytes(_ content: [UInt8], _ number: UInt64, to bytes: inout [UInt8]) {
        appendVarint(number << 3 | 2, to: &bytes)
        appendVarint(UInt64(content.count), to: &bytes)
        bytes += content
    }

    private static func appendNumber(_ value: UInt64, _ number: UInt64, to bytes: inout [UInt8]) {
        appendVarint(number << 3, to: &bytes)
        appendVarint(value, to: &bytes)
    }

    private static func appendVarint(_ value: UInt64, to bytes: inout [UInt8]) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }
}
