import KubeCore

/// Turns what libcurl or the server said into an error for people: what was tried, where, what came back, what to do.
struct FailureExplainer: Sendable {
    /// `GET /api/v1/pods at https://host:6443`
    let source: String
    /// Where the address and the credentials come from.
    let origin: String
    let isRead: Bool
    let endpoint: Endpoint
    let usesProxy: Bool

    var cancelled: ClientError {
        ClientError(.cancelled, "\(source) was cancelled.")
    }

    func failure(_ failure: TransferFailure) -> ClientError {
        let isUnknown = !isRead && failure.mayHaveBeenSent
        switch failure.kind {
        case .cancelled:
            return ClientError(.cancelled, "\(source) was cancelled.", isOutcomeUnknown: isUnknown)
        case .closed:
            return ClientError(
                .closed, "\(source) failed: the client was shut down.", isOutcomeUnknown: isUnknown)
        case .deadline:
            return ClientError(.timeout, deadlineMessage(failure), isOutcomeUnknown: isUnknown)
        case .idle:
            return ClientError(
                .timeout,
                "\(source): the stream was silent for too long; the connection counts as dead. Open it again.")
        case .tooLarge(let limit):
            return ClientError(
                .decoding,
                "\(source) answered with more than \(limit) bytes, which is the client's limit. "
                    + "Ask for less (a `limit` with paging, a selector) or raise `limits.responseBytes`.",
                isOutcomeUnknown: isUnknown)
        case .curl(let code):
            return curlError(code, failure, isUnknown: isUnknown)
        }
    }

    private func deadlineMessage(_ failure: TransferFailure) -> String {
        if failure.wasQueued {
            return "\(source) was not sent before its deadline: all connections are taken by other requests. "
                + "Use fewer requests at a time or raise the client's connection limits."
        }
        if !failure.mayHaveBeenSent {
            return "\(source): no connection before the deadline. Does \(endpoint.authority) accept connections, "
                + "and does a firewall or a proxy stand in between? The address comes from \(origin)."
        }
        let got = failure.hadResponse ? "the answer was not complete" : "no answer"
        let advice =
            isRead
            ? "The server is overloaded or hangs; try again later."
            : "The write may have happened: read the object before sending it again."
        return "\(source): \(got) before the deadline. \(advice)"
    }

    private func curlError(_ code: Int32, _ failure: TransferFailure, isUnknown: Bool) -> ClientError {
        let detail = failure.detail.isEmpty ? "libcurl error \(code)" : "\(failure.detail), libcurl error \(code)"
        if failure.detail.contains("CONNECT tunnel failed") {
            return ClientError(
                .transport,
                "\(source): the proxy refused to connect to \(endpoint.authority) (\(detail)). \(proxyAdvice)")
        }
        switch code {
        case 3, 43:
            return ClientError(.configuration, "\(source): the request cannot be made (\(detail)). Check \(origin).")
        case 5, 97:
            return ClientError(
                .transport,
                "\(source): the proxy could not be reached (\(detail)). \(proxyAdvice)")
        case 6:
            return ClientError(
                .transport,
                "\(source): the name \(endpoint.host) has no address (\(detail)). Check the server in \(origin).")
        case 7 where usesProxy:
            return ClientError(
                .transport, "\(source): the proxy could not be reached (\(detail)). \(proxyAdvice)")
        case 7:
            return ClientError(
                .transport,
                "\(source): connection refused or unreachable (\(detail)). Is the API server running, and is the "
                    + "server in \(origin) right?")
        case 28:
            return ClientError(
                .timeout,
                "\(source): no connection in time (\(detail)). Does \(endpoint.authority) accept connections, and "
                    + "does a firewall stand in between? The address comes from \(origin).",
                isOutcomeUnknown: isUnknown)
        case 35, 51, 53, 54, 58, 59, 60, 64, 66, 77, 80, 82, 83, 90, 91, 98:
            return ClientError(.tls, "\(source): TLS failed (\(detail)). \(tlsAdvice(code, failure.detail))")
        case 8, 61, 1:
            return ClientError(
                .decoding,
                "\(source): the answer is not HTTP as a Kubernetes API server speaks it (\(detail)). "
                    + "Is the server in \(origin) right, http or https included?", isOutcomeUnknown: isUnknown)
        default:
            break
        }
        // A TLS 1.3 server refuses a client certificate after the handshake, in the first bytes it sends.
        if failure.detail.contains("alert"), code == 56 || code == 55 {
            return ClientError(.tls, "\(source): TLS failed (\(detail)). \(tlsAdvice(code, failure.detail))")
        }
        guard failure.isBrokenConnection, failure.mayHaveBeenSent else {
            return ClientError(
                .transport,
                "\(source): the connection failed before the request was sent (\(detail)). Try again.\(refusalHint)",
                isOutcomeUnknown: isUnknown && !failure.isBrokenConnection)
        }
        let advice =
            isRead
            ? "Try again."
            : "The write may or may not have happened: read the object before sending it again."
        return ClientError(
            .outcomeUnknown, "\(source): the connection broke (\(detail)). \(advice)", isOutcomeUnknown: isUnknown)
    }

    private var proxyAdvice: String { "Check the proxy: `proxy-url`, HTTPS_PROXY and NO_PROXY." }

    /// A TLS 1.3 server that dislikes a client certificate, or misses one, often just hangs up on the first bytes.
    private var refusalHint: String {
        guard endpoint.isTLS else { return "" }
        return " If it goes on, the server may want another client certificate: check `client-certificate` in "
            + "\(origin)."
    }

    private func tlsAdvice(_ code: Int32, _ detail: String) -> String {
        let text = detail.lowercased()
        if text.contains("wrong version number") || text.contains("packet length too long")
            || text.contains("record layer")
        {
            return "The server does not speak TLS on this port: is it http rather than https in \(origin)?"
        }
        if text.contains("error setting certificate file") {
            return "This machine has no list of certificate authorities: set `certificate-authority` in \(origin), "
                + "or install the ca-certificates package."
        }
        if text.contains("certificate required") || text.contains("handshake failure") {
            return "The server wants a client certificate: check `client-certificate` and `client-key` in \(origin)."
        }
        if text.contains("alert") && text.contains("certificate") || text.contains("alert unknown ca") {
            return "The server refused the client certificate: it is expired, revoked or from another authority. "
                + "Renew `client-certificate` and `client-key` in \(origin)."
        }
        if text.contains("does not match") || text.contains("no alternative certificate") {
            return "The certificate is for another name: use an address that it carries, or set `tls-server-name` in "
                + "\(origin)."
        }
        if text.contains("expired") {
            return "The server's certificate has expired: renew it on the server, and check this machine's clock."
        }
        if text.contains("not yet valid") {
            return "The server's certificate is not valid yet: check this machine's clock."
        }
        switch code {
        case 58, 59:
            return "Check `client-certificate` and `client-key` in \(origin): PEM, unencrypted, one for the other."
        case 77:
            return "Check `certificate-authority` in \(origin): it must hold PEM certificates."
        case 60:
            return "The authority that signed the server's certificate is not trusted: set `certificate-authority` "
                + "in \(origin) to the cluster's."
        default:
            return "Check the server's address, `certificate-authority` and the client certificate in \(origin)."
        }
    }
}

extension FailureExplainer {
    /// An answer that is not a success.
    func refusal(_ response: TransferResponse) -> ClientError {
        if (300..<400).contains(response.status) {
            let target = response.head["location"] ?? "nowhere"
            return ClientError(
                .decoding,
                "\(source) answered \(response.status), a redirect to \(target). A Kubernetes API server does not "
                    + "redirect, and credentials are not sent elsewhere: is the server in \(origin) right?")
        }
        let parsed = (try? JSON.parse(response.body)).flatMap(Status.init(json:))
        var status = parsed ?? Status(code: response.status, reason: Self.reason(response.status), message: "")
        if status.code == 0 { status.code = response.status }
        if status.message.isEmpty { status.message = plainMessage(response, isStatus: parsed != nil) }
        let retryAfter = retryAfter(response.head, status)
        return ClientError(
            .status(status), "\(source): \(status.message) (\(status.code)\(reasonText(status)))\(advice(status))",
            cause: status, isOutcomeUnknown: !isRead && response.status >= 500,
            retryAfter: retryAfter)
    }

    private func reasonText(_ status: Status) -> String {
        status.reason == .unknown ? "" : " \(status.reason.rawValue)"
    }

    private func plainMessage(_ response: TransferResponse, isStatus: Bool) -> String {
        let body = response.body
        guard !isStatus, !body.isEmpty else { return "the server answered \(response.status)" }
        let type = response.head["content-type"] ?? "no content type"
        // Parts of the API server itself answer in plain text ("404 page not found").
        if type.hasPrefix("text/plain") { return "the server answered \(bodyExcerpt(body))" }
        return "the server answered \(type) that is not a Kubernetes Status: \(bodyExcerpt(body)). "
            + "Is the server in \(origin) a Kubernetes API server, or does a proxy stand in between?"
    }

    private func advice(_ status: Status) -> String {
        switch status.code {
        case 401:
            return ". The credentials were refused: log in again or renew them in \(origin)."
        case 403 where status.message.contains("system:anonymous"):
            return ". No credentials reached the server: check the user in \(origin)."
        default:
            return ""
        }
    }

    /// Seconds in the header (the date form is not used by API servers) or in the Status.
    private func retryAfter(_ head: ResponseHead, _ status: Status) -> Duration? {
        if let text = head["retry-after"], let seconds = Int64(text), (0...86_400).contains(seconds) {
            return .seconds(seconds)
        }
        if let seconds = status.details?.retryAfterSeconds, (1...86_400).contains(seconds) { return .seconds(seconds) }
        return nil
    }

    /// What the API's own client library takes a bare code for.
    private static func reason(_ code: Int) -> StatusReason {
        switch code {
        case 400: .badRequest
        case 401: .unauthorized
        case 403: .forbidden
        case 404: .notFound
        case 405: .methodNotAllowed
        case 406: .notAcceptable
        case 409: .conflict
        case 410: .gone
        case 413: .requestEntityTooLarge
        case 415: .unsupportedMediaType
        case 422: .invalid
        case 429: .tooManyRequests
        case 500: .internalError
        case 503: .serviceUnavailable
        case 504: .timeout
        default: .unknown
        }
    }
}
