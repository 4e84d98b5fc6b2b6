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

    /// Errors of the object against its schema and rules.
    static func validate(_ object: JSON, old: JSON?, _ resource: Resource) -> [FieldError] {
        resource.customSchema?.validate(object, old: old) ?? []
    }

    /// Puts in defaults that a schema gained after the object was written, and drops fields it lost.
    static func completeOnRead(_ object: inout JSON, _ resource: Resource) {
        _ = prune(&object, resource)
        setDefaults(&object, resource)
    }
}
