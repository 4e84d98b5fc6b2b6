import KubeCore

/// Where `x-kubernetes-list-type`, `x-kubernetes-list-map-keys` and `x-kubernetes-map-type` may stand.
enum CRDListRules {
    static func errors(_ schema: CRDSchemaText, at field: String) -> [FieldError] {
        mapTypeErrors(schema, at: field) + listTypeErrors(schema, at: field) + keyErrors(schema, at: field)
            + nullErrors(schema, at: field)
    }

    private static func wrongType(_ schema: CRDSchemaText, _ detail: String, at field: String) -> FieldError {
        schema.type.isEmpty
            ? .required("\(field).type", detail) : .invalid("\(field).type", .string(schema.type), detail)
    }

    private static func mapTypeErrors(_ schema: CRDSchemaText, at field: String) -> [FieldError] {
        guard let mapType = schema.mapType else { return [] }
        var errors: [FieldError] = []
        if schema.type != "object" {
            errors.append(wrongType(schema, "must be object if x-kubernetes-map-type is specified", at: field))
        }
        if mapType != "atomic", mapType != "granular" {
            errors.append(.notSupported("\(field).x-kubernetes-map-type", .string(mapType), ["atomic", "granular"]))
        }
        return errors
    }

    private static func listTypeErrors(_ schema: CRDSchemaText, at field: String) -> [FieldError] {
        guard let listType = schema.listType else { return [] }
        var errors: [FieldError] = []
        if schema.type != "array" {
            errors.append(wrongType(schema, "must be array if x-kubernetes-list-type is specified", at: field))
        } else if listType == "set", let items = schema.items {
            let detail = "must be atomic as item of a list with x-kubernetes-list-type=set"
            let shown: JSON = items.listType.map { .string($0) } ?? .null
            if items.type == "array", let inner = items.listType, inner != "atomic" {
                errors.append(.invalid("\(field).items.x-kubernetes-list-type", shown, detail))
            }
            if items.type == "object", items.mapType != "atomic" {
                errors.append(.invalid("\(field).items.x-kubernetes-map-type", shown, detail))
            }
        }
        if !["atomic", "set", "map"].contains(listType) {
            errors.append(
                .notSupported("\(field).x-kubernetes-list-type", .string(listType), ["atomic", "set", "map"]))
        }
        return errors
    }

    private static func keyErrors(_ schema: CRDSchemaText, at field: String) -> [FieldError] {
        var errors: [FieldError] = []
        let keys = schema.listMapKeys
        let keysField = "\(field).x-kubernetes-list-map-keys"
        if !keys.isEmpty, schema.listType != "map" {
            let detail = "must be map if x-kubernetes-list-map-keys is non-empty"
            let typeField = "\(field).x-kubernetes-list-type"
            errors.append(
                schema.listType.map { .invalid(typeField, .string($0), detail) } ?? .required(typeField, detail))
        }
        guard schema.listType == "map" else { return errors }
        if keys.isEmpty {
            errors.append(.required(keysField, "must not be empty if x-kubernetes-list-type is map"))
        }
        guard let items = schema.items else {
            if schema.json["items"]?.arrayValue != nil {
                errors.append(
                    .invalid(
                        "\(field).items", schema.json["items"],
                        "must only have a single schema if x-kubernetes-list-type is map"))
            } else {
                errors.append(.required("\(field).items", "must have a schema if x-kubernetes-list-type is map"))
            }
            return errors
        }
        guard items.type == "object" else {
            return errors + [
                .invalid(
                    "\(field).items.type", .string(items.type),
                    "must be object if parent array's x-kubernetes-list-type is map")
            ]
        }
        let shown = JSON.array(keys.map { .string($0) })
        var seen: Set<String> = []
        for key in keys {
            if let property = items.property(key) {
                if property.type == "array" || property.type == "object" {
                    errors.append(
                        .invalid(
                            "\(field).items.properties[\(key)].type", .string(items.type),
                            "must be a scalar type if parent array's x-kubernetes-list-type is map"))
                }
            } else {
                errors.append(.invalid(keysField, shown, "entries must all be names of item properties"))
            }
            if !seen.insert(key).inserted {
                errors.append(.invalid(keysField, shown, "must not contain duplicate entries"))
            }
        }
        return errors
    }

    /// What identifies an element must always be there.
    private static func nullErrors(_ schema: CRDSchemaText, at field: String) -> [FieldError] {
        guard let items = schema.items, let listType = schema.listType, listType == "set" || listType == "map" else {
            return []
        }
        var errors: [FieldError] = []
        if items.isNullable {
            errors.append(
                .forbidden("\(field).items.nullable", "cannot be nullable when x-kubernetes-list-type is \(listType)"))
        }
        guard listType == "map" else { return errors }
        for key in schema.listMapKeys {
            guard let property = items.property(key) else { continue }
            let field = "\(field).items.properties[\(key)]"
            if !items.required.contains(key), property.defaultValue == nil {
                errors.append(
                    .required(
                        "\(field).default",
                        "this property is in x-kubernetes-list-map-keys, "
                            + "so it must have a default or be a required property"))
            }
            if property.isNullable {
                errors.append(
                    .forbidden(
                        "\(field).nullable",
                        "this property is in x-kubernetes-list-map-keys, so it cannot be nullable"))
            }
        }
        return errors
    }
}
