import KubeCore

/// Reads a value by a schema as a server with typed kinds decodes it: a value of another type is an error, a field that the schema
/// does not have is left out and reported.
struct TypedDecoder {
    struct Mismatch: Error {
        let message: String
    }

    /// Paths of the fields left out, in the order of the document.
    private(set) var unknown: [String] = []
    /// Enough to show; a hostile document must not make the report large.
    private static let mostReported = 100

    mutating func decode(_ value: JSON, _ schema: Schema, at path: String = "") throws(Mismatch) -> JSON {
        if value.isNull { return value }
        if schema.isIntOrString {
            switch value {
            case .int, .string: return value
            default: throw mismatch(value, "int or string", path)
            }
        }
        switch schema.type {
        case nil: return value
        case .object: return try decodeObject(value, schema, at: path)
        case .array:
            guard case .array(let elements) = value else { throw mismatch(value, "list", path) }
            guard let items = schema.items else { return value }
            var out: [JSON] = []
            out.reserveCapacity(elements.count)
            for (index, element) in elements.enumerated() {
                out.append(try decode(element, items, at: "\(path)[\(index)]"))
            }
            return .array(out)
        case .string:
            return try decodeString(value, schema, at: path)
        case .integer:
            switch value {
            case .int(let number):
                if schema.format == "int32", Int32(exactly: number) == nil { throw mismatch(value, "int32", path) }
                return value
            default: throw mismatch(value, schema.format ?? "int64", path)
            }
        case .number:
            guard value.doubleValue != nil else { throw mismatch(value, "float64", path) }
            return value
        case .boolean:
            guard value.boolValue != nil else { throw mismatch(value, "bool", path) }
            return value
        }
    }

    private mutating func decodeObject(_ value: JSON, _ schema: Schema, at path: String) throws(Mismatch) -> JSON {
        guard case .object(let fields) = value else { throw mismatch(value, "object", path) }
        if schema.preservesUnknownFields, schema.properties.isEmpty, schema.additionalProperties == nil { return value }
        if schema.properties.isEmpty, schema.additionalProperties == nil, schema.allowsAdditionalProperties == true {
            return value
        }
        var out = JSONObject()
        out.reserveCapacity(fields.count)
        for (name, field) in fields {
            let place = path.isEmpty ? name : "\(path).\(name)"
            if let known = schema.field(name) {
                out[name] = try decode(field, known, at: place)
            } else if schema.preservesUnknownFields {
                out[name] = field
            } else if unknown.count < Self.mostReported {
                unknown.append(place)
            }
        }
        return .object(out)
    }

    private func decodeString(_ value: JSON, _ schema: Schema, at path: String) throws(Mismatch) -> JSON {
        guard case .string(let text) = value else {
            if schema.format == "quantity", value.doubleValue != nil { return value }
            throw mismatch(value, "string", path)
        }
        switch schema.format {
        case "date-time":
            if text.isEmpty || Timestamp(rfc3339: text) != nil { return value }
            throw Mismatch(
                message: "parsing time \(FieldError.quoted(text)) as \"2006-01-02T15:04:05Z07:00\" at \(path) failed")
        case "byte":
            if let wrong = Self.firstNonBase64(text) {
                throw Mismatch(message: "illegal base64 data at input byte \(wrong)")
            }
            return value
        case "quantity":
            do throws(any Error) {
                _ = try Quantity(parsing: text)
                return value
            } catch {
                throw Mismatch(
                    message: "quantities must match the regular expression "
                        + "'^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'")
            }
        default: return value
        }
    }

    private func mismatch(_ value: JSON, _ wanted: String, _ path: String) -> Mismatch {
        let found =
            switch value {
            case .null: "null"
            case .bool: "bool"
            case .int, .double: "number"
            case .string: "string"
            case .array: "array"
            case .object: "object"
            }
        return Mismatch(
            message: "json: cannot unmarshal \(found) into field \(path.isEmpty ? "." : path) of type \(wanted)")
    }

    /// The place of the first byte that standard, padded base64 does not allow.
    private static func firstNonBase64(_ text: String) -> Int? {
        let bytes = Array(text.utf8.filter { $0 != 10 && $0 != 13 })
        var end = bytes.count
        var padding = 0
        while padding < 2, end > 0, bytes[end - 1] == UInt8(ascii: "=") {
            end -= 1
            padding += 1
        }
        for (index, byte) in bytes[..<end].enumerated() {
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "/"):
                continue
            default: return index
            }
        }
        // An incomplete group of four is wrong from its start.
        return bytes.count % 4 == 0 ? nil : bytes.count - bytes.count % 4
    }
}
