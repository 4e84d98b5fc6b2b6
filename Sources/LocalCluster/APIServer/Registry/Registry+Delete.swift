import KubeCore

/// What a DELETE answers.
package struct DeleteResult: Sendable {
    /// The object, or a Status when the kind answers with one.
    package var body: JSON
    package var warnings: [String] = []
    package var isGone: Bool
}

extension Registry {
    private static let orphan = "orphan"
    private static let foreground = "foregroundDeletion"

    /// Deletes an object: at once, or by marking it when finalizers or a grace period hold it.
    package func delete(
        _ resource: Resource, namespace: String?, name: String, _ options: ServerDeleteOptions
    ) async throws(Status) -> DeleteResult {
        while true {
            let stored = try get(resource, namespace: namespace, name: name)
            let object = present(stored, resource)
            try checkPreconditions(object, resource, options)
            var request = AdmissionRequest(
                operation: .delete, resource: resource, namespace: namespace, name: name, object: .null, old: object,
                isDryRun: options.isDryRun)
            try await mutate(&request)
            try await validate(request)
            if let result = try await deleteOnce(stored, object, resource, options) {
                return DeleteResult(body: result.body, warnings: request.warnings, isGone: result.isGone)
            }
        }
    }

    private func checkPreconditions(
        _ object: JSON, _ resource: Resource, _ options: ServerDeleteOptions
    ) throws(Status) {
        // The real server names the kind here, not the resource.
        let conflict = { (why: String) in
            Status(
                code: 409, reason: .conflict,
                message: "Operation cannot be fulfilled on \(resource.qualifiedKind) \"\(object.metaName)\": \(why)",
                details: Status.Details(
                    name: object.metaName, group: resource.type.group.isEmpty ? nil : resource.type.group,
                    kind: resource.type.kind))
        }
        if let uid = options.uid, uid != object.metaUID {
            throw conflict(
                "the UID in the precondition (\(uid)) does not match the UID in record (\(object.metaUID)). "
                    + "The object might have been deleted and then recreated")
        }
        if let version = options.resourceVersion, version != object.metaResourceVersion {
            throw conflict(
                "the ResourceVersion in the precondition (\(version)) does not match the ResourceVersion in record "
                    + "(\(object.metaResourceVersion)). The object might have been modified")
        }
    }

    /// nil when another write came first.
    private func deleteOnce(
        _ stored: StoredObject, _ original: JSON, _ resource: Resource, _ options: ServerDeleteOptions
    ) async throws(Status) -> DeleteResult? {
        var object = original
        if resource.storage == Self.namespaces {
            switch try await markNamespace(stored, object, resource, options) {
            case .mayGo: break
            case .marked(let namespace): return DeleteResult(body: namespace, isGone: false)
            case .overtaken: return nil
            }
        }
        if resource.storage == Self.definitions, !original.isBeingDeleted {
            return try await markDefinition(stored, original, resource, options)
        }
        let now = now()
        var options = options
        let grace = graceful(&object, resource, &options, now: now)
        if grace == .pending { return DeleteResult(body: original, isGone: false) }

        let finalizers = finalizers(object, resource, options)
        let changesFinalizers = Set(finalizers) != Set(object.finalizers)
        if changesFinalizers { object.setFinalizers(finalizers) }
        let isHeld = !finalizers.isEmpty
        var current = stored
        if grace == .marked || isHeld || changesFinalizers {
            if grace != .marked {
                if isHeld { markAsDeleting(&object, now: now) }
            }
            if grace == .marked || isHeld {
                if Self.isSame(object, original) { return DeleteResult(body: original, isGone: false) }
                if !options.isDryRun {
                    guard let written = try await write(object, over: stored, resource) else { return nil }
                    current = written
                    object = present(written, resource)
                }
                let remains = isHeld || (options.gracePeriodSeconds ?? 0) > 0
                if remains { return DeleteResult(body: object, isGone: false) }
            }
        }
        if !options.isDryRun, try await !finishDeletion(current, resource) {
            // Of an object not marked before, the next round finds it as it is now. One that was just marked to go at once may
            // have been seen off by somebody else, such as its node.
            guard grace == .marked else { return nil }
            if let left = store.get(resource.storage, stored.key), left.uid == stored.uid { return nil }
        }
        return DeleteResult(body: answer(object, resource), isGone: true)
    }

    func write(
        _ object: JSON, over stored: StoredObject, _ resource: Resource
    ) async throws(Status) -> StoredObject? {
        let (encoded, attributes) = encode(object, resource)
        do throws(ObjectStore.WriteError) {
            return try await store.put(
                resource.storage, stored.key, encoded, attributes: attributes, replacing: stored)
        } catch {
            if case .conflict = error { return nil }
            throw Self.status(error)
        }
    }

    private func answer(_ object: JSON, _ resource: Resource) -> JSON {
        if resource.strategy.deletionAnswer == .object { return object }
        var details: JSONObject = ["name": .string(object.metaName)]
        if !resource.type.group.isEmpty { details["group"] = .string(resource.type.group) }
        details["kind"] = .string(resource.type.plural)
        details["uid"] = .string(object.metaUID)
        return [
            "kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Success", "details": .object(details),
        ]
    }

    // MARK: Grace

    private enum Grace { case none, marked, pending }

    /// Marks an object of a kind that is deleted gracefully.
    private func graceful(
        _ object: inout JSON, _ resource: Resource, _ options: inout ServerDeleteOptions, now: Timestamp
    ) -> Grace {
        guard
            let period = resource.strategy.gracePeriodSeconds(of: object, requested: options.gracePeriodSeconds)
        else { return .none }
        if object.isBeingDeleted {
            guard let left = object.meta("deletionGracePeriodSeconds")?.intValue else { return .none }
            guard let wanted = options.gracePeriodSeconds else {
                options.gracePeriodSeconds = left
                return .pending
            }
            // Asking again can only shorten the period.
            if wanted >= left { return .pending }
            if let marked = object.meta("deletionTimestamp")?.stringValue.flatMap(Timestamp.init(rfc3339:)) {
                let at = marked + .seconds(-left) + .seconds(wanted)
                object.setMeta("deletionTimestamp", .string(at.rfc3339))
            }
            object.setMeta("deletionGracePeriodSeconds", .int(wanted))
            return .marked
        }
        options.gracePeriodSeconds = period
        object.setMeta("deletionTimestamp", .string((now + .seconds(period)).rfc3339))
        object.setMeta("deletionGracePeriodSeconds", .int(period))
        raiseGeneration(&object)
        return .marked
    }

    private func markAsDeleting(_ object: inout JSON, now: Timestamp) {
        if !object.isBeingDeleted {
            object.setMeta("deletionTimestamp", .string(now.rfc3339))
            raiseGeneration(&object)
        }
        object.setMeta("deletionGracePeriodSeconds", 0)
    }

    private func raiseGeneration(_ object: inout JSON) {
        if let generation = object.meta("generation")?.intValue, generation > 0 {
            object.setMeta("generation", .int(generation &+ 1))
        }
    }

    // MARK: Dependents

    /// The finalizers with those of the garbage collector put in or taken out as the deletion asks.
    private func finalizers(
        _ object: JSON, _ resource: Resource, _ options: ServerDeleteOptions
    ) -> [String] {
        let present = object.finalizers
        let orphans: Bool
        let foreground: Bool
        if let wish = options.orphanDependents {
            orphans = wish
            foreground = false
        } else if let policy = options.propagation {
            orphans = policy == .orphan
            foreground = policy == .foreground
        } else {
            foreground = present.contains(Self.foreground)
            orphans =
                present.contains(Self.orphan)
                || (!foreground && resource.strategy.defaultPropagation == .orphan)
        }
        var result = present.filter { $0 != Self.orphan && $0 != Self.foreground }
        if orphans { result.append(Self.orphan) }
        if foreground { result.append(Self.foreground) }
        return result
    }

    // MARK: Namespaces

    private enum NamespaceMark {
        case mayGo
        case marked(JSON)
        /// Another write came first.
        case overtaken
    }

    /// Marks a namespace that still has something to finalize.
    private func markNamespace(
        _ stored: StoredObject, _ original: JSON, _ resource: Resource, _ options: ServerDeleteOptions
    ) async throws(Status) -> NamespaceMark {
        if (original.at("spec", "finalizers")?.arrayValue ?? []).isEmpty { return .mayGo }
        if original.isBeingDeleted { return .marked(original) }
        var object = original
        object.setMeta("deletionTimestamp", .string(now().rfc3339))
        object.set("Terminating", at: ["status", "phase"])
        object.setFinalizers(finalizers(object, resource, options))
        if options.isDryRun { return .marked(object) }
        guard let written = try await write(object, over: stored, resource) else { return .overtaken }
        return .marked(present(written, resource))
    }

    // MARK: Collections

    /// Deletes what a list selects; the answer is the list of what was there.
    package func deleteCollection(
        _ resource: Resource, namespace: String?, _ list: ServerListOptions, _ options: ServerDeleteOptions
    ) async throws(Status) -> ListPage {
        guard case .page(let page) = try self.list(resource, namespace: namespace, list) else {
            throw .expired("The provided continue parameter is too old to display a consistent list result.")
        }
        for object in page.objects {
            do throws(Status) {
                _ = try await delete(
                    resource, namespace: resource.type.isNamespaced ? object.key.namespace : nil,
                    name: object.key.name, options)
            } catch {
                if error.reason != .notFound { throw error }
            }
        }
        return page
    }
}
