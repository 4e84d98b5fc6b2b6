import KubeCore

extension Registry {
    /// What turns a stored object into the one to be stored. Runs again when another write came in between.
    typealias Change = (_ existing: JSON) throws(Status) -> DecodedObject

    /// Replaces an object, or the part of it that `options.subresource` names, by a request body.
    package func update(
        _ resource: Resource, namespace: String?, name: String, body: RequestBody, _ options: ServerWriteOptions
    ) async throws(Status) -> WriteResult {
        let decoded = try BodyDecoder.object(body, resource, options)
        return try await update(resource, namespace: namespace, name: name, decoded.object, options)
    }

    func update(
        _ resource: Resource, namespace: String?, name: String, _ object: JSON, _ options: ServerWriteOptions
    ) async throws(Status) -> WriteResult {
        var object = object
        if object.metaName.isEmpty {
            throw .badRequest(
                "the name of the object (\(FieldError.quoted(""))) does not match the name on the URL (\(name))")
        }
        try checkName(object, name)
        try setNamespace(&object, resource, namespace)
        let given = object.metaResourceVersion
        if !given.isEmpty, UInt64(given) == nil {
            throw .plain(Self.badVersion(given))
        }
        let uid = object.metaUID
        let replacement = object
        if store.get(resource.storage, ObjectKey(namespace: namespace, name: name)) == nil,
            resource.strategy.allowsCreateOnUpdate, options.subresource == nil
        {
            if !given.isEmpty, given != "0" { throw .notFound(resource.type, name) }
            return try await create(resource, namespace: namespace, object, options)
        }
        return try await change(resource, namespace: namespace, name: name, options) {
            (existing: JSON) throws(Status) -> DecodedObject in
            if !uid.isEmpty, uid != existing.metaUID {
                throw .conflict(
                    resource.type, name,
                    "Precondition failed: UID in precondition: \(uid), UID in object meta: \(existing.metaUID)")
            }
            if given.isEmpty || given == "0" {
                if !resource.strategy.allowsUnconditionalUpdate {
                    // The real server names the resource here, not the kind.
                    throw .invalid(
                        kind: resource.type.plural, group: resource.type.group, name: name,
                        [.invalid("metadata.resourceVersion", .int(0), "must be specified for an update")])
                }
            } else if given != existing.metaResourceVersion {
                throw .objectModified(resource.type, name)
            }
            return DecodedObject(object: replacement)
        }
    }

    func checkName(_ object: JSON, _ name: String) throws(Status) {
        if object.metaName != name {
            throw .badRequest(
                "the name of the object (\(object.metaName)) does not match the name on the URL (\(name))")
        }
    }

    /// Reads, changes, prepares, validates and writes, again from the start when another write came first.
    ///
    /// - Parameter managed: the change keeps managedFields itself, as apply does.
    /// - Parameter isTrusted: the change is the server's own and is stored as it is, without the kind's rules of updates.
    func change(
        _ resource: Resource, namespace: String?, name: String, _ options: ServerWriteOptions, managed: Bool = false,
        isTrusted: Bool = false, _ change: Change
    ) async throws(Status) -> WriteResult {
        try await allocating(resource) { () async throws(Status) -> WriteResult in
            while true {
                if let result = try await self.changeOnce(
                    resource, namespace, name, options, managed: managed, isTrusted: isTrusted, change)
                {
                    return result
                }
            }
        }
    }

    /// nil when another write came first.
    private func changeOnce(
        _ resource: Resource, _ namespace: String?, _ name: String, _ options: ServerWriteOptions, managed: Bool,
        isTrusted: Bool, _ change: Change
    ) async throws(Status) -> WriteResult? {
        let stored = try get(resource, namespace: namespace, name: name)
        let old = present(stored, resource)
        var object = try change(old).object
        if isTrusted {
            object = fieldManagement(resource, options.subresource).update(
                object, live: old, manager: options.fieldManager)
        } else {
            object = try await prepare(object, old: old, resource, namespace, options, managed: managed)
        }
        if Self.isSame(object, old) {
            return WriteResult(object: old)
        }
        if options.isDryRun { return WriteResult(object: object) }
        if endsDeletion(object, old: old, resource) {
            return try await finishDeletion(stored, resource) ? WriteResult(object: object) : nil
        }
        let (encoded, attributes) = encode(object, resource)
        let written: StoredObject
        do throws(ObjectStore.WriteError) {
            written = try await store.put(
                resource.storage, stored.key, encoded, attributes: attributes, replacing: stored)
        } catch {
            if case .conflict = error { return nil }
            throw Self.status(error)
        }
        if resource.storage == Self.definitions { try await definitionWritten(written.key.name) }
        return WriteResult(object: present(written, resource))
    }

    /// The object as it is to be stored: completed, admitted, merged with what the client may not change, and valid.
    private func prepare(
        _ original: JSON, old: JSON, _ resource: Resource, _ namespace: String?, _ options: ServerWriteOptions,
        managed: Bool
    ) async throws(Status) -> JSON {
        var object = original
        let context = context(resource, subresource: options.subresource)
        if resource.kind.isCustom { CustomSchemas.setDefaults(&object, resource) }
        resource.strategy.setDefaults(&object)
        var request = AdmissionRequest(
            operation: .update, resource: resource, subresource: options.subresource, namespace: namespace,
            name: old.metaName, object: object, old: old, isDryRun: options.isDryRun)
        try await mutate(&request)
        object = request.object
        options.warnings.add(request.warnings)
        prepareMetadata(&object, old: old)
        try resource.strategy.prepareForUpdate(&object, old: old, context)
        if !managed {
            object = fieldManagement(resource, options.subresource).update(
                object, live: old, manager: options.fieldManager)
        }
        object.setMeta("resourceVersion", old.meta("resourceVersion"))
        var errors = resource.strategy.validateUpdate(object, old: old, context)
        if resource.kind.isCustom {
            errors = CustomSchemas.validate(object, old: old, resource, metadata: errors)
        }
        if resource.storage == Self.definitions {
            errors += CustomResourceDefinitionRules.validate(object, old: old)
        }
        options.warnings.add(resource.strategy.warnings(object, old: old))
        if !errors.isEmpty {
            throw .invalid(kind: resource.type.kind, group: resource.storage.group, name: old.metaName, errors)
        }
        request.object = object
        try await validate(request)
        return object
    }

    /// Puts back what a client may leave out or not change without being told.
    private func prepareMetadata(_ object: inout JSON, old: JSON) {
        object.setMeta("generation", old.meta("generation"))
        object.setMeta("creationTimestamp", old.meta("creationTimestamp"))
        object.setMeta("selfLink", nil)
        for field in ["uid", "deletionTimestamp", "deletionGracePeriodSeconds"]
        where object.meta(field)?.isNull ?? true || object.meta(field)?.stringValue == "" {
            object.setMeta(field, old.meta(field))
        }
    }

    /// Whether a write would change nothing. The times in managedFields do not count.
    static func isSame(_ new: JSON, _ old: JSON) -> Bool {
        withoutManagedTimes(new) == withoutManagedTimes(old)
    }

    private static func withoutManagedTimes(_ object: JSON) -> JSON {
        guard let entries = object.meta("managedFields")?.arrayValue else { return object }
        var object = object
        object.setMeta(
            "managedFields",
            .array(
                entries.map { entry in
                    var entry = entry
                    entry["time"] = nil
                    return entry
                }))
        return object
    }

    /// Whether the write removes the last thing that held a marked object.
    private func endsDeletion(_ object: JSON, old: JSON, _ resource: Resource) -> Bool {
        guard old.isBeingDeleted, object.finalizers.isEmpty else { return false }
        if resource.storage == Self.namespaces, !(object.at("spec", "finalizers")?.arrayValue ?? []).isEmpty {
            return false
        }
        return (old.meta("deletionGracePeriodSeconds")?.intValue ?? 0) == 0
    }

    /// Removes an object; false when another write came first.
    func finishDeletion(_ stored: StoredObject, _ resource: Resource) async throws(Status) -> Bool {
        do throws(ObjectStore.WriteError) {
            _ = try await store.delete(resource.storage, replacing: stored)
        } catch {
            if case .conflict = error { return false }
            throw Self.status(error)
        }
        if resource.storage == Self.definitions { try await definitionWritten(stored.key.name) }
        return true
    }
}
