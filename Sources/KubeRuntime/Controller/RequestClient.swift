import KubeClient
import KubeCore

/// What writes of the runtime (leases, events, finalizers, status) go through: requests as values. `APIClient` is one;
/// tests script another.
public protocol RequestClient: Sendable {
    /// Sends a request and parses its answer.
    ///
    /// - Parameter timeout: for all attempts together; nil leaves it to the client.
    func answer(_ request: APIRequest, within timeout: Duration?) async throws(ClientError) -> JSON
}

extension RequestClient {
    func answer(_ request: APIRequest) async throws(ClientError) -> JSON {
        try await answer(request, within: nil)
    }
}

extension APIClient: RequestClient {
    public func answer(_ request: APIRequest, within timeout: Duration?) async throws(ClientError) -> JSON {
        try await json(
            request, deadline: timeout.map { .now + $0 }, options: JSONParseOptions(dropManagedFields: true))
    }
}
