import FlowAPI
import KubeCore

/// Where an instance of a task stands.
package struct InstanceProgress: Sendable, Hashable {
    package enum Phase: Sendable, Hashable {
        /// Waits for a place, and not before `after` when that is given (the gap before a retry).
        case ready(after: Timestamp?)
        /// The pod was asked for; the answer is not known.
        case creating
        /// The pod exists and has not begun. `stuck` says why it cannot.
        case pending(stuck: String?)
        case running
        /// Its end was asked for and is not confirmed; then it fails as told.
        case stopping(Failure)
        case succeeded(outputs: JSONObject)
        case failed(Failure)
    }

    package var phase: Phase = .ready(after: nil)
    /// The number of the current attempt, from 1.
    package var attempt = 1
    /// The name of the current attempt's pod, once it was seen.
    package var pod: String?
    /// When the first attempt that is known of started.
    package var startedAt: Timestamp?
    package var finishedAt: Timestamp?
    /// When the creation of the current attempt's pod was confirmed.
    package var createdAt: Timestamp?
    /// When the current attempt started, which is what its timeout counts from.
    package var attemptStartedAt: Timestamp?
    /// Why the latest attempt could not be created yet.
    package var deferral: String?
    /// How often in a row that was.
    package var deferrals = 0

    package init() {}

    package var isTerminal: Bool {
        switch phase {
        case .succeeded, .failed: true
        default: false
        }
    }

    /// How many attempts have had a pod.
    package var begunAttempts: Int { pod == nil ? attempt - 1 : attempt }

    /// Whether it takes one of the places that `maxParallel` counts.
    package var isActive: Bool {
        switch phase {
        case .creating, .pending, .running, .stopping: true
        case .ready, .succeeded, .failed: false
        }
    }
}

/// Where a task stands: the sum of its instances.
package struct TaskProgress: Sendable, Hashable {
    package enum Phase: Sendable, Hashable {
        /// Some task it needs has not ended.
        case blocked
        /// Its instances are known and not all of them have ended.
        case active
        case succeeded
        case failed(Failure)
        case skipped(String)
        case cancelled

        /// As expressions and statuses tell it.
        package var reported: TaskPhase {
            switch self {
            case .blocked: .pending
            case .active: .running
            case .succeeded: .succeeded
            case .failed: .failed
            case .skipped: .skipped
            case .cancelled: .cancelled
            }
        }

        package var isTerminal: Bool {
            reported.isFinal
        }
    }

    package var phase: Phase = .blocked
    /// One for a task without `map`; one for each item otherwise. Empty while blocked.
    package var instances: [InstanceProgress] = []
    /// The map's items, in order; nil for a task without `map`.
    package var items: [JSON]?
    package var startedAt: Timestamp?
    package var finishedAt: Timestamp?

    package init() {}
}
