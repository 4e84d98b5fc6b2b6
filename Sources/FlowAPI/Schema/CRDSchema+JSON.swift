import KubeCore

extension CRDSchema {
    /// The schema as `openAPIV3Schema` holds it. Keys are in a fixed order, so that generated files are stable.
    package var json: JSON {
        var object = JSONObject()
        object["description"] = description.isEmpty ? nil : .string(description)
        switch kind {
        case .object(let properties):
            object["type"] = "object"
            if !properties.isEmpty {
                let sorted = properties.sorted { $0.name < $1.name }
                object["properties"] = .object(JSONObject(sorted.map { ($0.name, $0.schema.json) }))
                let required = sorted.filter(\.isRequired).map { JSON.string($0.name) }
                object["required"] = required.isEmpty ? nil : .array(required)
            }
        case .map(let values):
            object["type"] = "object"
            object["additionalProperties"] = values.json
            object["minProperties"] = minCount.map { .int(Int64($0)) }
            object["maxProperties"] = maxCount.map { .int(Int64($0)) }
        case .list(let items):
            object["type"] = "array"
            object["items"] = items.json
            object["minItems"] = minCount.map { .int(Int64($0)) }
            object["maxItems"] = maxCount.map { .int(Int64($0)) }
        case .string:
            object["type"] = "string"
            object["minLength"] = minCount.map { .int(Int64($0)) }
            object["maxLength"] = maxCount.map { .int(Int64($0)) }
        case .integer:
            object["type"] = "integer"
        case .number:
            object["type"] = "number"
        case .boolean:
            object["type"] = "boolean"
        case .any:
            object["x-kubernetes-preserve-unknown-fields"] = true
        case .anyObject:
            object["type"] = "object"
            object["maxProperties"] = maxCount.map { .int(Int64($0)) }
            object["x-kubernetes-preserve-unknown-fields"] = true
        }
        object["format"] = format.map(JSON.string)
        object["pattern"] = pattern.map(JSON.string)
        object["enum"] = allowed.isEmpty ? nil : .array(allowed.map(JSON.string))
        object["minimum"] = minimum.map { .int(Int64($0)) }
        object["maximum"] = maximum.map { .int(Int64($0)) }
        object["default"] = defaultValue
        switch listType {
        case nil: break
        case .atomic: object["x-kubernetes-list-type"] = "atomic"
        case .set: object["x-kubernetes-list-type"] = "set"
        case .map(let keys):
            object["x-kubernetes-list-type"] = "map"
            object["x-kubernetes-list-map-keys"] = .array(keys.map(JSON.string))
        }
        object["x-kubernetes-validations"] = rules.isEmpty ? nil : .array(rules.map(\.json))
        return .object(object)
    }
}

extension CRDSchema.Rule {
    var json: JSON {
        var object: JSONObject = ["rule": .string(rule), "message": .string(message)]
        object["messageExpression"] = messageExpression.map(JSON.string)
        object["fieldPath"] = fieldPath.map(JSON.string)
        return .object(object)
    }
}
