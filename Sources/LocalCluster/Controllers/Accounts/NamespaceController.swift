import KubeCore
import Logging

/// Empties namespaces that are being deleted, then lets them go; and gives living ones what each has.
///
/// A living namespace has the service account `default` and the ConfigMap `kube-root-ca.crt`; both are made again when they are
/// deleted.
struct NamespaceController: Sendable {
    let api: any ClusterAPI
    let logger: Logger
    /// The authority that signed the API server's certificate; without one there is no ConfigMap.
    let rootCertificate: String?

    static let accountName = "default"
    static let certificateName = "kube-root-ca.crt"

    func run() async {
        let queue = KeyQueue()
        await withDiscardingTaskGroup { group in
            group.addTask { await work(queue) }
            group.addTask { await watchDeletions(of: .serviceAccounts, named: Self.accountName, queue) }
            if rootCertificate != nil {
                group.addTask { await watchDeletions(of: .configMaps, named: Self.certificateName, queue) }
            }
            await ResourceFeed(api: api, type: .namespaces, logger: logger).run { change in
                switch change {
                case .listed(let items): queue.add(items.map { DynamicObject($0).name })
                case .changed(let item): queue.add(DynamicObject(item).name)
                case .removed: break
                }
            }
            group.cancelAll()
        }
    }

    private func watchDeletions(of type: ResourceType, named name: String, _ queue: KeyQueue) async {
        await ResourceFeed(api: api, type: type, logger: logger).run { change in
            guard case .removed(let object) = change, DynamicObject(object).name == name else { return }
            queue.add(DynamicObject(object).namespace ?? "")
        }
    }

    private func work(_ queue: KeyQueue) async {
        var rounds: [String: Int] = [:]
        for await name in queue.keys {
            queue.begin(name)
            do throws(Status) {
                if try await reconcile(name) {
                    rounds[name] = nil
                } else {
                    // Something is still going: pods in their grace period, objects with finalizers.
                    rounds[name, default: 0] += 1
                    let delay = min(.seconds(2), .milliseconds(20) * (1 << min(rounds[name] ?? 1, 7)))
                    queue.add(name, after: delay)
                }
            } catch {
                if error.reason == .notFound { continue }
                rounds[name, default: 0] += 1
                logger.debug("namespace \(name) has to be tried again: \(error.message)")
                queue.add(name, after: PodMachine.retryDelay(rounds[name] ?? 1, longest: .seconds(10)))
            }
        }
    }

    /// - Returns: false when there is more to do later.
    private func reconcile(_ name: String) async throws(Status) -> Bool {
        let namespace = try await api.get(.namespaces, namespace: nil, name: name)
        guard DynamicObject(namespace).deletionTimestamp != nil else {
            try await provide(name)
            return true
        }
        let finalizers = namespace.at("spec", "finalizers")?.arrayValue ?? []
        guard finalizers.contains("kubernetes") else { return true }
        let remaining = try await empty(name)
        try await tell(namespace, remaining)
        guard remaining.isEmpty else { return false }
        var current = try await api.get(.namespaces, namespace: nil, name: name)
        guard DynamicObject(current).uid == DynamicObject(namespace).uid else { return true }
        let kept = (current.at("spec", "finalizers")?.arrayValue ?? []).filter { $0 != "kubernetes" }
        current.set(.array(kept), at: ["spec", "finalizers"])
        do throws(Status) {
            _ = try await api.update(.namespaces, namespace: nil, name: name, subresource: "finalize", current)
        } catch  where error.reason == .conflict {
            return false
        }
        return true
    }

    private func provide(_ namespace: String) async throws(Status) {
        try await ensure(.serviceAccounts, namespace, Self.accountName, [:])
        if let rootCertificate {
            let note: JSON = [
                "annotations": [
                    "kubernetes.io/description":
                        "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters."
                ]
            ]
            try await ensure(
                .configMaps, namespace, Self.certificateName,
                ["metadata": note, "data": ["ca.crt": .string(rootCertificate)]])
        }
    }

    private func ensure(
        _ type: ResourceType, _ namespace: String, _ name: String, _ object: JSON
    ) async throws(Status) {
        do throws(Status) {
            let current = try await api.get(type, namespace: namespace, name: name)
            guard let data = object["data"], current["data"] != data else { return }
            _ = try await api.mergePatch(
                type, namespace: namespace, name: name, subresource: nil, ["data": data])
        } catch  where error.reason == .notFound {
            var object = object
            object["apiVersion"] = .string(type.apiVersion)
            object["kind"] = .string(type.kind)
            object.set(.string(name), at: ["metadata", "name"])
            object.set(.string(namespace), at: ["metadata", "namespace"])
            do throws(Status) {
                _ = try await api.create(type, namespace: namespace, object)
            } catch  where error.reason == .alreadyExists {
                return
            }
        }
    }

    // MARK: - The end of a namespace

    struct Remains: Sendable {
        /// By qualified plural.
        var counts: [String: Int] = [:]
        var finalizers: [String: Int] = [:]
        var isEmpty: Bool { counts.isEmpty }
    }

    /// Deletes everything in the namespace.
    ///
    /// - Returns: what is still there afterwards.
    private func empty(_ namespace: String) async throws(Status) -> Remains {
        var remains = Remains()
        for type in await api.servedTypes() where type.isNamespaced {
            let items: [JSON]
            do throws(Status) {
                items = try await api.list(type, namespace: namespace).items
            } catch {
                // A kind that is going with its definition.
                if error.reason == .notFound { continue }
                throw error
            }
            for item in items {
                let object = DynamicObject(item)
                guard object.deletionTimestamp == nil else { continue }
                do throws(Status) {
                    try await api.delete(
                        type, namespace: namespace, name: object.name, uid: object.uid, gracePeriodSeconds: nil,
                        propagationPolicy: "Background")
                } catch {
                    if error.reason != .notFound, error.reason != .conflict, error.reason != .methodNotAllowed {
                        throw error
                    }
                }
            }
            guard !items.isEmpty else { continue }
            let left = try await api.list(type, namespace: namespace).items
            if left.isEmpty { continue }
            remains.counts[type.qualifiedName] = left.count
            for item in left {
                for finalizer in DynamicObject(item).finalizers { remains.finalizers[finalizer, default: 0] += 1 }
            }
        }
        return remains
    }

    /// The conditions that say what a namespace is waiting for.
    private func tell(_ namespace: JSON, _ remains: Remains) async throws(Status) {
        let resources = remains.counts.sorted { $0.key < $1.key }
            .map { "\($0.key) has \($0.value) resource instances" }.joined(separator: ", ")
        let finalizers = remains.finalizers.sorted { $0.key < $1.key }
            .map { "\($0.key) in \($0.value) resource instances" }.joined(separator: ", ")
        let old = namespace.at("status", "conditions")?.arrayValue ?? []
        let wanted: [(type: String, isTrue: Bool, reason: String, message: String)] = [
            (
                "NamespaceDeletionDiscoveryFailure", false, "ResourcesDiscovered",
                "All resources successfully discovered"
            ),
            (
                "NamespaceDeletionGroupVersionParsingFailure", false, "ParsedGroupVersions",
                "All legacy kube types successfully parsed"
            ),
            (
                "NamespaceDeletionContentFailure", false, "ContentDeleted",
                "All content successfully deleted, may be waiting on finalization"
            ),
            remains.counts.isEmpty
                ? ("NamespaceContentRemaining", false, "ContentRemoved", "All content successfully removed")
                : (
                    "NamespaceContentRemaining", true, "SomeResourcesRemain",
                    "Some resources are remaining: \(resources)"
                ),
            remains.finalizers.isEmpty
                ? (
                    "NamespaceFinalizersRemaining", false, "ContentHasNoFinalizers",
                    "All content-preserving finalizers finished"
                )
                : (
                    "NamespaceFinalizersRemaining", true, "SomeFinalizersRemain",
                    "Some content in the namespace has finalizers remaining: \(finalizers)"
                ),
        ]
        let now = Timestamp.now().rfc3339
        let conditions = wanted.map { want -> JSON in
            let before = old.first { $0.text("type") == want.type }
            let status = want.isTrue ? "True" : "False"
            let time = before?.text("status") == status ? before?.text("lastTransitionTime") ?? now : now
            return [
                "type": .string(want.type), "status": .string(status), "lastTransitionTime": .string(time),
                "reason": .string(want.reason), "message": .string(want.message),
            ]
        }
        // A namespace that goes at once needs no note.
        if remains.isEmpty && old.isEmpty || conditions == old { return }
        _ = try await api.mergePatch(
            .namespaces, namespace: nil, name: DynamicObject(namespace).name, subresource: "status",
            ["status": ["conditions": .array(conditions)]])
    }
}
