import KubeCore

extension FieldManagement {
    static let lastAppliedAnnotation = "kubectl.kubernetes.io/last-applied-configuration"

    /// Fields that the server keeps; nobody manages them.
    static let systemFields = FieldSet(
        [[.field("apiVersion")], [.field("kind")], [.field("metadata")]]
            + [
                "name", "namespace", "creationTimestamp", "selfLink", "uid", "clusterName", "generation",
                "managedFields",
                "resourceVersion",
            ].map { [.field("metadata"), .field($0)] })

    /// An object that nobody has written yet: fields that are always there are no one's doing.
    var empty: JSON {
        isCustom ? .object([:]) : TypedForm.normalize(.object([:]), schema)
    }

    func identity(_ manager: String, _ operation: String) -> ManagedFields.Identity {
        ManagedFields.Identity(
            manager: manager, operation: operation, apiVersion: apiVersion, subresource: subresource ?? "")
    }

    /// The stored object without its managers, and the managers.
    func start(_ live: JSON?) -> (JSON, ManagedFields) {
        guard var object = live else { return (empty, ManagedFields()) }
        let managers = ManagedFields(object.at("metadata", "managedFields")) ?? ManagedFields()
        object.set(nil, at: ["metadata", "managedFields"])
        return (object, managers)
    }

    /// A single empty entry clears the list.
    static func isReset(_ sent: JSON?) -> Bool {
        guard let entries = sent?.arrayValue, entries.count == 1 else { return false }
        return entries[0].objectValue?.isEmpty == true
    }

    /// The manager owns what it added or modified; what it removed is nobody's.
    func noteChanges(from old: JSON, to new: JSON, _ managers: ManagedFields, manager: String) -> ManagedFields {
        var managers = managers
        let comparison = Comparison(old, new, schema: schema).ignoring(ignoredFields)
        let changed = comparison.modified.union(comparison.added)
        let identity = identity(manager, ManagedFields.update)
        for other in managers.entries.keys {
            managers.take(changed, from: other, recursively: false)
            managers.take(comparison.removed, from: other, recursively: true)
        }
        let owned = changed.difference(Self.systemFields)
        guard !owned.isEmpty else { return managers }
        let before = managers.entries[identity]?.set ?? FieldSet()
        managers.entries[identity] = ManagedFields.Entry(
            set: before.union(owned), apiVersion: apiVersion, time: now.rfc3339)
        return managers
    }

    /// What other managers own and the write adds or modifies.
    static func conflicts(
        _ comparison: Comparison, _ managers: ManagedFields, except identity: ManagedFields.Identity
    ) -> [ManagedFields.Identity: FieldSet] {
        let changed = comparison.modified.union(comparison.added)
        return managers.entries.filter { $0.key != identity }
            .mapValues { $0.set.intersection(changed) }
            .filter { !$0.value.isEmpty }
    }

    /// Removes what the manager applied last time, does not apply now, and nobody else owns.
    func prune(_ merged: JSON, last: FieldSet, _ managers: ManagedFields) -> JSON {
        let typed = TypedValue(value: merged, schema: schema)
        let named = last.withNamedFields(schema)
        var pruned = typed.removing(named)
        let all = typed.fieldSet.withNamedFields(schema)
        let owned = managers.entries.values.reduce(FieldSet()) { $0.union($1.set) }.withNamedFields(schema)
        let kept = TypedValue(value: pruned, schema: schema).fieldSet.withNamedFields(schema)
        pruned = typed.removing(all.difference(kept.union(owned)))
        let rest = TypedValue(value: pruned, schema: schema).fieldSet.withNamedFields(schema)
        return typed.removing(all.difference(rest).intersection(named))
    }

    /// The paths of the configuration that `kubectl apply` noted in the annotation and that still have its values:
    /// kubectl may take them over without a conflict when it goes on with server-side apply.
    func lastApplied(_ live: JSON) -> FieldSet {
        guard let text = live.at("metadata", "annotations", Self.lastAppliedAnnotation)?.stringValue,
            let applied = try? JSON.parse(text)
        else { return FieldSet() }
        let comparison = Comparison(applied, live, schema: schema)
        return TypedValue(value: applied, schema: schema).fieldSet.difference(comparison.modified)
            .difference(comparison.removed)
    }

    /// The 500 that a configuration of the wrong shape is answered with.
    func untyped(_ configuration: JSON, _ problems: [String]) -> Status {
        let version = GroupVersion(apiVersion: configuration.text("apiVersion"))
        let kind = "\(version?.group ?? "")/\(version?.version ?? ""), Kind=\(configuration.text("kind"))"
        let name = "\(configuration.text("metadata", "namespace"))/\(configuration.text("metadata", "name"))"
        let list = problems.count == 1 ? problems[0] : "errors:\n" + problems.map { "  \($0)" }.joined(separator: "\n")
        return Status(
            code: 500, reason: .unknown, message: "failed to create typed patch object (\(name); \(kind)): \(list)")
    }
}

/// The 409 of an apply that would change what others manage.
enum ApplyConflict {
    static func status(_ conflicts: [ManagedFields.Identity: FieldSet]) -> Status {
        let byManager = conflicts.map { (name: $0.key.text, paths: $0.value.paths.map(FieldSet.text)) }
            .sorted { $0.name < $1.name }
        let causes = byManager.flatMap { manager in
            manager.paths.map {
                Status.Cause(reason: "FieldManagerConflict", message: "conflict with \(manager.name)", field: $0)
            }
        }
        let detail: String
        if causes.count == 1, let manager = byManager.first, let path = manager.paths.first {
            detail = "1 conflict: conflict with \(manager.name): \(path)"
        } else {
            let lists = byManager.map { manager in
                "conflicts with \(manager.name):" + manager.paths.map { "\n- \($0)" }.joined()
            }
            detail = "\(causes.count) conflicts: " + lists.joined(separator: "\n")
        }
        return Status(
            code: 409, reason: .conflict, message: "Apply failed with \(detail)",
            details: Status.Details(causes: causes))
    }
}
