import KubeClient
import KubeCore

/// What a reflector asks of a client. `APIClient` is one; tests script another.
///
/// Both functions must end when their task is cancelled.
public protocol ListWatchClient: Sendable {
    /// One page of a list of the most recent state.
    func listPage(
        _ type: ResourceType, scope: WatchScope, request: ListRequest
    ) async throws(ClientError) -> ObjectList<DynamicObject>

    /// Opens a watch. The events end when the server ends it, and throw when the line breaks.
    func watchEvents(
        _ type: ResourceType, scope: WatchScope, request: WatchRequest
    ) async throws(ClientError) -> any AsyncSequence<WatchEvent<DynamicObject>, ClientError> & Sendable
}

extension APIClient: ListWatchClient {
    public func listPage(
        _ type: ResourceType, scope: WatchScope, request: ListRequest
    ) async throws(ClientError) -> ObjectList<DynamicObject> {
        try await resource(type, namespace: scope.namespace).list(request.options(in: scope))
    }

    public func watchEvents(
        _ type: ResourceType, scope: WatchScope, request: WatchRequest
    ) async throws(ClientError) -> any AsyncSequence<WatchEvent<DynamicObject>, ClientError> & Sendable {
        try await resource(type, namespace: scope.namespace).watch(request.options(in: scope))
    }
}

/// A list request. An empty resourceVersion is always asked for: the most recent state, not what a cache has.
public struct ListRequest: Sendable, Hashable {
    /// The size of a page; nil asks for everything at once.
    public var limit: Int?
    /// Where to go on, from the page before.
    public var continueToken: String?

    public init(limit: Int?, continueToken: String? = nil) {
        self.limit = limit
        self.continueToken = continueToken
    }
}

/// A watch request. Bookmarks are always asked for.
public struct WatchRequest: Sendable, Hashable {
    /// The state to go on from; empty for a streaming list.
    public var resourceVersion: String
    /// Asks for a streaming list: all objects as ADDED, then a bookmark that says so, then changes.
    public var sendInitialEvents: Bool
    /// When the server should end the watch, so that watches spread over its replicas.
    public var timeoutSeconds: Int

    public init(resourceVersion: String, sendInitialEvents: Bool, timeoutSeconds: Int) {
        self.resourceVersion = resourceVersion
        self.sendInitialEvents = sendInitialEvents
        self.timeoutSeconds = timeoutSeconds
    }
}

extension ListRequest {
    /// The parameters of the request, as the API names them.
    public func options(in scope: WatchScope) -> ListOptions {
        ListOptions(
            labelSelector: scope.labelSelector, fieldSelector: scope.fieldSelector, limit: limit.map { Int64($0) },
            continueToken: continueToken)
    }
}

extension WatchRequest {
    /// The parameters of the request, as the API names them.
    public func options(in scope: WatchScope) -> ListOptions {
        ListOptions(
            labelSelector: scope.labelSelector, fieldSelector: scope.fieldSelector,
            resourceVersion: resourceVersion.isEmpty ? nil : resourceVersion,
            // The server wants to hear this with a streaming list, and only then.
            resourceVersionMatch: sendInitialEvents ? "NotOlderThan" : nil, timeoutSeconds: Int64(timeoutSeconds),
            allowWatchBookmarks: true, sendInitialEvents: sendInitialEvents ? true : nil)
    }
}
