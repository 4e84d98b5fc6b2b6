import KubeCore

/// The in-process way in, with the same semantics as over HTTP.
extension Registry: ClusterAPI {
    private func served(_ type: ResourceType) throws(Status) -> Resource {
        guard let resource = kinds.resource(type) else { throw .unknownResource }
        return resource
    }

    private var internalOptions: ServerWriteOptions {
        var options = ServerWriteOptions()
        options.fieldManager = "local-cluster"
        options.fieldValidation = .ignore
        return options
    }

    package func get(_ type: ResourceType, namespace: String?, name: String) async throws(Status) -> JSON {
        let resource = try served(type)
        return present(try get(resource, namespace: namespace, name: name), resource)
    }

    package func list(
        _ type: ResourceType, namespace: String?
    ) async throws(Status) -> (items: [JSON], resourceVersion: UInt64) {
        let resource = try served(type)
        guard case .page(let page) = try list(resource, namespace: namespace, ServerListOptions()) else {
            throw .expired("the list expired")
        }
        return (page.objects.map { present($0, resource) }, page.revision)
    }

    package func create(_ type: ResourceType, namespace: String?, _ object: JSON) async throws(Status) -> JSON {
        let resource = try served(type)
        return try await create(resource, namespace: namespace, body: RequestBody(object), internalOptions).object
    }

    package func update(
        _ type: ResourceType, namespace: String?, name: String, subresource: String?, _ object: JSON
    ) async throws(Status) -> JSON {
        var options = internalOptions
        options.subresource = subresource
        return try await update(
            try served(type), namespace: namespace, name: name, body: RequestBody(object), options
        ).object
    }

    package func mergePatch(
        _ type: ResourceType, namespace: String?, name: String, subresource: String?, _ patch: JSON
    ) async throws(Status) -> JSON {
        var options = internalOptions
        options.subresource = subresource
        return try await self.patch(
            try served(type), namespace: namespace, name: name, .merge, body: patch.encoded(), options
        ).object
    }

    package func delete(
        _ type: ResourceType, namespace: String?, name: String, uid: String?, gracePeriodSeconds: Int64?,
        propagationPolicy: String?
    ) async throws(Status) {
        var options = ServerDeleteOptions()
        options.uid = uid
        options.gracePeriodSeconds = gracePeriodSeconds
        options.propagation = propagationPolicy.flatMap(ServerDeleteOptions.Propagation.init(rawValue:))
        _ = try await delete(try served(type), namespace: namespace, name: name, options)
    }

    package func watch(_ type: ResourceType, after resourceVersion: UInt64) -> AsyncStream<WatchFrame> {
        guard let resource = kinds.resource(type) else { return AsyncStream { $0.finish() } }
        let session = WatchSession(
            store: store, resource: resource.storage, selection: Selection(namespace: ""), initial: [],
            endsInitialEvents: false, cursor: resourceVersion, bookmarks: false, timeout: nil)
        let frames = FrameQueue(session: session, registry: self, resource: resource)
        return AsyncStream(unfolding: { await frames.next() })
    }

    package func servedTypes() async -> [ResourceType] {
        kinds.kinds.filter { !$0.isVirtual && $0.storedAs == nil }.compactMap { kind in
            kind.versions.filter(\.isServed).max { VersionPriority($0.name) < VersionPriority($1.name) }
                .map { kind.resourceType(version: $0.name) }
        }
    }
}

/// Hands out the frames of a session one by one. Read by one task at a time.
private actor FrameQueue {
    private let session: WatchSession
    private let registry: Registry
    private let resource: Resource
    private var ready: [WatchFrame] = []

    init(session: WatchSession, registry: Registry, resource: Resource) {
        self.session = session
        self.registry = registry
        self.resource = resource
    }

    func next() async -> WatchFrame? {
        while ready.isEmpty {
            guard let outputs = await session.next() else { return nil }
            for output in outputs {
                switch output {
                case .change(let type, let object, let shownAt):
                    ready.append(
                        WatchFrame(type: type, object: registry.present(object, resource, shownAt: shownAt)))
                case .error, .bookmark: break
                }
            }
            ready.reverse()
        }
        return ready.popLast()
    }
}
