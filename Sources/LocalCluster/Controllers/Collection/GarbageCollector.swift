import KubeCore
import Logging
import Synchronization

/// Deletes what has lost its owners, and carries out foreground and orphaning deletions.
///
/// Watches every served kind and keeps an `OwnershipGraph`. An object is deleted when every owner it names is gone, where "gone"
/// is verified with a read and not only by the graph: an event may be on its way. Behaviour: Kubernetes' garbage collector.
final class GarbageCollector: Sendable {
    private let api: any ClusterAPI
    private let logger: Logger
    private let graph = Mutex(OwnershipGraph())
    private let types = Mutex<[ResourceType]>([])
    private let queue = KeyQueue()

    /// These come and go in numbers and are owned by nothing.
    private static let ignored: Set<String> = ["events", "leases"]

    init(api: any ClusterAPI, logger: Logger) {
        self.api = api
        self.logger = logger
    }

    func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await self.work() }
            await TypeFeeds(api: api, logger: logger, ignored: Self.ignored).run(
                onTypes: { types in
                    self.types.withLock { $0 = types }
                    // A kind that an owner is of may have become known.
                    self.queue.add(self.graph.withLock { $0.nodes.filter { !$0.value.owners.isEmpty }.map(\.key) })
                },
                onChange: { type, change in self.apply(change, type: type) })
            group.cancelAll()
        }
    }

    private func apply(_ change: ResourceChange, type: ResourceType) {
        let affected = graph.withLock { graph in
            switch change {
            case .listed(let objects): graph.replace(objects, type: type)
            case .changed(let object): graph.put(object, type: type)
            case .removed(let object): DynamicObject(object).uid.map { graph.remove($0) } ?? []
            }
        }
        if !affected.isEmpty { queue.add(affected) }
    }

    private func work() async {
        var failures: [String: Int] = [:]
        for await uid in queue.keys {
            queue.begin(uid)
            do throws(Status) {
                try await look(uid)
                failures[uid] = nil
            } catch {
                // Changed or gone meanwhile: the next event tells.
                if error.reason == .notFound { continue }
                let count = (failures[uid] ?? 0) + 1
                failures[uid] = count
                if count > 1 { logger.debug("garbage collection has to try again: \(error.message)") }
                queue.add(uid, after: PodMachine.retryDelay(count, longest: .seconds(30)))
            }
        }
    }

    private func look(_ uid: String) async throws(Status) {
        guard let node = graph.withLock({ $0.nodes[uid] }) else { return }
        if node.isOrphaning { return try await releaseDependents(uid, node) }
        if node.isForeground { return try await deleteDependents(uid, node) }
        if !node.owners.isEmpty, !node.isBeingDeleted { try await checkOwners(uid, node) }
    }

    // MARK: - Owners

    private enum Owner { case present, waiting, absent }

    private func checkOwners(_ uid: String, _ node: OwnershipGraph.Node) async throws(Status) {
        var solid = 0
        var waiting: [OwnerReference] = []
        var dangling: [OwnerReference] = []
        for owner in node.owners {
            switch try await state(of: owner, for: node) {
            case .present: solid += 1
            case .waiting: waiting.append(owner)
            case .absent: dangling.append(owner)
            }
        }
        if solid > 0 {
            // Somebody still owns it: only the references that mean nothing, or would hold up an owner, go.
            let leaving = Set((dangling + waiting).map(\.uid))
            if !leaving.isEmpty { try await dropOwners(leaving, from: uid, node) }
        } else if !waiting.isEmpty {
            let hasDependents = graph.withLock { $0.dependents[uid]?.isEmpty == false }
            try await delete(uid, node, propagation: hasDependents ? "Foreground" : "Background")
        } else if !dangling.isEmpty {
            try await delete(uid, node, propagation: nil)
        }
    }

    /// - Throws: when it cannot be known now.
    private func state(of owner: OwnerReference, for node: OwnershipGraph.Node) async throws(Status) -> Owner {
        if let known = graph.withLock({ $0.holds(owner, from: node.namespace) }) {
            return known.isBeingDeleted && known.isForeground ? .waiting : .present
        }
        let group = GroupVersion(apiVersion: owner.apiVersion)?.group ?? ""
        guard let type = types.withLock({ $0.first { $0.group == group && $0.kind == owner.kind } }) else {
            // The kind may be about to be served: nothing is deleted for what cannot be read.
            return .present
        }
        // A namespaced owner is looked for beside its dependent only.
        if type.isNamespaced, node.namespace.isEmpty { return .present }
        do throws(Status) {
            let object = try await api.get(
                type, namespace: type.isNamespaced ? node.namespace : nil, name: owner.name)
            return DynamicObject(object).uid == owner.uid ? .present : .absent
        } catch {
            if error.reason == .notFound { return .absent }
            throw error
        }
    }

    private func dropOwners(
        _ leaving: Set<String>, from uid: String, _ node: OwnershipGraph.Node
    ) async throws(Status) {
        let object = try await read(uid, node)
        let kept = (object.at("metadata", "ownerReferences")?.arrayValue ?? []).filter {
            !leaving.contains($0.text("uid"))
        }
        try await patchMetadata(uid, node, object, ["ownerReferences": kept.isEmpty ? .null : .array(kept)])
    }

    // MARK: - Owners that are being deleted

    /// Deletes the dependents, and lets the owner go when none is left that it has to wait for.
    private func deleteDependents(_ uid: String, _ node: OwnershipGraph.Node) async throws(Status) {
        let dependents = graph.withLock { graph in
            (graph.dependents[uid] ?? []).compactMap { id in graph.nodes[id].map { (id, $0) } }
        }
        let blocking = dependents.filter { _, dependent in
            dependent.owners.contains { $0.uid == uid && $0.blockOwnerDeletion == true }
        }
        for (id, dependent) in dependents where !dependent.isBeingDeleted {
            // What has other owners only loses this one.
            try await checkOwners(id, dependent)
        }
        if blocking.isEmpty { try await dropFinalizer("foregroundDeletion", uid, node) }
    }

    private func releaseDependents(_ uid: String, _ node: OwnershipGraph.Node) async throws(Status) {
        let dependents = graph.withLock { graph in
            (graph.dependents[uid] ?? []).compactMap { id in graph.nodes[id].map { (id, $0) } }
        }
        for (id, dependent) in dependents {
            do throws(Status) {
                try await dropOwners([uid], from: id, dependent)
            } catch  where error.reason == .notFound {
                continue
            }
        }
        try await dropFinalizer("orphan", uid, node)
    }

    // MARK: - Writes

    private func read(_ uid: String, _ node: OwnershipGraph.Node) async throws(Status) -> JSON {
        let object = try await api.get(node.type, namespace: Self.namespace(node), name: node.name)
        guard DynamicObject(object).uid == uid else { throw .notFound(node.type, node.name) }
        return object
    }

    private func dropFinalizer(_ name: String, _ uid: String, _ node: OwnershipGraph.Node) async throws(Status) {
        let object = try await read(uid, node)
        let kept = DynamicObject(object).finalizers.filter { $0 != name }
        try await patchMetadata(
            uid, node, object, ["finalizers": kept.isEmpty ? .null : .array(kept.map(JSON.string))])
    }

    /// Conditional on the object as it was read, since lists are replaced as a whole.
    private func patchMetadata(
        _ uid: String, _ node: OwnershipGraph.Node, _ object: JSON, _ change: JSONObject
    ) async throws(Status) {
        var metadata = change
        metadata["uid"] = .string(uid)
        metadata["resourceVersion"] = object.at("metadata", "resourceVersion")
        _ = try await api.mergePatch(
            node.type, namespace: Self.namespace(node), name: node.name, subresource: nil,
            ["metadata": .object(metadata)])
    }

    private func delete(_ uid: String, _ node: OwnershipGraph.Node, propagation: String?) async throws(Status) {
        try await api.delete(
            node.type, namespace: Self.namespace(node), name: node.name, uid: uid, gracePeriodSeconds: nil,
            propagationPolicy: propagation)
    }

    private static func namespace(_ node: OwnershipGraph.Node) -> String? {
        node.type.isNamespaced ? node.namespace : nil
    }
}
