import KubeCore

extension Registry {
    private static let nodes = GroupResource(group: "", resource: "nodes")
    private static let notReady = "node.kubernetes.io/not-ready"

    /// Keeps the taint `not-ready` of one node in line with its Ready condition, as a cluster's node lifecycle controller does: a
    /// node is born with it, and pods are scheduled there once it has gone. Runs until the task is cancelled or the store closed.
    package func runNodeReadiness(of name: String) async {
        let waker = Waker()
        store.register(waker, for: Self.nodes)
        defer { store.unregister(waker, for: Self.nodes) }
        while !Task.isCancelled, !store.isClosed {
            do throws(Status) {
                try await alignTaint(of: name)
            } catch {
                logger.warning("The not-ready taint of node \(name) could not be changed: \(error.message)")
            }
            await waker.wait()
        }
    }

    private func alignTaint(of name: String) async throws(Status) {
        guard let resource = kinds.resource(.nodes),
            let stored = store.get(Self.nodes, ObjectKey(namespace: nil, name: name))
        else { return }
        let node = present(stored, resource)
        let isReady = (node.at("status", "conditions")?.arrayValue ?? []).contains {
            $0["type"]?.stringValue == "Ready" && $0["status"]?.stringValue == "True"
        }
        let taints = node.at("spec", "taints")?.arrayValue ?? []
        guard taints.contains(where: { $0["key"]?.stringValue == Self.notReady }) == isReady else { return }
        var options = ServerWriteOptions()
        options.fieldManager = "node-lifecycle-controller"
        do throws(Status) {
            _ = try await change(resource, namespace: nil, name: name, options) {
                (existing: JSON) throws(Status) -> DecodedObject in
                var node = existing
                var taints = (existing.at("spec", "taints")?.arrayValue ?? []).filter {
                    $0["key"]?.stringValue != Self.notReady
                }
                if !isReady { taints.append(["key": .string(Self.notReady), "effect": "NoSchedule"]) }
                node.set(taints.isEmpty ? nil : .array(taints), at: ["spec", "taints"])
                return DecodedObject(object: node)
            }
        } catch {
            if error.reason != .notFound { throw error }
        }
    }
}
