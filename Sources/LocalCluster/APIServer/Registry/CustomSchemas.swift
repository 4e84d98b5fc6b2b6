import KubeCore

/// The seam to the schema engine of custom kinds.
enum CustomSchemas {
    /// Leaves out the fields that the schema does not have; returns their paths, sorted.
    static func prune(_ object: inout JSON, _ resource: Resource) -> [String] { [] }

    /// Fills in the schema's defaults.
    static func setDefaults(_ object: inout JSON, _ resource: Resource) {}

    /// Errors of the object against its schema and rules.
    static func validate(_ object: JSON, old: JSON?, _ resource: Resource) -> [FieldError] { [] }

    /// Puts in defaults that a schema gained after the object was written, and drops fields it lost.
    static func completeOnRead(_ object: inout JSON, _ resource: Resource) {
        _ = prune(&object, resource)
        setDefaults(&object, resource)
    }
}
