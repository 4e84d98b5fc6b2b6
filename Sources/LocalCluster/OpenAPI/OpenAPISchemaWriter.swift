import KubeCore

/// Writes schemas as OpenAPI shows them, and keeps the named ones they use as definitions.
struct OpenAPISchemaWriter {
    enum Flavour { case v2, v3 }

    let flavour: Flavour
    /// By definition name, as far as written.
    private(set) var definitions: [String: JSON] = [:]

    init(_ flavour: Flavour) { self.flavour = flavour }

    private var prefix: String { flavour == .v3 ? "#/components/schemas/" : "#/definitions/" }

    /// A reference to a definition that is written elsewhere or by `use`.
    func reference(_ name: String) -> JSON { ["$ref": .string(prefix + name)] }

    mutating func define(_ name: String, _ schema: JSON) { definitions[name] = schema }

    /// A schema at the place where it is used: a reference when it has a name.
    mutating func use(_ schema: Schema) -> JSON {
        guard let name = schema.definitionName else { return write(schema) }
        if definitions[name] == nil {
            // The name stands first, so that a schema inside itself finds it.
            definitions[name] = .object([:])
            definitions[name] = write(schema)
        }
        return reference(name)
    }

    /// A property whose own facts (list type, patch strategy) go with a reference to its type.
    private mutating func property(_ schema: Schema) -> JSON {
        guard let name = schema.definitionName, flavour == .v3 else { return use(schema) }
        let reference = use(schema)
        let own = extensions(schema, isNamed: true)
        if own.isEmpty, schema.facts.defaultValue == nil, SchemaLibrary.shared[name]?.description == schema.description
        {
            return reference
        }
        var out: JSONObject = ["allOf": [reference]]
        if let text = schema.description { out["description"] = .string(text) }
        if let value = schema.facts.defaultValue { out["default"] = value }
        for (key, value) in own { out[key] = value }
        return .object(out)
    }

    /// The schema itself.
    mutating func write(_ schema: Schema) -> JSON {
        var out = JSONObject()
        if let text = schema.description { out["description"] = .string(text) }
        if let title = schema.title { out["title"] = .string(title) }
        if schema.isIntOrString {
            writeIntOrString(&out, schema)
        } else if let type = schema.type {
            out["type"] = .string(type.rawValue)
        }
        if let format = schema.format, !schema.isIntOrString, format != "quantity" { out["format"] = .string(format) }
        if schema.format == "quantity", flavour == .v3 {
            out["type"] = nil
            out["oneOf"] = [["type": "string"], ["type": "number"]]
        }
        writeStructure(&out, schema)
        writeLimits(&out, schema)
        if let value = schema.defaultValue, flavour == .v3 || !schema.isIntOrString { out["default"] = value }
        if !schema.enumeration.isEmpty { out["enum"] = .array(schema.enumeration) }
        if flavour == .v3 { writeCombinations(&out, schema) }
        for (key, value) in extensions(schema, isNamed: false) { out[key] = value }
        return .object(out)
    }

    private func writeIntOrString(_ out: inout JSONObject, _ schema: Schema) {
        if flavour == .v2 {
            // Version 2 has no choice of types; clients know the format.
            if schema.definitionName != nil { out["type"] = "string" }
        } else if schema.definitionName != nil {
            out["oneOf"] = [["type": "integer"], ["type": "string"]]
        } else {
            out["anyOf"] = [["type": "integer"], ["type": "string"]]
        }
        if schema.definitionName != nil { out["format"] = "int-or-string" }
    }

    private mutating func writeStructure(_ out: inout JSONObject, _ schema: Schema) {
        // Version 2 cannot say that there may be more than the properties.
        let hidesParts = flavour == .v2 && schema.preservesUnknownFields
        if !schema.properties.isEmpty || schema.isEmbeddedResource, !hidesParts {
            var properties = JSONObject()
            for (name, child) in schema.properties { properties[name] = property(child) }
            if schema.isEmbeddedResource { OpenAPITexts.addObjectFields(&properties, self, isEmbedded: true) }
            out["properties"] = .object(properties)
        }
        var required = schema.required
        if schema.isEmbeddedResource {
            required += ["kind", "apiVersion"].filter { !required.contains($0) }
        }
        if !required.isEmpty { out["required"] = .array(required.map { .string($0) }) }
        if let values = schema.additionalProperties {
            out["additionalProperties"] = property(values)
        } else if let isAllowed = schema.allowsAdditionalProperties {
            out["additionalProperties"] = .bool(isAllowed)
        }
        if let items = schema.items, !hidesParts { out["items"] = property(items) }
        if schema.isNullable, flavour == .v3 { out["nullable"] = true }
    }

    private func writeLimits(_ out: inout JSONObject, _ schema: Schema) {
        for (name, value) in [
            ("minimum", schema.minimum), ("maximum", schema.maximum), ("multipleOf", schema.multipleOf),
        ] {
            guard let value else { continue }
            out[name] = Int64(exactly: value).map(JSON.int) ?? .double(value)
        }
        if schema.exclusiveMinimum { out["exclusiveMinimum"] = true }
        if schema.exclusiveMaximum { out["exclusiveMaximum"] = true }
        for (name, value) in [
            ("minLength", schema.minLength), ("maxLength", schema.maxLength), ("minItems", schema.minItems),
            ("maxItems", schema.maxItems), ("minProperties", schema.minProperties),
            ("maxProperties", schema.maxProperties),
        ] {
            if let value { out[name] = .int(value) }
        }
        if let pattern = schema.pattern { out["pattern"] = .string(pattern) }
        if schema.uniqueItems { out["uniqueItems"] = true }
    }

    private mutating func writeCombinations(_ out: inout JSONObject, _ schema: Schema) {
        for (name, schemas) in [("allOf", schema.allOf), ("anyOf", schema.anyOf), ("oneOf", schema.oneOf)]
        where !schemas.isEmpty {
            var written: [JSON] = []
            for part in schemas { written.append(use(part.resolved)) }
            out[name] = .array(written)
        }
        if let not = schema.not { out["not"] = use(not.resolved) }
    }

    /// The `x-kubernetes-` facts.
    private func extensions(_ schema: Schema, isNamed: Bool) -> JSONObject {
        var out = JSONObject()
        if !schema.patchStrategy.isEmpty { out["x-kubernetes-patch-strategy"] = .string(schema.patchStrategy.text) }
        if let key = schema.patchMergeKey { out["x-kubernetes-patch-merge-key"] = .string(key) }
        if isNamed { return out }
        if let type = schema.listType { out["x-kubernetes-list-type"] = .string(type.rawValue) }
        if !schema.listMapKeys.isEmpty {
            out["x-kubernetes-list-map-keys"] = .array(schema.listMapKeys.map { .string($0) })
        }
        if let type = schema.mapType { out["x-kubernetes-map-type"] = .string(type.rawValue) }
        if schema.isIntOrString, schema.definitionName == nil { out["x-kubernetes-int-or-string"] = true }
        if schema.isEmbeddedResource { out["x-kubernetes-embedded-resource"] = true }
        if schema.preservesUnknownFields, schema.type != nil || schema.definitionName == nil {
            out["x-kubernetes-preserve-unknown-fields"] = true
        }
        if !schema.rules.isEmpty { out["x-kubernetes-validations"] = .array(schema.rules.map(Self.rule)) }
        return out
    }

    private static func rule(_ rule: Schema.Rule) -> JSON {
        var out: JSON = ["rule": .string(rule.rule)]
        for (name, text) in [
            ("message", rule.message), ("messageExpression", rule.messageExpression), ("reason", rule.reason),
            ("fieldPath", rule.fieldPath),
        ] {
            if let text { out[name] = .string(text) }
        }
        if let flag = rule.optionalOldSelf { out["optionalOldSelf"] = .bool(flag) }
        return out
    }
}
