import KubeCore

/// The operations on objects of one kind, in one namespace or in all.
///
/// A value without state: make it where it is used. All methods throw ``ClientError``; `deadline` bounds a call with
/// all its attempts, and is ``ClientConfiguration/Timeouts/request`` from now when left out.
public struct ResourceClient<Object: Sendable>: Sendable {
    public let client: APIClient
    public let type: ResourceType
    /// Nil means every namespace, for lists and watches; ignored for kinds of the cluster.
    public let namespace: String?
    /// Keeps `metadata.managedFields`, often half of an object, which only few programs read.
    public var keepsManagedFields = false
    /// Replaces the `Accept` header of reads and watches.
    var accept: String?
    let codec: ObjectCodec<Object>

    public init(client: APIClient, type: ResourceType, namespace: String?, codec: ObjectCodec<Object>) {
        self.client = client
        self.type = type
        self.namespace = namespace
        self.codec = codec
    }

    /// The same kind in another namespace, nil for all.
    public func inNamespace(_ namespace: String?) -> Self {
        var copy = Self(client: client, type: type, namespace: namespace, codec: codec)
        copy.keepsManagedFields = keepsManagedFields
        copy.accept = accept
        return copy
    }

    var parseOptions: JSONParseOptions { JSONParseOptions(dropManagedFields: !keepsManagedFields) }
}

extension APIClient {
    /// Objects of a kind as JSON.
    ///
    /// - Parameter namespace: nil means every namespace for lists and watches; single objects of a namespaced kind
    ///   need one. The configuration's own is `configuration.namespace`.
    public func resource(_ type: ResourceType, namespace: String? = nil) -> ResourceClient<DynamicObject> {
        ResourceClient(client: self, type: type, namespace: namespace, codec: .dynamic)
    }

    /// Objects of a kind as a Swift type.
    public func resource<Object: KubeObject>(
        _ type: Object.Type, namespace: String? = nil
    ) -> ResourceClient<Object> {
        ResourceClient(client: self, type: Object.resourceType, namespace: namespace, codec: .typed)
    }

    /// Only the metadata of objects of a kind (`PartialObjectMetadata`), for those who watch many and read little.
    public func metadata(_ type: ResourceType, namespace: String? = nil) -> ResourceClient<DynamicObject> {
        var resource = ResourceClient(client: self, type: type, namespace: namespace, codec: .dynamic)
        resource.accept = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json"
        return resource
    }
}

extension ResourceClient {
    public func get(
        _ name: String, subresource: String? = nil, deadline: ContinuousClock.Instant? = nil
    ) async throws(ClientError) -> Object {
        try checkNamed(name)
        let request = APIRequest.get(type, namespace: namespace, name: name, subresource: subresource)
        return try await object(from: accepting(request), deadline: deadline)
    }

    /// The object, or nil when there is none of that name.
    public func getIfPresent(
        _ name: String, deadline: ContinuousClock.Instant? = nil
    ) async throws(ClientError) -> Object? {
        do throws(ClientError) {
            return try await get(name, deadline: deadline)
        } catch {
            if error.isNotFound { return nil }
            throw error
        }
    }

    /// Creates an object.
    ///
    /// After ``ClientError/isOutcomeUnknown`` the caller sends the same name again and takes AlreadyExists as its own
    /// work if the object found carries its mark: libcurl itself may send a request twice on a connection that died.
    public func create(
        _ object: Object, options: WriteOptions = .init(), deadline: ContinuousClock.Instant? = nil
    ) async throws(ClientError) -> Object {
        try checkNamespace()
        let request = APIRequest.create(type, namespace: namespace, try encode(object), options: options)
        return try await self.object(from: request, deadline: deadline)
    }

    /// Creates under an object: `eviction` of a pod, `token` of a service account. Returns the answer as it is.
    public func create(
        _ subresource: String, of name: String, _ body: JSON, options: WriteOptions = .init(),
        deadline: ContinuousClock.Instant? = nil
    ) async throws(ClientError) -> JSON {
        try checkNamed(name)
        let request = APIRequest.create(
            type, namespace: namespace, name: name, subresource: subresource, body, options: options)
        return try await client.json(request, deadline: deadline)
    }

    /// Replaces the object of the same name; fails with a conflict when its resourceVersion is not the present one.
    public func replace(
        _ object: Object, subresource: String? = nil, options: WriteOptions = .init(),
        deadline: ContinuousClock.Instant? = nil
    ) async throws(ClientError) -> Object {
        let json = try encode(object)
        let name = try name(of: json)
        let request = APIRequest.replace(
            type, namespace: namespace, name: name, subresource: subresource, json, options: options)
        return try await self.object(from: request, deadline: deadline)
    }

    public func replaceStatus(
        _ object: Object, options: WriteOptions = .init(), deadline: ContinuousClock.Instant? = nil
    ) async throws(ClientError) -> Object {
        try await replace(object, subresource: "status", options: options, deadline: deadline)
    }

    public func patch(
        _ name: String, _ patch: Patch, subresource: String? = nil, options: WriteOptions = .init(),
        deadline: ContinuousClock.Instant? = nil
    ) async throws(ClientError) -> Object {
        try checkNamed(name)
        let request = APIRequest.patch(
            type, namespace: namespace, name: name, subresource: subresource, patch.type, patch.body,
            options: options)
        return try await object(from: request, deadline: deadline)
    }

    public func patchStatus(
        _ name: String, _ patch: Patch, options: WriteOptions = .init(), deadline: ContinuousClock.Instant? = nil
    ) async throws(ClientError) -> Object {
        try await self.patch(name, patch, subresource: "status", options: options, deadline: deadline)
    }

    /// Server-side apply of all that `fieldManager` wants of the object; creates it when it is not there.
    ///
    /// `resourceVersion` and `managedFields`, which an applied object must not carry over, are left to the caller.
    public func apply(
        _ object: Object, fieldManager: String, force: Bool = false, subresource: String? = nil,
        options: WriteOptions = .init(), deadline: ContinuousClock.Instant? = nil
    ) async throws(ClientError) -> Object {
        try await apply(
            json: try encode(object), fieldManager: fieldManager, force: force, subresource: subresource,
            options: options, deadline: deadline)
    }

    /// Server-side apply of JSON, for when a Swift type would say more than the manager wants to own.
    public func apply(
        json: JSON, fieldManager: String, force: Bool = false, subresource: String? = nil,
        options: WriteOptions = .init(), deadline: ContinuousClock.Instant? = nil
    ) async throws(ClientError) -> Object {
        let patch = Patch.apply(complete(json), fieldManager: fieldManager, force: force)
        return try await self.patch(
            try name(of: json), patch, subresource: subresource, options: options, deadline: deadline)
    }

    public func applyStatus(
        json: JSON, fieldManager: String, force: Bool = false, options: WriteOptions = .init(),
        deadline: ContinuousClock.Instant? = nil
    ) async throws(ClientError) -> Object {
        try await apply(
            json: json, fieldManager: fieldManager, force: force, subresource: "status", options: options,
            deadline: deadline)
    }

    public func applyStatus(
        _ object: Object, fieldManager: String, force: Bool = false, options: WriteOptions = .init(),
        deadline: ContinuousClock.Instant? = nil
    ) async throws(ClientError) -> Object {
        try await apply(
            object, fieldManager: fieldManager, force: force, subresource: "status", options: options,
            deadline: deadline)
    }

    /// Asks for an object's deletion, which finalizers and a grace period may put off.
    public func delete(
        _ name: String, options: DeleteOptions = .init(), deadline: ContinuousClock.Instant? = nil
    ) async throws(ClientError) -> DeletionResult<Object> {
        try checkNamed(name)
        let request = APIRequest.delete(type, namespace: namespace, name: name, options: options)
        let response = try await client.send(request, deadline: deadline)
        let json = try response.json(options: parseOptions)
        if let status = Status(json: json) { return .gone(status) }
        return .underWay(try decode(json, source: response.source))
    }

    /// Deletes all objects that `list` selects. Tens of thousands at once time out on the server: give a `limit`, and
    /// repeat.
    public func deleteCollection(
        _ list: ListOptions = .init(), options: DeleteOptions = .init(), deadline: ContinuousClock.Instant? = nil
    ) async throws(ClientError) {
        try checkNamespace()
        let request = APIRequest.deleteCollection(type, namespace: namespace, list: list, options: options)
        _ = try await client.send(request, deadline: deadline)
    }
}

/// What a deletion came to.
public enum DeletionResult<Object: Sendable>: Sendable {
    /// The object is no more.
    case gone(Status)
    /// The object as it waits for its finalizers or its grace period.
    case underWay(Object)
}

/// A change to an object.
public struct Patch: Sendable, Hashable {
    public let type: PatchType
    public let body: JSON

    /// RFC 7386: what is named is set, null removes, arrays are replaced.
    public static func merge(_ body: JSON) -> Patch { Patch(type: .merge, body: body) }
    /// RFC 6902: an array of operations; a failing `test` refuses all.
    public static func json(_ operations: [JSON]) -> Patch { Patch(type: .json, body: .array(operations)) }
    /// Kubernetes' own, for built-in kinds.
    public static func strategic(_ body: JSON) -> Patch { Patch(type: .strategic, body: body) }
    /// Server-side apply.
    public static func apply(_ body: JSON, fieldManager: String, force: Bool = false) -> Patch {
        Patch(type: .apply(manager: fieldManager, force: force), body: body)
    }
}
