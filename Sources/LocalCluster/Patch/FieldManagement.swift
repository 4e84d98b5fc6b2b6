import KubeCore

/// Server-side apply and the bookkeeping of `metadata.managedFields`.
///
/// Both functions are pure: they take the stored object and the client's, and give the object to go on with, its
/// managedFields in place. They come after decoding and defaults and before admission and the strategy's preparation,
/// so that what admission and the server add belongs to nobody.
///
/// The semantics are those of Kubernetes' structured-merge-diff: each manager has the set of paths it set; an apply
/// removes what its manager applied before and leaves out now; changing another manager's path is a conflict for an
/// apply and takes the path over for everything else.
package struct FieldManagement: Sendable {
    /// Of the version that the request speaks, such as `apps/v1`.
    package let apiVersion: String
    package let schema: Schema
    package let isCustom: Bool
    /// nil for the main resource.
    package let subresource: String?
    package let now: Timestamp
    /// Top-level fields that this path does not write (`status` on the main resource): nobody comes to own them here.
    let ignoredFields: FieldSet

    /// - Parameter hasStatus: the kind has a status subresource.
    package init(
        apiVersion: String, schema: Schema, isCustom: Bool, hasStatus: Bool, subresource: String? = nil, now: Timestamp
    ) {
        self.apiVersion = apiVersion
        self.schema = isCustom ? Self.withObjectMeta(schema) : schema
        self.isCustom = isCustom
        self.subresource = subresource
        self.now = now
        switch subresource {
        case "status": ignoredFields = FieldSet([[.field("spec")]])
        case nil where hasStatus: ignoredFields = FieldSet([[.field("status")]])
        default: ignoredFields = FieldSet()
        }
    }

    /// A definition's schema says little of metadata, which is that of all objects.
    private static func withObjectMeta(_ schema: Schema) -> Schema {
        schema.changing { facts in
            let text = Schema { $0.type = .string }
            facts.type = .object
            facts.properties["apiVersion"] = text
            facts.properties["kind"] = text
            facts.properties["metadata"] = SchemaLibrary.objectMeta
        }
    }

    /// Applies `configuration`.
    ///
    /// - Parameter live: the stored object, nil when the apply creates it.
    /// - Throws: 409 Conflict with FieldManagerConflict causes, 400 for managedFields in the configuration, or 500
    ///   without a reason for what does not fit the schema.
    /// - Returns: the merged object, without defaults for what is new.
    package func apply(
        _ configuration: JSON, live: JSON?, manager: String, force: Bool
    ) throws(Status) -> JSON {
        guard configuration.at("metadata", "managedFields")?.isNull ?? true else {
            throw Status.badRequest("metadata.managedFields must be nil")
        }
        let problems = TypedValue(value: configuration, schema: schema).problems
        guard problems.isEmpty else { throw untyped(configuration, problems) }
        var (current, managers) = start(live)
        if managers.entries.isEmpty {
            // What is there already belongs to whoever wrote it before the first apply.
            managers = noteChanges(from: empty, to: current, managers, manager: "before-first-apply")
        }
        return try apply(configuration, live: current, managers, manager: manager, force: force)
    }

    private func apply(
        _ configuration: JSON, live: JSON, _ managers: ManagedFields, manager: String, force: Bool
    ) throws(Status) -> JSON {
        var managers = managers
        let identity = identity(manager, ManagedFields.apply)
        let last = managers.entries[identity]
        let set = TypedValue(value: configuration, schema: schema).fieldSet.recursiveDifference(ignoredFields)
        managers.entries[identity] = ManagedFields.Entry(set: set, apiVersion: apiVersion, time: last?.time)
        var merged = TypedValue(value: live, schema: schema).merging(configuration)
        if let last { merged = prune(merged, last: last.set, managers) }
        let comparison = Comparison(live, merged, schema: schema)
        let conflicts = Self.conflicts(comparison.ignoring(ignoredFields), managers, except: identity)
        if !force, !conflicts.isEmpty {
            let allowed = manager == "kubectl" ? lastApplied(live) : FieldSet()
            let rest = conflicts.mapValues { $0.difference(allowed) }.filter { !$0.value.isEmpty }
            guard rest.isEmpty else { throw ApplyConflict.status(rest) }
        }
        for (other, paths) in conflicts { managers.take(paths, from: other, recursively: false) }
        for other in managers.entries.keys where other != identity {
            managers.take(comparison.ignoring(ignoredFields).removed, from: other, recursively: true)
        }
        if managers.entries[identity]?.set.isEmpty == true { managers.entries[identity] = nil }
        managers.take(Self.systemFields, from: identity, recursively: false)
        if !comparison.isSame { managers.entries[identity]?.time = now.rfc3339 }
        managers.limitUpdateManagers()
        if merged.at("metadata", "annotations", Self.lastAppliedAnnotation) != nil, manager == "kubectl" {
            merged.set(
                .string(configuration.encodedString(.compactSorted) + "\n"),
                at: ["metadata", "annotations", Self.lastAppliedAnnotation])
        }
        merged.set(managers.json, at: ["metadata", "managedFields"])
        return merged
    }

    /// Notes who changed what after a create, PUT or patch.
    ///
    /// - Parameters:
    ///   - new: the object as the client would have it, with defaults; its managedFields as the client sent them.
    ///   - live: the stored object, nil on create.
    package func update(_ new: JSON, live: JSON?, manager: String) -> JSON {
        var (current, managers) = start(live)
        var new = new
        if subresource == nil {
            let sent = new.at("metadata", "managedFields")
            if Self.isReset(sent) {
                managers = ManagedFields()
            } else if let edited = ManagedFields(sent), !edited.entries.isEmpty {
                managers = edited
            }
        }
        new.set(nil, at: ["metadata", "managedFields"])
        // An object that lost its managers is not tracked again until an apply.
        if live == nil || !managers.entries.isEmpty {
            managers = noteChanges(from: current, to: new, managers, manager: manager)
            managers.limitUpdateManagers()
        }
        current = .null
        new.set(managers.json, at: ["metadata", "managedFields"])
        return new
    }

    /// `new`, or with the managers of `old` when only times in them differ: a write that changes nothing changes no
    /// time either.
    package static func keepingTimes(_ new: JSON, old: JSON) -> JSON {
        func withoutTimes(_ object: JSON) -> JSON {
            var object = object
            let entries = object.at("metadata", "managedFields")?.arrayValue?.map { entry in
                var entry = entry
                entry["time"] = nil
                return entry
            }
            object.set(entries.map(JSON.array), at: ["metadata", "managedFields"])
            object.set(nil, at: ["metadata", "resourceVersion"])
            return object
        }
        guard withoutTimes(new) == withoutTimes(old) else { return new }
        var result = new
        result.set(old.at("metadata", "managedFields"), at: ["metadata", "managedFields"])
        return result
    }
}
