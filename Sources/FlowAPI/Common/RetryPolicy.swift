import KubeCore

/// Why an attempt of a task did not succeed, as users select it in `retry.on` and read it in `status.failed`.
package enum FailureReason: String, Codable, Hashable, Sendable, CaseIterable {
    /// The command ended with a code other than 0, or by a signal.
    case error = "Error"
    /// The attempt ran longer than its `timeout`.
    case timeout = "Timeout"
    /// The pod went away before it ended: evicted, deleted, or its node was lost.
    case lost = "Lost"
    /// The pod could not start: its image cannot be pulled, its configuration is missing, its command is not found.
    case startFailed = "StartFailed"
    /// The command succeeded, but an output that the task declares was missing or too large.
    case outputInvalid = "OutputInvalid"
    /// The API server refused the pod, and would refuse it again. Never retried.
    case rejected = "Rejected"
    /// An expression of the task could not be evaluated. Never retried.
    case expression = "Expression"
    /// The run was cancelled. Never retried.
    case cancelled = "Cancelled"

    /// The reasons after which another attempt may end differently: those that `retry.on` may name.
    package static let retriable: [FailureReason] = [.error, .timeout, .lost, .startFailed, .outputInvalid]
}

/// When a failed attempt is followed by another one, and after how long.
package struct RetryPolicy: Codable, Hashable, Sendable {
    /// What `on` means when it is absent.
    package static let defaultReasons: [FailureReason] = [.error, .timeout, .lost]

    /// How many attempts may follow the first.
    package var limit: Int
    /// The reasons that are retried; others fail the task at once. `defaultReasons` when empty.
    @ZeroOmitted package var on: [FailureReason]
    package var backoff: Backoff?

    package init(limit: Int, on: [FailureReason] = [], backoff: Backoff? = nil) {
        self.limit = limit
        self.on = on
        self.backoff = backoff
    }
}

/// Exponential waiting between attempts: `base`, `base·factor`, `base·factor²`, … but never more than `max`.
package struct Backoff: Codable, Hashable, Sendable {
    package static let defaultBase = "1s"
    package static let defaultFactor = 2.0
    package static let defaultMax = "5m"

    /// A duration such as `5s`; see `FlowDuration`.
    package var base: String?
    package var factor: Double?
    /// A duration such as `5m`.
    package var max: String?

    package init(base: String? = nil, factor: Double? = nil, max: String? = nil) {
        self.base = base
        self.factor = factor
        self.max = max
    }
}
