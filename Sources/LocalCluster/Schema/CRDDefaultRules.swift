import KubeCore

/// Defaults must be values that the schema they stand on accepts.
enum CRDDefaultRules {
    static func validate(_ json: JSON, at field: String) -> [FieldError] {
        var errors: [FieldError] = []
        check(CRDSchemaText(json), at: field, &errors)
        return errors
    }

    private static func check(_ text: CRDSchemaText, at field: String, _ errors: inout [FieldError]) {
        if let value = text.defaultValue {
            errors += problems(of: value, Schema.structural(text.json), at: "\(field).default")
        }
        // Not into additionalProperties: defaults do nothing there.
        text.items.map { check($0, at: "\(field).items", &errors) }
        for (name, property) in text.properties {
            check(property, at: "\(field).properties[\(name)]", &errors)
        }
    }

    private static func problems(of value: JSON, _ schema: Schema, at field: String) -> [FieldError] {
        var errors: [FieldError] = []
        var pruned = value
        var pruner = CRDPruner()
        pruner.prune(&pruned, schema, isRoot: false)
        if pruned != value {
            errors.append(.invalid(field, value, "must not have unknown fields"))
        }
        let node = CRDSchemaNode(schema)
        let resources = CRDEmbeddedResources.validate(value, node, isRoot: false, at: field)
        if !resources.isEmpty {
            return errors + resources
        }
        let values = CRDValueValidator(prefix: field).validate(value, old: nil, against: node)
        if !values.isEmpty || !node.hasRules {
            return errors + values
        }
        var evaluator = CRDRuleEvaluator()
        // As an unchanged value, and as one that is new.
        let unchanged = evaluator.validate(value, old: value, node, at: field, isRoot: false)
        if !unchanged.isEmpty {
            return errors + unchanged
        }
        return errors + evaluator.validate(value, old: nil, node, at: field, isRoot: false)
    }
}
