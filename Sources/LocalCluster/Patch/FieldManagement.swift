import KubeCore

/// Server-side apply and the bookkeeping of `metadata.managedFields`.
///
/// Both functions are pure: they take the stored object and give the object to be stored with its managedFields in place. The caller
/// then treats it as any other update (defaults, validation, no-op detection that ignores managedFields' times).
package struct FieldManagement: Sendable {
    /// Of the version that the request speaks, such as `apps/v1`.
    package var apiVersion: String
    package var schema: Schema
    package var isCustom: Bool
    /// nil for the main resource.
    package var subresource: String?
    package var now: Timestamp

    package init(apiVersion: String, schema: Schema, isCustom: Bool, subresource: String? = nil, now: Timestamp) {
        self.apiVersion = apiVersion
        self.schema = schema
        self.isCustom = isCustom
        self.subresource = subresource
        self.now = now
    }

    /// Applies `configuration`.
    ///
    /// - Parameter live: the stored object, nil when the apply creates it.
    /// - Throws: 409 Conflict with FieldManagerConflict causes, or 500 for what does not fit the schema.
    /// - Returns: the merged object, without defaults for fields that are new.
    package func apply(
        _ configuration: JSON, live: JSON?, manager: String, force: Bool
    ) throws(Status) -> JSON {
        configuration
    }

    /// Notes who changed what after a create, PUT or patch.
    ///
    /// - Parameter live: the stored object, nil on create.
    /// - Parameter new: the object as it will be stored, defaults included, its managedFields as the client sent them.
    package func update(_ new: JSON, live: JSON?, manager: String) -> JSON {
        new
    }
}
