// The verbs of the API as requests.

extension APIRequest {
    private static let accept = ("Accept", "application/json")
    private static let json = ("Content-Type", "application/json")

    public static func get(
        _ type: ResourceType, namespace: String? = nil, name: String, subresource: String? = nil
    ) -> APIRequest {
        APIRequest(
            method: .get, path: type.path(namespace: namespace, name: name, subresource: subresource),
            headers: [accept])
    }

    /// Lists a namespace, or every one when it is nil.
    public static func list(
        _ type: ResourceType, namespace: String? = nil, options: ListOptions = .init()
    ) -> APIRequest {
        APIRequest(method: .get, path: type.path(namespace: namespace), query: options.query, headers: [accept])
    }

    /// Watches a namespace, or every one when it is nil; the answer is a stream of lines, see `WatchFrame`.
    public static func watch(
        _ type: ResourceType, namespace: String? = nil, options: ListOptions = .init()
    ) -> APIRequest {
        APIRequest(
            method: .get, path: type.path(namespace: namespace), query: [("watch", "true")] + options.query,
            headers: [accept])
    }

    /// Creates an object; with a name and a subresource, creates under an object (`pods/NAME/eviction`).
    public static func create(
        _ type: ResourceType, namespace: String? = nil, name: String? = nil, subresource: String? = nil,
        _ object: JSON, options: WriteOptions = .init()
    ) -> APIRequest {
        APIRequest(
            method: .post, path: type.path(namespace: namespace, name: name, subresource: subresource),
            query: options.query, headers: [accept, json], body: object.encoded())
    }

    /// Replaces an object; its `metadata.resourceVersion`, when there, makes the write conditional.
    public static func replace(
        _ type: ResourceType, namespace: String? = nil, name: String, subresource: String? = nil, _ object: JSON,
        options: WriteOptions = .init()
    ) -> APIRequest {
        APIRequest(
            method: .put, path: type.path(namespace: namespace, name: name, subresource: subresource),
            query: options.query, headers: [accept, json], body: object.encoded())
    }

    public static func patch(
        _ type: ResourceType, namespace: String? = nil, name: String, subresource: String? = nil,
        _ patchType: PatchType, _ patch: JSON, options: WriteOptions = .init()
    ) -> APIRequest {
        var options = options
        var query: [(String, String)] = []
        if case .apply(let manager, let force) = patchType {
            options.fieldManager = manager
            if force { query.append(("force", "true")) }
        }
        return APIRequest(
            method: .patch, path: type.path(namespace: namespace, name: name, subresource: subresource),
            query: options.query + query, headers: [accept, ("Content-Type", patchType.contentType)],
            body: patch.encoded())
    }

    public static func delete(
        _ type: ResourceType, namespace: String? = nil, name: String, options: DeleteOptions = .init()
    ) -> APIRequest {
        APIRequest(
            method: .delete, path: type.path(namespace: namespace, name: name), headers: [accept, json],
            body: options.json.encoded())
    }

    /// Deletes all objects that `list` would give. Keep it small, by pages of `limit`: tens of thousands at once time
    /// out on the server.
    public static func deleteCollection(
        _ type: ResourceType, namespace: String? = nil, list: ListOptions = .init(), options: DeleteOptions = .init()
    ) -> APIRequest {
        APIRequest(
            method: .delete, path: type.path(namespace: namespace), query: list.query, headers: [accept, json],
            body: options.json.encoded())
    }
}
