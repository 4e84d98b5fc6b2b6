import KubeCore

/// Why a request to a Kubernetes API server, or the preparation of one, did not succeed.
///
/// The message is for a person: it says what was tried, on which host or file, what came back and what to do about it.
/// Programs decide by ``code`` and the properties derived from it.
public struct ClientError: Error, Sendable {
    public enum Code: Sendable {
        /// The server was not reached, or the connection broke before the request was sent: nothing happened there.
        case transport
        /// The deadline passed. A write may have happened: see ``isOutcomeUnknown``.
        case timeout
        /// The TLS handshake failed: an unknown authority, a wrong name, an expired or refused certificate.
        case tls
        /// The connection broke after the request may have been sent: a write may or may not have happened.
        case outcomeUnknown
        /// The server answered with an error.
        case status(Status)
        /// The answer is not what was asked for: not JSON, another shape, cut short, larger than the cap.
        case decoding
        /// The server has no kind of that name.
        case unknownResource
        /// A kubeconfig, a file it names or a setting cannot be used.
        case configuration
        /// Credentials could not be had (an exec plugin failed, a token file is gone).
        case authentication
        /// The calling task was cancelled. A write that was already sent may have happened.
        case cancelled
        /// The client was shut down.
        case closed
    }

    public let code: Code
    public let message: String
    /// The error below this one, where there is one.
    public let cause: (any Error)?
    /// True when the request may have changed something on the server although no answer says so: the connection broke,
    /// the deadline passed, or the answer was 500 or more.
    public let isOutcomeUnknown: Bool
    /// How long the server asked to wait before another attempt.
    public let retryAfter: Duration?

    public init(
        _ code: Code, _ message: String, cause: (any Error)? = nil, isOutcomeUnknown: Bool = false,
        retryAfter: Duration? = nil
    ) {
        self.code = code
        self.message = message
        self.cause = cause
        self.isOutcomeUnknown = isOutcomeUnknown
        self.retryAfter = retryAfter
    }
}

extension ClientError: CustomStringConvertible {
    public var description: String { message }
}

extension ClientError {
    /// The server's own account, when it answered with an error.
    public var status: Status? {
        if case .status(let status) = code { status } else { nil }
    }

    /// The HTTP status code, when the server answered with an error.
    public var httpStatus: Int? { status?.code }

    public var isNotFound: Bool { status?.reason == .notFound }
    public var isAlreadyExists: Bool { status?.reason == .alreadyExists }
    public var isConflict: Bool { status?.reason == .conflict }
    public var isForbidden: Bool { status?.reason == .forbidden }
    public var isInvalid: Bool { status?.reason == .invalid }

    /// True for "410 Gone": the resource version or the continue token is too old, and the list has to start again.
    public var isExpired: Bool {
        guard let status else { return false }
        return status.reason == .expired || status.reason == .gone || status.code == 410
    }

    public var isCancelled: Bool {
        if case .cancelled = code { true } else { false }
    }

    public var isTimeout: Bool {
        if case .timeout = code { true } else { false }
    }
}
