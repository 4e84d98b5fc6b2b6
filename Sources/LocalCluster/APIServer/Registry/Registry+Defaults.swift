import KubeCore

extension Registry {
    /// Makes the objects that every cluster has. Those that are there stay as they are.
    package func createDefaultObjects() async throws(Status) {
        for name in ["default", "kube-system", "kube-public", "kube-node-lease"] {
            try await ensure(.namespaces, namespace: nil, name: name, [:])
        }
        try await ensure(
            .services, namespace: "default", name: "kubernetes",
            [
                "metadata": ["labels": ["component": "apiserver", "provider": "kubernetes"]],
                "spec": [
                    "ports": [["name": "https", "port": 443, "protocol": "TCP", "targetPort": 6443]],
                    "clusterIP": .string(firstServiceAddress),
                ],
            ])
        let type = ResourceType(
            group: "scheduling.k8s.io", version: "v1", kind: "PriorityClass", plural: "priorityclasses",
            isNamespaced: false)
        try await ensure(
            type, namespace: nil, name: "system-node-critical",
            [
                "value": 2_000_001_000,
                "description": "Used for system critical pods that must not be moved from their current node.",
            ])
        try await ensure(
            type, namespace: nil, name: "system-cluster-critical",
            [
                "value": 2_000_000_000,
                "description":
                    "Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.",
            ])
    }

    private func ensure(
        _ type: ResourceType, namespace: String?, name: String, _ object: JSON
    ) async throws(Status) {
        guard let resource = kinds.resource(type) else { return }
        if store.get(resource.storage, ObjectKey(namespace: namespace, name: name)) != nil { return }
        var object = object
        object["kind"] = .string(type.kind)
        object["apiVersion"] = .string(type.apiVersion)
        object.setMeta("name", .string(name))
        _ = try await create(type, namespace: namespace, object)
    }

    /// The first address of the Service range.
    package var firstServiceAddress: String {
        let parts = options.serviceRange.split(separator: "/")
        var octets = (parts.first ?? "").split(separator: ".").compactMap { Int($0) }
        guard octets.count == 4 else { return "10.96.0.1" }
        octets[3] += 1
        return octets.map(String.init).joined(separator: ".")
    }
}
