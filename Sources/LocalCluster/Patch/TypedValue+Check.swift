import KubeCore

extension TypedValue {
    /// What keeps a configuration from being applied: values of another type than the schema's, undeclared fields,
    /// elements of lists without or with the same identity. One text for each, `.spec.replicas: expected …`.
    var problems: [String] {
        var texts: [String] = []
        Self.check(value, schema, "", &texts)
        return texts
    }

    private static func check(_ value: JSON, _ schema: Schema?, _ path: String, _ texts: inout [String]) {
        guard let schema, !value.isNull, !schema.isIntOrString else { return }
        func fail(_ why: String) { texts.append("\(path): \(why)") }
        switch schema.type {
        case .object:
            guard let fields = value.objectValue else { return fail("expected map, got \(describe(value))") }
            let isOpen =
                schema.preservesUnknownFields || schema.allowsAdditionalProperties == true
                || (schema.properties.isEmpty && schema.additionalProperties == nil && schema.mapType != nil)
            for (name, field) in fields {
                if let child = schema.field(name) {
                    check(field, child, "\(path).\(name)", &texts)
                } else if !isOpen {
                    texts.append("\(path).\(name): field not declared in schema")
                }
            }
        case .array:
            guard let list = value.arrayValue else { return fail("expected list, got \(describe(value))") }
            checkList(list, schema, path, &texts)
        case .string:
            if value.stringValue == nil, schema.format != "quantity" {
                fail("expected string, got \(describe(value))")
            }
        case .integer, .number:
            switch value {
            case .int, .double: break
            default: fail("expected numeric (int or float), got \(describe(value))")
            }
        case .boolean:
            if value.boolValue == nil { fail("expected boolean, got \(describe(value))") }
        case nil: break
        }
    }

    private static func checkList(_ list: [JSON], _ schema: Schema, _ path: String, _ texts: inout [String]) {
        var seen: Set<PathElement> = []
        for (index, element) in list.enumerated() {
            var place = "\(path)[\(index)]"
            switch schema.listType {
            case .map:
                let keys = schema.listMapKeys
                guard let identity = PathElement.identity(of: element, keys: keys, items: schema.items) else {
                    texts.append("\(path): element \(index): \(missing(element, keys, schema.items))")
                    continue
                }
                if !seen.insert(identity).inserted {
                    texts.append("\(path): duplicate entries for key \(identity.text)")
                }
                place = path + identity.text
            case .set:
                let identity = PathElement(value: element)
                if !seen.insert(identity).inserted {
                    texts.append("\(path): duplicate entries for key \(identity.text)")
                }
                place = path + identity.text
            case .atomic, nil: break
            }
            check(element, schema.items, place, &texts)
        }
    }

    private static func missing(_ element: JSON, _ keys: [String], _ items: Schema?) -> String {
        guard let fields = element.objectValue else {
            return element.isNull
                ? "associative list with keys may not have a null element"
                : "associative list with keys may not have non-map elements"
        }
        let key = keys.first { fields[$0] == nil && items?.property($0)?.defaultValue == nil } ?? ""
        return "associative list with keys has an element that omits key field \(FieldError.quoted(key)) "
            + "(and doesn't have default value)"
    }

    private static func describe(_ value: JSON) -> String {
        switch value {
        case .null: "null"
        case .bool: "bool"
        case .int: "int64"
        case .double: "float64"
        case .string: "string"
        case .array: "list"
        case .object: "map"
        }
    }
}
