import KubeCore

/// The form in which a server with typed kinds stores an object, whatever the client sent: nulls and empty optional
/// fields gone, fields that are always there made, quantities and times in their canonical text.
///
/// Kubernetes gets this from decoding JSON into Go structs and encoding them again. Fields the schema does not have are
/// kept: they have been pruned or refused before.
package enum TypedForm {
    /// - Parameter value: of the shape of `schema`; parts of another type are left as they are.
    package static func normalize(_ value: JSON, _ schema: Schema) -> JSON { change(value, schema) ?? value }

    /// Puts a field of `object` into typed form, making it when it is always present.
    static func restore(_ field: String, of object: inout JSON, _ schema: Schema) {
        guard let child = schema.property(field) else { return }
        if let value = object[field], !value.isNull {
            if let changed = change(value, child) { object[field] = changed }
        } else {
            object[field] = schema.properties.presence(of: field) == .always ? zero(child) : nil
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
            return schema.additionalProperties == nil ? normalize(.object(JSONObject()), schema) : nil
        case .array, nil: return nil
        }
    }

    /// The typed form of a value; nil when it is in typed form already, as most values of most writes are.
    private static func change(_ value: JSON, _ schema: Schema) -> JSON? {
        switch value {
        case .object(let fields):
            if schema.properties.isEmpty {
                guard schema.type != nil, let values = schema.additionalProperties else { return nil }
                return changeMap(fields, values).map(JSON.object)
            }
            return changeStruct(fields, schema).map(JSON.object)
        case .array(let elements):
            guard let items = schema.items else { return nil }
            var changed: [JSON]?
            for (index, element) in elements.enumerated() {
                guard let new = changeElement(element, items) else { continue }
                var list = changed ?? elements
                list[index] = new
                changed = list
            }
            return changed.map(JSON.array)
        case .string(let text):
            guard let new = canonical(text, schema), new != text else { return nil }
            return .string(new)
        case .int, .double:
            guard schema.format == "quantity" else { return nil }
            let text = value.encodedString(.compact)
            return .string(canonical(text, schema) ?? text)
        default:
            return nil
        }
    }

    private static func changeMap(_ fields: JSONObject, _ values: Schema) -> JSONObject? {
        var changed: JSONObject?
        for (name, value) in fields {
            guard let new = changeElement(value, values) else { continue }
            var map = changed ?? fields
            map[name] = new
            changed = map
        }
        return changed
    }

    private static func changeStruct(_ fields: JSONObject, _ schema: Schema) -> JSONObject? {
        var changed: JSONObject?
        func write(_ name: String, _ value: JSON?) {
            var object = changed ?? fields
            object[name] = value
            changed = object
        }
        for (name, value) in fields {
            if value.isNull {
                write(name, nil)
                continue
            }
            guard let field = schema.properties[name] else { continue }
            let new = change(value, field)
            if schema.properties.presence(of: name) == .whenNotZero, isZero(new ?? value) {
                write(name, nil)
            } else if let new {
                write(name, new)
            }
        }
        for (name, field) in schema.properties.alwaysPresent where (changed ?? fields)[name] == nil {
            if let zero = zero(field.resolved) { write(name, zero) }
        }
        return changed
    }

    /// Of a list or a map, which have zeros for nulls.
    private static func changeElement(_ value: JSON, _ schema: Schema) -> JSON? {
        value.isNull ? zero(schema) : change(value, schema)
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

    /// The text as a typed server writes it; nil when the schema says nothing of it.
    private static func canonical(_ text: String, _ schema: Schema) -> String? {
        guard schema.type == .string, let format = schema.format else { return nil }
        switch format {
        case "quantity":
            return (try? Quantity(parsing: text))?.description
        case "date-time":
            guard let time = Timestamp(rfc3339: text) else { return nil }
            return schema.definitionName == SchemaLibrary.microTime ? time.rfc3339Micro : time.rfc3339
        default:
            return nil
        }
    }
}
