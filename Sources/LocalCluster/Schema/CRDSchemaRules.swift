import CEL
import KubeCore

/// What an `openAPIV3Schema` must keep to: it is structural, its defaults fit it, its rules are expressions over its
/// fields. Behaviour and wording are those of Kubernetes 1.36 (k8s.io/apiextensions-apiserver); the estimate of
/// what a rule may cost is not made here, rules are only stopped when they run.
enum CRDSchemaRules {
    /// The errors of a schema.
    /// - Parameters:
    ///   - field: where it stands: `spec.validation.openAPIV3Schema`.
    ///   - hasStatus: the status subresource is on, which allows fewer things at the root.
    static func validate(_ json: JSON, at field: String, hasStatus: Bool) -> [FieldError] {
        let schema = CRDSchemaText(json)
        var errors: [FieldError] = []
        if hasStatus {
            errors += rootErrors(schema, at: field)
        }
        if schema.isNullable {
            errors.append(.forbidden("\(field).nullable", "nullable cannot be true at the root"))
        }
        var checksExpressions = false
        // A schema with these is not read as a structural one; the checks below say so.
        if !schema.contains(where: isBeyondStructure) {
            let structural = CRDStructureRules.validate(schema, at: field)
            errors += structural
            if structural.isEmpty {
                let defaults = CRDDefaultRules.validate(json, at: field)
                errors += defaults
                checksExpressions = defaults.isEmpty
            }
        }
        var standard = CRDStandardRules(checksExpressions: checksExpressions)
        standard.validate(schema, at: field)
        return errors + standard.errors
    }

    private static func isBeyondStructure(_ schema: CRDSchemaText) -> Bool {
        let unsupported = ["id", "$schema", "$ref", "patternProperties", "dependencies", "definitions"]
        return unsupported.contains(where: schema.isMeaningful) || schema.isSet("additionalItems")
            || schema.json["items"]?.arrayValue != nil
            || schema.json["x-kubernetes-preserve-unknown-fields"] == false
    }

    // MARK: The root, with a status subresource

    private static let allowedAtRoot: [(name: String, key: String)] = [
        ("Description", "description"), ("Type", "type"), ("Format", "format"), ("Title", "title"),
        ("Maximum", "maximum"), ("ExclusiveMaximum", "exclusiveMaximum"), ("Minimum", "minimum"),
        ("ExclusiveMinimum", "exclusiveMinimum"), ("MaxLength", "maxLength"), ("MinLength", "minLength"),
        ("Pattern", "pattern"), ("MaxItems", "maxItems"), ("MinItems", "minItems"), ("UniqueItems", "uniqueItems"),
        ("MultipleOf", "multipleOf"), ("Required", "required"), ("Items", "items"), ("Properties", "properties"),
        ("ExternalDocs", "externalDocs"), ("Example", "example"),
        ("XPreserveUnknownFields", "x-kubernetes-preserve-unknown-fields"),
        ("XValidations", "x-kubernetes-validations"),
    ]

    private static func rootErrors(_ schema: CRDSchemaText, at field: String) -> [FieldError] {
        if !schema.type.isEmpty, schema.type != "object" {
            return [
                .invalid(
                    "\(field).type", .string(schema.type),
                    "only \"object\" is allowed as the type at the root of the schema "
                        + "if the status subresource is enabled")
            ]
        }
        let allowed = Set(allowedAtRoot.map(\.key))
        let keys = schema.json.objectValue.map { Array($0.keys) } ?? []
        guard keys.contains(where: { !allowed.contains($0) && schema.isMeaningful($0) }) else { return [] }
        let names = allowedAtRoot.map(\.name).joined(separator: " ")
        return [
            .invalid(
                field, schema.json,
                "only [\(names)] fields are allowed at the root of the schema if the status subresource is enabled")
        ]
    }
}
