import CEL
import KubeCore

/// The parts of OpenAPI that custom kinds cannot use, the rules of Kubernetes' own extensions, and CEL rules.
struct CRDStandardRules {
    private(set) var errors: [FieldError] = []
    private var expressionErrors: [FieldError] = []
    /// Off while the schema is not structural, as rules about its fields would only add noise.
    private let checksExpressions: Bool

    init(checksExpressions: Bool) {
        self.checksExpressions = checksExpressions
    }

    /// What holds at a place because of what is around it.
    private struct Context {
        var isRoot = false
        /// Within the metadata of a resource.
        var isInsideMetadata = false
        /// Why no defaults may be here.
        var noDefaults: String?
        /// The schema above from which on values have no counterparts in the old object.
        var uncorrelatable: String?
        /// In a branch of a combination, where rules are not looked at.
        var isBranch = false
    }

    mutating func validate(_ schema: CRDSchemaText, at field: String) {
        check(schema, at: field, Context(isRoot: true))
        errors += expressionErrors
    }

    private mutating func check(_ schema: CRDSchemaText, at field: String, _ context: Context) {
        let count = errors.count
        checkUnsupported(schema, at: field, context)
        if schema.isMeaningful("uniqueItems") {
            errors.append(
                .forbidden(
                    "\(field).uniqueItems",
                    "uniqueItems cannot be set to true since the runtime complexity becomes quadratic"))
        }
        checkChildren(schema, at: field, context)
        if schema.json["x-kubernetes-preserve-unknown-fields"] == false {
            errors.append(
                .invalid("\(field).x-kubernetes-preserve-unknown-fields", false, "must be true or undefined"))
        }
        errors += CRDListRules.errors(schema, at: field)
        errors += CRDExpressionRules.textErrors(schema, at: field)
        if errors.count == count, checksExpressions, !context.isBranch {
            expressionErrors += CRDExpressionRules.errors(
                schema, at: field, isResource: context.isRoot || schema.isEmbeddedResource,
                uncorrelatable: context.uncorrelatable)
        }
    }

    private static let types = ["array", "boolean", "integer", "number", "object", "string"]

    private mutating func checkUnsupported(_ schema: CRDSchemaText, at field: String, _ context: Context) {
        if !schema.type.isEmpty, !Self.types.contains(schema.type) {
            errors.append(.notSupported("\(field).type", .string(schema.type), Self.types))
        }
        if schema.defaultValue != nil, let reason = context.noDefaults {
            errors.append(.forbidden("\(field).default", "must not be set \(reason)"))
        }
        for name in ["id", "additionalItems", "patternProperties", "definitions", "dependencies", "$ref"]
        where schema.isSet(name) && (schema.isMeaningful(name) || name == "additionalItems" || name == "dependencies") {
            errors.append(.forbidden("\(field).\(name)", "\(name) is not supported"))
        }
        if schema.type == "null" {
            errors.append(
                .forbidden("\(field).type", "type cannot be set to null, use nullable as an alternative"))
        }
        if let items = schema.json["items"]?.arrayValue, !items.isEmpty {
            errors.append(.forbidden("\(field).items", "items must be a schema object and not an array"))
        }
        if context.isInsideMetadata, schema.isEmbeddedResource {
            errors.append(
                .forbidden("\(field).x-kubernetes-embedded-resource", "must not be used inside of resource meta"))
        }
    }

    // MARK: Children

    private mutating func checkChildren(_ schema: CRDSchemaText, at field: String, _ context: Context) {
        var inner = context
        inner.isRoot = false
        if schema.hasAdditionalProperties {
            if !schema.properties.isEmpty, schema.json["additionalProperties"] != true {
                errors.append(
                    .forbidden(
                        "\(field).additionalProperties", "additionalProperties and properties are mutual exclusive"))
            }
            var additional = inner
            if context.isInsideMetadata {
                additional.noDefaults = "inside additionalProperties applying to object metadata"
            }
            schema.additionalProperties.map { check($0, at: "\(field).additionalProperties", additional) }
        }
        for (name, property) in schema.properties {
            check(
                property, at: "\(field).properties[\(name)]", propertyContext(name, schema, at: field, context, inner))
        }
        var branch = inner
        branch.isBranch = true
        schema.not.map { check($0, at: "\(field).not", branch) }
        for name in ["allOf", "oneOf", "anyOf"] {
            for (index, schema) in schema.branches(name).enumerated() {
                check(schema, at: "\(field).\(name)[\(index)]", branch)
            }
        }
        if let items = schema.items {
            var element = inner
            // Only in lists of type map do elements have counterparts that a rule could compare with.
            if schema.listType != "map" {
                element.uncorrelatable = element.uncorrelatable ?? field
            }
            check(items, at: "\(field).items", element)
        }
    }

    private func propertyContext(
        _ name: String, _ schema: CRDSchemaText, at field: String, _ context: Context, _ inner: Context
    ) -> Context {
        var property = inner
        if schema.mapType == "atomic" {
            property.uncorrelatable = property.uncorrelatable ?? field
        }
        let isResource = context.isRoot || schema.isEmbeddedResource
        if isResource, ["metadata", "kind", "apiVersion"].contains(name) {
            property.isInsideMetadata = true
            if context.isRoot {
                property.noDefaults = "in top-level \(name)"
            }
        }
        return property
    }
}
