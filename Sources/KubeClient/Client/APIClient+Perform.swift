import KubeCore
import Logging

extension APIClient {
    /// The attempts of one call. Returns an answer of 2xx; for a stream its head, with the body to come in the buffer
    /// of `mode`.
    func perform(
        _ request: APIRequest, on lane: TransportLane, deadline: ContinuousClock.Instant?, mode: TransferRequest.Mode
    ) async throws(ClientError) -> (TransferResponse, TransferReference) {
        let loop = try lane.loop()
        let explain = explainer(for: request, deadline: deadline)
        var attempt = 0
        var hasReloaded = false
        while true {
            let credential = try await credentials.current(deadline: deadline)
            let id = loop.makeID()
            let transfer = transferRequest(request, credential: credential, deadline: deadline, mode: mode)
            logger.trace("request", metadata: ["request": "\(request)", "attempt": "\(attempt)"])
            let answer = await loop.perform(transfer, id: id)
            let verdict: RetryPolicy.Verdict
            let error: ClientError
            switch answer {
            case .success(let response) where (200..<300).contains(response.status):
                logWarnings(response.head, request)
                return (response, TransferReference(loop: loop, id: id))
            case .success(let response):
                error = explain.refusal(response)
                if response.status == 401, !hasReloaded {
                    hasReloaded = true
                    logger.debug("credentials refused, reloading", metadata: ["request": "\(request)"])
                    if try await credentials.reload(rejected: credential.generation, deadline: deadline) { continue }
                }
                verdict = retry.afterStatus(
                    response.status, retryAfter: error.retryAfter, isRead: request.isRead, attempt: attempt)
            case .failure(let failure):
                error = explain.failure(failure)
                // Certificates and authorities may have been replaced since their files were read.
                if case .tls = error.code, !error.isOutcomeUnknown, !hasReloaded {
                    hasReloaded = true
                    if credentials.rereadFiles(rejected: credential.generation) { continue }
                }
                verdict = retry.afterFailure(failure, isRead: request.isRead, attempt: attempt)
            }
            guard case .retry(let delay) = verdict, deadline.map({ .now + delay < $0 }) ?? true else { throw error }
            attempt += 1
            logger.debug(
                "trying again", metadata: ["request": "\(request)", "after": "\(delay)", "why": "\(error.message)"])
            guard await retry.sleep(delay) else { throw explain.cancelled }
        }
    }

    private func transferRequest(
        _ request: APIRequest, credential: CredentialSnapshot, deadline: ContinuousClock.Instant?,
        mode: TransferRequest.Mode
    ) -> TransferRequest {
        var headers: [(name: String, value: String)] = []
        headers.reserveCapacity(request.headers.count + credential.headers.count + 2)
        var hasAccept = false
        var hasContentType = false
        for (name, value) in request.headers {
            headers.append((name, value))
            switch name.lowercased() {
            case "accept": hasAccept = true
            case "content-type": hasContentType = true
            default: break
            }
        }
        if !hasAccept { headers.append(("Accept", "application/json")) }
        // libcurl would call the body a form.
        if request.body != nil, !hasContentType { headers.append(("Content-Type", "application/json")) }
        if let host = endpoint.hostHeader { headers.append(("Host", host)) }
        headers.append(contentsOf: credential.headers)
        var isStream = false
        if case .stream = mode { isStream = true }
        return TransferRequest(
            method: request.method.rawValue, url: endpoint.baseURL + request.target, headers: headers,
            body: request.body ?? (request.method.carriesBody ? [] : nil), settings: credential.settings,
            deadline: deadline, mode: mode, acceptsGzip: configuration.isCompressionEnabled && !isStream)
    }

    private func logWarnings(_ head: ResponseHead, _ request: APIRequest) {
        guard let warning = head["warning"] else { return }
        logger.warning("the API server warns", metadata: ["request": "\(request)", "warning": "\(warning)"])
    }

    func source(_ request: APIRequest) -> String {
        "\(request.method.rawValue) \(request.path) at \(endpoint.displayURL)"
    }

    func explainer(for request: APIRequest, deadline: ContinuousClock.Instant?) -> FailureExplainer {
        FailureExplainer(
            source: source(request), origin: configuration.origin, isRead: request.isRead,
            endpoint: endpoint, usesProxy: !credentials.proxy.isEmpty)
    }
}

extension APIRequest {
    /// True when sending it twice changes nothing.
    var isRead: Bool { method == .get }
}

extension HTTPMethod {
    fileprivate var carriesBody: Bool { self == .post || self == .put || self == .patch }
}
