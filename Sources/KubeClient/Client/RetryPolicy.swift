/// When a call is tried again: values in, verdict out.
struct RetryPolicy: Sendable {
    enum Verdict: Sendable, Equatable {
        case giveUp
        case retry(after: Duration)
    }

    /// After a broken connection.
    var maxConnectionRetries = 3
    /// After "too many requests" or "unavailable", each of which says how long to wait.
    var maxServerRetries = 10
    /// A factor within the given range.
    var jitter: @Sendable (ClosedRange<Double>) -> Double = { Double.random(in: $0) }
    /// False when the task was cancelled meanwhile.
    var sleep: @Sendable (Duration) async -> Bool = { duration in
        (try? await Task.sleep(for: duration)) != nil
    }

    /// The server answered with an error.
    func afterStatus(_ status: Int, retryAfter: Duration?, isRead: Bool, attempt: Int) -> Verdict {
        guard attempt < maxServerRetries else { return .giveUp }
        switch status {
        case 429:
            // Not processed, so that a write may be sent again too.
            return .retry(after: (retryAfter ?? .seconds(1)) * jitter(1...1.25))
        case 500...599:
            guard isRead, let retryAfter else { return .giveUp }
            return .retry(after: retryAfter * jitter(1...1.25))
        default:
            return .giveUp
        }
    }

    /// No answer came.
    func afterFailure(_ failure: TransferFailure, isRead: Bool, attempt: Int) -> Verdict {
        guard attempt < maxConnectionRetries, failure.isBrokenConnection else { return .giveUp }
        guard isRead || !failure.mayHaveBeenSent else { return .giveUp }
        // The first one at once: most often a pooled connection had been closed by the server.
        let base: Duration = attempt == 0 ? .zero : .milliseconds(50) * (1 << min(attempt, 6))
        return .retry(after: base * jitter(0.5...1))
    }
}

extension TransferFailure {
    /// libcurl's codes after which nobody knows what the server did: 16 and 92 (HTTP/2 framing), 18 (partial body),
    /// 52 (empty answer), 55 and 56 (send and receive).
    var isBrokenConnection: Bool {
        if case .curl(let code) = kind { [16, 18, 52, 55, 56, 92].contains(code) } else { false }
    }
}
