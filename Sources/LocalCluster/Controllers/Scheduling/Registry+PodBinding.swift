import KubeCore

extension Registry: PodBinding {
    /// As `POST pods/NAME/binding` does.
    package func bind(namespace: String, name: String, uid: String, node: String) async throws(Status) {
        guard let resource = kinds.resource(.pods) else { throw .notFound(.pods, name) }
        let binding: JSON = [
            "apiVersion": "v1", "kind": "Binding",
            "metadata": ["name": .string(name), "namespace": .string(namespace), "uid": .string(uid)],
            "target": ["apiVersion": "v1", "kind": "Node", "name": .string(node)],
        ]
        var options = ServerWriteOptions()
        options.fieldManager = Scheduler.name
        options.fieldValidation = .ignore
        _ = try await bind(resource, namespace: namespace, name: name, body: RequestBody(binding), options)
    }
}
