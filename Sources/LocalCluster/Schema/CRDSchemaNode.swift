import CEL
import KubeCore

/// A structural schema with its patterns and rules compiled, once for all objects that it will be asked about.
final class CRDSchemaNode: Sendable {
    let schema: Schema
    /// nil without a pattern, and for a pattern that is no regular expression, which no accepted definition has.
    let pattern: RegularExpression?
    let properties: [String: CRDSchemaNode]
    let additionalProperties: CRDSchemaNode?
    let items: CRDSchemaNode?
    let allOf: [CRDSchemaNode]
    let anyOf: [CRDSchemaNode]
    let oneOf: [CRDSchemaNode]
    let not: CRDSchemaNode?
    let rules: [CRDRule]
    /// Whether this node or one below it has rules.
    let hasRules: Bool

    init(_ schema: Schema) {
        self.schema = schema
        pattern = schema.pattern.flatMap { try? RegularExpression($0) }
        properties = Dictionary(
            schema.properties.map { ($0.name, CRDSchemaNode($0.schema)) }, uniquingKeysWith: { first, _ in first })
        additionalProperties = schema.additionalProperties.map { CRDSchemaNode($0) }
        items = schema.items.map { CRDSchemaNode($0) }
        allOf = schema.allOf.map { CRDSchemaNode($0) }
        anyOf = schema.anyOf.map { CRDSchemaNode($0) }
        oneOf = schema.oneOf.map { CRDSchemaNode($0) }
        not = schema.not.map { CRDSchemaNode($0) }
        rules = schema.rules.map { CRDRule($0, of: schema) }
        hasRules =
            !rules.isEmpty || properties.values.contains(where: \.hasRules)
            || additionalProperties?.hasRules ?? false || items?.hasRules ?? false || allOf.contains(where: \.hasRules)
    }

    /// The schema of a member of an object.
    func field(_ name: String) -> CRDSchemaNode? { properties[name] ?? additionalProperties }

    /// The types that values may have: `integer,string` for x-kubernetes-int-or-string.
    var types: [Schema.ValueType] {
        schema.isIntOrString ? [.integer, .string] : schema.type.map { [$0] } ?? []
    }
}
