import KubeCore

extension Schema {
    /// Reads the `openAPIV3Schema` of a CustomResourceDefinition.
    ///
    /// Never fails: what is of the wrong type, or no part of a structural schema, is left out. `CRDSchemaRules` says what
    /// is wrong with a schema; one that it accepts is read in full.
    package static func structural(_ json: JSON) -> Schema {
        Schema { facts in
            facts.readShape(json)
            facts.readBounds(json)
            facts.readCombinations(json)
            facts.readExtensions(json)
        }
    }
}

extension Schema.Facts {
    fileprivate mutating func readShape(_ json: JSON) {
        type = json["type"]?.stringValue.flatMap(Schema.ValueType.init)
        format = json["format"]?.stringValue.flatMap { $0.isEmpty ? nil : $0 }
        title = json["title"]?.stringValue
        description = json["description"]?.stringValue
        for (name, property) in json["properties"]?.objectValue ?? [:] {
            properties[name] = .structural(property)
        }
        switch json["additionalProperties"] {
        case .bool(let isAllowed)?: allowsAdditionalProperties = isAllowed
        case .object?: additionalProperties = json["additionalProperties"].map { .structural($0) }
        default: break
        }
        if let element = json["items"], element.objectValue != nil {
            items = .structural(element)
        }
        required = (json["required"]?.arrayValue ?? []).compactMap(\.stringValue)
        defaultValue = json["default"].flatMap { $0.isNull ? nil : $0 }
        example = json["example"]
        enumeration = json["enum"]?.arrayValue ?? []
        isNullable = json["nullable"]?.boolValue ?? false
    }

    fileprivate mutating func readBounds(_ json: JSON) {
        pattern = json["pattern"]?.stringValue.flatMap { $0.isEmpty ? nil : $0 }
        minimum = json["minimum"]?.doubleValue
        maximum = json["maximum"]?.doubleValue
        exclusiveMinimum = json["exclusiveMinimum"]?.boolValue ?? false
        exclusiveMaximum = json["exclusiveMaximum"]?.boolValue ?? false
        multipleOf = json["multipleOf"]?.doubleValue
        minLength = json["minLength"]?.intValue
        maxLength = json["maxLength"]?.intValue
        minItems = json["minItems"]?.intValue
        maxItems = json["maxItems"]?.intValue
        uniqueItems = json["uniqueItems"]?.boolValue ?? false
        minProperties = json["minProperties"]?.intValue
        maxProperties = json["maxProperties"]?.intValue
    }

    fileprivate mutating func readCombinations(_ json: JSON) {
        allOf = (json["allOf"]?.arrayValue ?? []).map { .structural($0) }
        anyOf = (json["anyOf"]?.arrayValue ?? []).map { .structural($0) }
        oneOf = (json["oneOf"]?.arrayValue ?? []).map { .structural($0) }
        if let negated = json["not"], negated.objectValue != nil {
            not = .structural(negated)
        }
    }

    fileprivate mutating func readExtensions(_ json: JSON) {
        isIntOrString = json["x-kubernetes-int-or-string"]?.boolValue ?? false
        preservesUnknownFields = json["x-kubernetes-preserve-unknown-fields"]?.boolValue ?? false
        isEmbeddedResource = json["x-kubernetes-embedded-resource"]?.boolValue ?? false
        listType = json["x-kubernetes-list-type"]?.stringValue.flatMap(Schema.ListType.init)
        listMapKeys = (json["x-kubernetes-list-map-keys"]?.arrayValue ?? []).compactMap(\.stringValue)
        mapType = json["x-kubernetes-map-type"]?.stringValue.flatMap(Schema.MapType.init)
        rules = (json["x-kubernetes-validations"]?.arrayValue ?? []).compactMap { json in
            guard let rule = json["rule"]?.stringValue else { return nil }
            return Schema.Rule(
                rule: rule, message: json["message"]?.stringValue,
                messageExpression: json["messageExpression"]?.stringValue, reason: json["reason"]?.stringValue,
                fieldPath: json["fieldPath"]?.stringValue, optionalOldSelf: json["optionalOldSelf"]?.boolValue)
        }
    }
}
