import KubeCore

/// The form in which a server with typed kinds stores an object, whatever the client sent: nulls and empty optional
/// fields gone, fields that are always there made, quantities and times in their canonical text.
///
/// Kubernetes gets this from decoding JSON into Go structs and encoding them again. Fields the schema does not have
/// are kept: they have been pruned or refused before.
package enum TypedForm {
    /// - Parameter value: of the shape of `schema`; parts of another type are left as they are.
    package static func normalize(_ value: JSON, _ schema: Schema) -> JSON {
        switch value {
        case .object(let fields):
            if schema.type == nil || (schema.properties.isEmpty && schema.additionalProperties == nil) { return value }
            if let values = schema.additionalProperties, schema.properties.isEmpty {
                return .object(fields.mapValues { normalizeElement($0, values) })
            }
            return .object(normalize(fields, schema))
        case .array(let elements):
            guard let items = schema.items else { return value }
            return .array(elements.map { normalizeElement($0, items) })
        case .string(let text):
            return .string(normalize(text, schema))
        case .int(let number) where schema.format == "quantity":
            return .string(normalize(String(number), schema))
        case .double where schema.format == "quantity":
            return .string(normalize(value.encodedString(.compact), schema))
        default:
            return value
        }
    }

    /// What a field that is always present holds when nobody set it; nil for lists and maps, which are then absent.
    package static func zero(_ schema: Schema) -> JSON? {
        if schema.isIntOrString { return 0 }
        switch schema.type {
        case .string:
            if schema.format == "date-time" { return nil }
            return schema.format == "quantity" ? "0" : ""
        case .boolean: return false
        case .integer, .number: return 0
        case .object:
            return schema.additionalProperties == nil ? .object(normalize(JSONObject(), schema)) : nil
        case .array, nil: return nil
        }
    }

    private static func normalize(_ fields: JSONObject, _ schema: Schema) -> JSONObject {
        var out = JSONObject()
        out.reserveCapacity(fields.count)
        for (name, value) in fields {
            if value.isNull { continue }
            guard let field = schema.properties[name] else {
                out[name] = value
                continue
            }
            let value = normalize(value, field)
            if schema.properties.presence(of: name) == .whenNotZero, isZero(value) { continue }
            out[name] = value
        }
        for (name, field) in schema.properties.alwaysPresent where out[name] == nil {
            out[name] = zero(field)
        }
        return out
    }

    private static func normalizeElement(_ value: JSON, _ schema: Schema) -> JSON {
        value.isNull ? zero(schema) ?? .null : normalize(value, schema)
    }

    private static func isZero(_ value: JSON) -> Bool {
        switch value {
        case .null, .bool(false), .int(0), .string(""): true
        case .double(let number): number == 0
        case .array(let elements): elements.isEmpty
        case .object(let fields): fields.isEmpty
        default: false
        }
    }

    private static func normalize(_ text: String, _ schema: Schema) -> String {
        guard schema.type == .string else { return text }
        switch schema.format {
        case "quantity":
            return (try? Quantity(parsing: text))?.description ?? text
        case "date-time":
            guard let time = Timestamp(rfc3339: text) else { return text }
            return schema.definitionName == SchemaLibrary.microTime ? time.rfc3339Micro : time.rfc3339
        default:
            return text
        }
    }
}
