import KubeCore

/// What to read of a container's log.
public struct LogOptions: Sendable, Hashable {
    /// Needed when the pod has several.
    public var container: String?
    /// Goes on until the container ends.
    public var follow: Bool
    /// The log of the container's previous run.
    public var previous: Bool
    public var sinceSeconds: Int64?
    public var sinceTime: Timestamp?
    public var timestamps: Bool
    public var tailLines: Int64?
    public var limitBytes: Int64?

    public init(
        container: String? = nil, follow: Bool = false, previous: Bool = false, sinceSeconds: Int64? = nil,
        sinceTime: Timestamp? = nil, timestamps: Bool = false, tailLines: Int64? = nil, limitBytes: Int64? = nil
    ) {
        self.container = container
        self.follow = follow
        self.previous = previous
        self.sinceSeconds = sinceSeconds
        self.sinceTime = sinceTime
        self.timestamps = timestamps
        self.tailLines = tailLines
        self.limitBytes = limitBytes
    }

    var query: [(String, String)] {
        var query: [(String, String)] = []
        if let container { query.append(("container", container)) }
        if follow { query.append(("follow", "true")) }
        if previous { query.append(("previous", "true")) }
        if let sinceSeconds { query.append(("sinceSeconds", String(sinceSeconds))) }
        if let sinceTime { query.append(("sinceTime", sinceTime.rfc3339)) }
        if timestamps { query.append(("timestamps", "true")) }
        if let tailLines { query.append(("tailLines", String(tailLines))) }
        if let limitBytes { query.append(("limitBytes", String(limitBytes))) }
        return query
    }
}

extension APIClient {
    /// A container's log as bytes.
    ///
    /// With `follow` there is no time limit, as a container may be silent for ever: the server then sends not even the
    /// head of its answer before the first byte.
    public func logs(
        pod: String, namespace: String, options: LogOptions = .init()
    ) async throws(ClientError) -> ResponseStream {
        let request = logRequest(pod: pod, namespace: namespace, options: options)
        return try await stream(
            request, headTimeout: options.follow ? nil : configuration.timeouts.request, idleTimeout: nil)
    }

    /// A container's log by lines.
    public func logLines(
        pod: String, namespace: String, options: LogOptions = .init()
    ) async throws(ClientError) -> LineStream {
        let request = logRequest(pod: pod, namespace: namespace, options: options)
        return LineStream(
            bytes: try await logs(pod: pod, namespace: namespace, options: options), source: source(request))
    }

    private func logRequest(pod: String, namespace: String, options: LogOptions) -> APIRequest {
        var request = APIRequest.get(.pods, namespace: namespace, name: pod, subresource: "log")
        request.query = options.query
        // The log is text, but an error about it is a Status.
        request.headers = [("Accept", "*/*")]
        return request
    }
}
