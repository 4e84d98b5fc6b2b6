import KubeCore

/// CustomResourceDefinitions: accepting their names, serving their kinds, and clearing up after them.
extension Registry {
    private static let cleanupFinalizer = "customresourcecleanup.apiextensions.k8s.io"

    /// Serves the custom kinds that the store knows. For the start over kept data.
    package func loadDefinitions() async throws(Status) {
        guard case .objects(let objects, _) = store.snapshot(Self.definitions) else { return }
        for object in objects { try await definitionWritten(object.key.name) }
    }

    /// Brings status and served kinds in line with the stored definition `name`, which may be gone.
    func definitionWritten(_ name: String) async throws(Status) {
        await definitionLock.lock()
        defer { definitionLock.unlock() }
        guard let resource = kinds.resource(.customResourceDefinitions) else { return }
        while true {
            guard let stored = store.get(Self.definitions, ObjectKey(namespace: nil, name: name)) else {
                let served = GroupResource(description: name)
                kinds.unregister(group: served.group, plural: served.resource)
                return
            }
            let definition = present(stored, resource)
            var accepted = definition
            acceptNames(&accepted)
            // First served, then called established: who sees the condition may use the kind.
            register(accepted)
            if Self.isSame(accepted, definition) { return }
            if try await write(accepted, over: stored, resource) != nil { return }
        }
    }

    private func register(_ definition: JSON) {
        guard let custom = CustomKind(definition) else { return }
        let kind = custom.description
        let storage = GroupResource(group: kind.group, resource: kind.names.plural)
        let isKnown = kinds.kind(group: kind.group, plural: kind.names.plural) != nil
        let source: JSON = [
            "spec": definition["spec"] ?? .null, "names": definition.at("status", "acceptedNames") ?? .null,
            "isTerminating": .bool(custom.isTerminating),
        ]
        guard kinds.register(custom, source: source, definedAt: store.revision &+ 1) else { return }
        // Selectable fields may be others now, or have other defaults.
        let areSelectable = !kind.versions.allSatisfy { $0.selectableFields.isEmpty }
        guard isKnown || areSelectable, let version = kind.storageVersion,
            let resource = kinds.resource(kind.resourceType(version: version.name))
        else { return }
        store.reindex(storage) { self.attributes(self.present($0, resource), resource) }
    }

    /// Sets `status.acceptedNames` and the conditions NamesAccepted and Established.
    private func acceptNames(_ definition: inout JSON) {
        let group = definition.at("spec", "group")?.stringValue ?? ""
        guard let names = definition.at("spec", "names"), let plural = names["plural"]?.stringValue else { return }
        let others = kinds.kinds.filter { $0.group == group && $0.names.plural != plural }
        let conflict = Self.conflict(of: names, with: others)
        if conflict == nil { definition.set(names, at: ["status", "acceptedNames"]) }
        Self.setCondition(
            &definition, "NamesAccepted", isTrue: conflict == nil, reason: conflict?.reason ?? "NoConflicts",
            message: conflict?.message ?? "no conflicts found", now())
        let wasEstablished = (definition.at("status", "conditions")?.arrayValue ?? []).contains {
            $0["type"]?.stringValue == "Established" && $0["status"]?.stringValue == "True"
        }
        if conflict == nil {
            if !wasEstablished {
                Self.setCondition(
                    &definition, "Established", isTrue: true, reason: "InitialNamesAccepted",
                    message: "the initial names have been accepted", now())
            }
        } else if !wasEstablished {
            Self.setCondition(
                &definition, "Established", isTrue: false, reason: "NotAccepted",
                message: "not all names are accepted", now())
        }
    }

    private static func conflict(
        of names: JSON, with others: [KindDescription]
    ) -> (reason: String, message: String)? {
        var resources: Set<String> = []
        var kinds: Set<String> = []
        for other in others {
            resources.formUnion([other.names.plural, other.names.singular])
            resources.formUnion(other.names.shortNames)
            kinds.formUnion([other.names.kind, other.names.listKind])
        }
        func used(_ text: String?, _ taken: Set<String>) -> String? {
            guard let text, taken.contains(text) else { return nil }
            return "\(FieldError.quoted(text)) is already in use"
        }
        if let text = used(names["plural"]?.stringValue, resources) { return ("PluralConflict", text) }
        if let text = used(names["singular"]?.stringValue, resources) { return ("SingularConflict", text) }
        for name in names["shortNames"]?.arrayValue ?? [] {
            if let text = used(name.stringValue, resources) { return ("ShortNamesConflict", text) }
        }
        if let text = used(names["kind"]?.stringValue, kinds) { return ("KindConflict", text) }
        if let text = used(names["listKind"]?.stringValue, kinds) { return ("ListKindConflict", text) }
        return nil
    }

    private static func setCondition(
        _ definition: inout JSON, _ type: String, isTrue: Bool, reason: String, message: String, _ now: Timestamp
    ) {
        var conditions = definition.at("status", "conditions")?.arrayValue ?? []
        var condition: JSON = [
            "type": .string(type), "status": isTrue ? "True" : "False", "lastTransitionTime": .string(now.rfc3339),
            "reason": .string(reason), "message": .string(message),
        ]
        if let index = conditions.firstIndex(where: { $0["type"]?.stringValue == type }) {
            if conditions[index]["status"] == condition["status"] {
                condition["lastTransitionTime"] = conditions[index]["lastTransitionTime"]
            }
            conditions[index] = condition
        } else {
            conditions.append(condition)
        }
        definition.set(.array(conditions), at: ["status", "conditions"])
    }

    // MARK: Deletion

    /// Marks a definition; its objects go first. nil when another write came first.
    func markDefinition(
        _ stored: StoredObject, _ original: JSON, _ resource: Resource, _ options: ServerDeleteOptions
    ) async throws(Status) -> DeleteResult? {
        var object = original
        object.setMeta("deletionTimestamp", .string(now().rfc3339))
        if !object.finalizers.contains(Self.cleanupFinalizer) {
            object.setFinalizers(object.finalizers + [Self.cleanupFinalizer])
        }
        Self.setCondition(
            &object, "Terminating", isTrue: true, reason: "InstanceDeletionPending",
            message: "CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon", now())
        if options.isDryRun { return DeleteResult(body: object, isGone: false) }
        guard let written = try await write(object, over: stored, resource) else { return nil }
        try await definitionWritten(written.key.name)
        return DeleteResult(body: present(written, resource), isGone: false)
    }

    /// Deletes the objects of definitions that are going, then the definitions. Runs until the task is cancelled or the store closed.
    package func runDefinitionCleanup() async {
        let waker = Waker()
        var watched: Set<GroupResource> = [Self.definitions]
        store.register(waker, for: Self.definitions)
        defer { for resource in watched { store.unregister(waker, for: resource) } }
        while !Task.isCancelled, !store.isClosed {
            if case .objects(let objects, _) = store.snapshot(Self.definitions) {
                for object in objects {
                    let definition = object.json(typed: nil)
                    guard definition.isBeingDeleted, definition.finalizers.contains(Self.cleanupFinalizer) else {
                        continue
                    }
                    let storage = GroupResource(description: object.key.name)
                    if watched.insert(storage).inserted { store.register(waker, for: storage) }
                    do throws(Status) {
                        if try await clear(storage, definition) {
                            try await releaseDefinition(object.key.name)
                            if watched.remove(storage) != nil { store.unregister(waker, for: storage) }
                        }
                    } catch {
                        logger.error(
                            "Clearing up after a definition failed",
                            metadata: [
                                "definition": "\(object.key.name)", "error": "\(error.message)",
                            ])
                    }
                }
            }
            await waker.wait()
        }
    }

    /// Deletes what is not yet marked; true when nothing is left.
    private func clear(_ storage: GroupResource, _ definition: JSON) async throws(Status) -> Bool {
        guard case .objects(let objects, _) = store.snapshot(storage) else { return false }
        if objects.isEmpty { return true }
        let version = kinds.kind(group: storage.group, plural: storage.resource)?.versions.first { $0.isServed }
        guard let version,
            let resource = kinds.resource(group: storage.group, version: version.name, plural: storage.resource)
        else {
            // No version is served, so no client can see or hold them.
            for object in objects { _ = try? await store.delete(storage, replacing: object) }
            return store.count(storage) == 0
        }
        for object in objects where !object.json(typed: nil).isBeingDeleted {
            do throws(Status) {
                _ = try await delete(
                    resource, namespace: resource.type.isNamespaced ? object.key.namespace : nil,
                    name: object.key.name, ServerDeleteOptions())
            } catch {
                if error.reason != .notFound { throw error }
            }
        }
        return store.count(storage) == 0
    }

    private func releaseDefinition(_ name: String) async throws(Status) {
        guard let resource = kinds.resource(.customResourceDefinitions) else { return }
        var options = ServerWriteOptions()
        options.fieldManager = "kube-apiserver"
        do throws(Status) {
            _ = try await change(resource, namespace: nil, name: name, options, isTrusted: true) {
                (existing: JSON) throws(Status) -> DecodedObject in
                var definition = existing
                definition.setFinalizers(existing.finalizers.filter { $0 != Self.cleanupFinalizer })
                return DecodedObject(object: definition)
            }
        } catch {
            if error.reason != .notFound { throw error }
        }
    }
}
