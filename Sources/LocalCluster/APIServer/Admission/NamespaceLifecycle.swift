import KubeCore

/// Keeps objects out of namespaces that are not there or are going, and the namespaces of the system where they are.
package struct NamespaceLifecycle: AdmissionPlugin {
    private static let immortal: Set<String> = ["default", "kube-system", "kube-public"]

    package init() {}

    package func mutate(_ request: inout AdmissionRequest, _ registry: Registry) async throws(Status) {
        let type = request.resource.type
        if request.operation == .delete {
            if request.resource.storage == Registry.namespaces, Self.immortal.contains(request.name) {
                throw .forbidden(type, request.name, "this namespace may not be deleted")
            }
            return
        }
        guard request.operation == .create, type.isNamespaced, let namespace = request.namespace else { return }
        guard let stored = registry.store.get(Registry.namespaces, ObjectKey(namespace: nil, name: namespace)) else {
            throw .notFound(.namespaces, namespace)
        }
        let object = stored.json(typed: nil)
        guard object.isBeingDeleted else { return }
        // Reviews leave nothing behind.
        if request.resource.kind.isVirtual { return }
        var status = Status.forbidden(
            type, request.name,
            "unable to create new content in namespace \(namespace) because it is being terminated")
        status.details?.causes = [
            Status.Cause(
                reason: "NamespaceTerminating", message: "namespace \(namespace) is being terminated",
                field: "metadata.namespace")
        ]
        throw status
    }
}
