import KubeCore

/// What the schema of a custom kind does to its objects.
enum CustomSchemas {
    /// Leaves out the fields that the schema does not have; returns their paths, sorted.
    static func prune(_ object: inout JSON, _ resource: Resource) -> [String] {
        resource.customSchema?.prune(&object) ?? []
    }

    /// Fills in the schema's defaults.
    static func setDefaults(_ object: inout JSON, _ resource: Resource) {
        resource.customSchema?.setDefaults(&object)
    }

    /// Errors of the object: those of its metadata, which the caller has found, then those against its schema and rules.
    static func validate(
        _ object: JSON, old: JSON?, _ resource: Resource, metadata: [FieldError]
    ) -> [FieldError] {
        guard let schema = resource.customSchema else { return metadata }
        var errors = schema.validate(object, old: old)
        // Metadata that lacks something keeps rules from being run, too, and the answer says so.
        let hidesRules = metadata.contains {
            [.required, .notSupported, .tooLong, .tooMany, .typeInvalid].contains($0.kind)
        }
        if hidesRules, schema.root.hasRules, !errors.contains(where: { $0.field == "<nil>" }) {
            errors.append(
                .invalid(
                    "<nil>", .null,
                    "some validation rules were not checked because the object was invalid; "
                        + "correct the existing errors to complete validation"))
        }
        return metadata + errors
    }

    /// Puts in defaults that a schema gained after the object was written, and drops fields it lost.
    static func completeOnRead(_ object: inout JSON, _ resource: Resource) {
        _ = prune(&object, resource)
        setDefaults(&object, resource)
    }
}
