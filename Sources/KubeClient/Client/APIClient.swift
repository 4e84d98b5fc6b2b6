import KubeCore
import Logging

/// A connection to one API server: HTTP/2 connections shared by all calls, credentials kept fresh, errors explained.
///
/// Make one for a process and pass it around; it is cheap to share and not cheap to make. Calls are cancelled with
/// their task. ``shutdown()`` (or releasing the last reference) ends its threads and fails what is under way.
///
/// Retries: a read is tried again when the connection broke under it; any request when the server said that it did not
/// process it (429) and, for reads, on 503 with Retry-After; all within the deadline. A write whose connection broke is
/// reported as ``ClientError/Code/outcomeUnknown``, since libcurl and the network cannot tell whether it happened.
public final class APIClient: Sendable {
    public let configuration: ClientConfiguration
    let logger: Logger
    let endpoint: Endpoint
    let credentials: CredentialStore
    let retry: RetryPolicy
    private let requestLane: TransportLane
    private let streamLane: TransportLane

    /// Reads the files that the configuration names; connects to nothing yet.
    ///
    /// - Parameter logger: gets each exchange at `trace`, retries and credential reloads at `debug`, server warnings
    ///   at `warning`. Never a body, a header or a credential.
    public convenience init(configuration: ClientConfiguration, logger: Logger) throws(ClientError) {
        let endpoint = try Endpoint(configuration)
        let credentials = try CredentialStore(configuration, endpoint: endpoint, logger: logger)
        self.init(
            configuration: configuration, endpoint: endpoint, credentials: credentials, retry: RetryPolicy(),
            logger: logger)
    }

    init(
        configuration: ClientConfiguration, endpoint: Endpoint, credentials: CredentialStore, retry: RetryPolicy,
        logger: Logger
    ) {
        self.configuration = configuration
        self.endpoint = endpoint
        self.credentials = credentials
        self.retry = retry
        self.logger = logger
        let limits = configuration.limits
        let assumed: HTTPProtocol? = endpoint.isTLS && !configuration.isHTTP1Only ? nil : .http1
        requestLane = TransportLane(
            name: "kube-requests", assumedProtocol: assumed,
            limits: AdmissionLimits(
                http2Connections: limits.requestConnections, http1Connections: limits.http1RequestConnections))
        streamLane = TransportLane(
            name: "kube-streams", assumedProtocol: assumed,
            limits: AdmissionLimits(
                http2Connections: limits.streamConnections, http1Connections: limits.http1StreamConnections))
    }

    deinit {
        shutdown()
    }

    /// A client of the same server and credentials with connections of its own, which nobody else's load can fill:
    /// for lease renewal.
    public func dedicated() -> APIClient {
        APIClient(
            configuration: configuration, endpoint: endpoint, credentials: credentials, retry: retry, logger: logger)
    }

    /// Fails everything under way with ``ClientError/Code/closed`` and ends the threads. Later calls fail likewise.
    public func shutdown() {
        requestLane.close()
        streamLane.close()
    }

    /// Sends a request and returns its answer of 2xx with the whole body.
    ///
    /// - Parameter deadline: when to give up, all attempts included; by default
    ///   ``ClientConfiguration/Timeouts/request`` from now.
    /// - Throws: ``ClientError``; an answer of 400 and more as ``ClientError/Code/status(_:)``.
    public func send(
        _ request: APIRequest, deadline: ContinuousClock.Instant? = nil
    ) async throws(ClientError) -> APIResponse {
        let mode = TransferRequest.Mode.collect(limit: configuration.limits.responseBytes)
        let deadline = deadline ?? .now + configuration.timeouts.request
        let (response, _) = try await perform(request, on: requestLane, deadline: deadline, mode: mode)
        return APIResponse(status: response.status, head: response.head, body: response.body, source: source(request))
    }

    /// Sends a request and parses its answer, `.null` when that has no body.
    public func json(
        _ request: APIRequest, deadline: ContinuousClock.Instant? = nil, options: JSONParseOptions = .init()
    ) async throws(ClientError) -> JSON {
        try await send(request, deadline: deadline).json(options: options)
    }

    /// Sends a request and returns when the head of a 2xx answer is there; the body follows as it is read.
    ///
    /// A reader that is slower than the server makes the transfer pause, so that no more than
    /// ``ClientConfiguration/Limits/streamBufferBytes`` wait in this process (and, on HTTP/2, libcurl's window of up to
    /// 32 MB).
    ///
    /// - Parameters:
    ///   - headTimeout: from now to the head of the answer; nil waits for ever.
    ///   - idleTimeout: silence after which the stream fails with ``ClientError/Code/timeout``; nil for none. The time
    ///     in which a slow reader pauses the transfer does not count.
    public func stream(
        _ request: APIRequest, headTimeout: Duration? = .seconds(30), idleTimeout: Duration? = nil
    ) async throws(ClientError) -> ResponseStream {
        let buffer = StreamBuffer(capacity: configuration.limits.streamBufferBytes)
        let mode = TransferRequest.Mode.stream(buffer, idleTimeout: idleTimeout)
        let deadline = headTimeout.map { ContinuousClock.now + $0 }
        let (response, transfer) = try await perform(request, on: streamLane, deadline: deadline, mode: mode)
        return ResponseStream(
            head: response.head, status: response.status, buffer: buffer, transfer: transfer,
            explain: explainer(for: request, deadline: nil))
    }

    /// What is under way, for metrics and tests.
    var statistics: (requests: CurlLoop.Statistics, streams: CurlLoop.Statistics) {
        (requestLane.statistics, streamLane.statistics)
    }
}
