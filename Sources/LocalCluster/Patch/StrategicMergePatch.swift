import KubeCore

/// Kubernetes' strategic merge patch: a merge patch that merges lists of objects by a key the schema names.
package enum StrategicMergePatch {
    /// - Parameter schema: the schema of the whole object.
    /// - Throws: a Status as the server answers it (400 for malformed directives, 500 for what the real server stumbles over).
    package static func apply(_ patch: JSON, to object: JSON, schema: Schema) throws(Status) -> JSON {
        MergePatch.apply(patch, to: object)
    }
}
