import KubeCore

extension Registry {
    /// Creates an object from a request body.
    package func create(
        _ resource: Resource, namespace: String?, body: RequestBody, _ options: ServerWriteOptions
    ) async throws(Status) -> WriteResult {
        let decoded = try BodyDecoder.object(body, resource, options)
        return try await create(resource, namespace: namespace, decoded.object, options)
    }

    /// Creates an object that has been decoded.
    func create(
        _ resource: Resource, namespace: String?, _ object: JSON, _ options: ServerWriteOptions,
        managed: Bool = false
    ) async throws(Status) -> WriteResult {
        var object = object
        try setNamespace(&object, resource, namespace)
        if resource.isTerminating {
            throw .forbidden(
                resource.type, object.metaName,
                "create not allowed while custom resource definition is terminating")
        }
        let version = object.metaResourceVersion
        if !version.isEmpty, version != "0" {
            throw .plain("resourceVersion should not be set on objects to be created")
        }
        object.setMeta("resourceVersion", nil)
        let isGenerated = object.metaName.isEmpty && !(object.meta("generateName")?.stringValue ?? "").isEmpty
        var attempt = 0
        while true {
            attempt += 1
            let prepared = object
            do throws(Status) {
                return try await allocating(resource) { () async throws(Status) -> WriteResult in
                    try await self.createOnce(resource, namespace, prepared, options, managed: managed)
                }
            } catch {
                // Another object may have the generated name; a few tries make that vanishingly rare.
                if isGenerated, error.reason == .alreadyExists, attempt < 8 { continue }
                throw error
            }
        }
    }

    private func createOnce(
        _ resource: Resource, _ namespace: String?, _ original: JSON, _ options: ServerWriteOptions, managed: Bool
    ) async throws(Status) -> WriteResult {
        let context = context(resource)
        var object = original
        if resource.kind.isCustom { CustomSchemas.setDefaults(&object, resource) }
        resource.strategy.setDefaults(&object)
        let base = object.meta("generateName")?.stringValue ?? ""
        if object.metaName.isEmpty, !base.isEmpty {
            object.setMeta("name", .string(Names.generate(from: base)))
        }
        var request = AdmissionRequest(
            operation: .create, resource: resource, namespace: namespace, name: object.metaName, object: object,
            isDryRun: options.isDryRun)
        try await mutate(&request)
        object = request.object
        options.warnings.add(request.warnings)

        for field in ["deletionTimestamp", "deletionGracePeriodSeconds", "selfLink"] { object.setMeta(field, nil) }
        object.setMeta("uid", .string(Names.uid()))
        object.setMeta("creationTimestamp", .string(context.now.rfc3339))
        let generation = object.meta("generation")
        try resource.strategy.prepareForCreate(&object, context)
        // Kinds without a generation of their own keep the client's.
        if let generation, object.meta("generation") == nil { object.setMeta("generation", generation) }
        if !managed { object = fieldManagement(resource, nil).update(object, live: nil, manager: options.fieldManager) }

        var errors = resource.strategy.validateCreate(object, context)
        if resource.kind.isCustom {
            errors = CustomSchemas.validate(object, old: nil, resource, metadata: errors)
        }
        if resource.storage == Self.definitions { errors += CustomResourceDefinitionRules.validate(object) }
        options.warnings.add(resource.strategy.warnings(object, old: nil))
        if !errors.isEmpty {
            throw .invalid(kind: resource.type.kind, group: resource.storage.group, name: object.metaName, errors)
        }
        request.object = object
        try await validate(request)
        if resource.kind.isVirtual { return WriteResult(object: object, isCreated: true) }

        let key = ObjectKey(namespace: resource.type.isNamespaced ? namespace : nil, name: object.metaName)
        if let existing = store.get(resource.storage, key) {
            throw alreadyExists(existing, resource)
        }
        if options.isDryRun { return WriteResult(object: object, isCreated: true) }
        let (encoded, attributes) = encode(object, resource)
        let stored: StoredObject
        do throws(ObjectStore.WriteError) {
            stored = try await store.put(resource.storage, key, encoded, attributes: attributes, replacing: nil)
        } catch {
            if case .conflict(let current?) = error { throw alreadyExists(current, resource) }
            throw Self.status(error)
        }
        if resource.storage == Self.definitions { try await definitionWritten(key.name) }
        return WriteResult(object: present(stored, resource), isCreated: true)
    }

    private func alreadyExists(_ existing: StoredObject, _ resource: Resource) -> Status {
        var status = Status.alreadyExists(resource.type, existing.key.name)
        if existing.json(typed: nil).isBeingDeleted { status.message = "object is being deleted: " + status.message }
        return status
    }

    /// Puts the namespace of the path into the object, or refuses an object that names another.
    func setNamespace(_ object: inout JSON, _ resource: Resource, _ namespace: String?) throws(Status) {
        let given = object.metaNamespace
        guard resource.type.isNamespaced else {
            // A namespace in a cluster-wide object is dropped without a word.
            object.setMeta("namespace", nil)
            return
        }
        if !given.isEmpty, given != namespace {
            throw .badRequest(
                "the namespace of the provided object does not match the namespace sent on the request")
        }
        object.setMeta("namespace", namespace.map(JSON.string))
    }

    func fieldManagement(_ resource: Resource, _ subresource: String?) -> FieldManagement {
        FieldManagement(
            apiVersion: resource.type.apiVersion, schema: resource.version.schema, isCustom: resource.kind.isCustom,
            hasStatus: resource.version.hasStatus, subresource: subresource, now: now())
    }
}
