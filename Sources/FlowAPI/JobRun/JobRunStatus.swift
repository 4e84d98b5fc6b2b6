import KubeCore

package struct JobRunStatus: Codable, Hashable, Sendable {
    package static let maxFailed = 20

    package var observedGeneration: Int64?
    package var phase: JobRunPhase?
    package var startedAt: Timestamp?
    package var finishedAt: Timestamp?
    /// For people: how long it took, such as `1m30s`; set when it has ended.
    package var duration: String?
    /// For people: how much of it is done, such as `8/12`.
    package var progress: String?
    /// For people: what it waits for or why it failed.
    package var message: String?
    package var tasks: TaskCounts?
    /// One entry for each task of the Job, in the Job's order.
    @ZeroOmitted package var taskStates: [TaskState]
    /// The first failed attempts that were not made good by a later attempt; at most `maxFailed`.
    @ZeroOmitted package var failed: [TaskFailure]
    /// The parameters with the Job's own values filled in, as the run uses them; written once, at its start.
    @ZeroOmitted package var params: [String: JSON]
    @ZeroOmitted package var outputs: [String: JSON]
    @ZeroOmitted package var conditions: [Condition]

    package init(
        observedGeneration: Int64? = nil, phase: JobRunPhase? = nil, startedAt: Timestamp? = nil,
        finishedAt: Timestamp? = nil, duration: String? = nil, progress: String? = nil, message: String? = nil,
        tasks: TaskCounts? = nil, taskStates: [TaskState] = [], failed: [TaskFailure] = [],
        params: [String: JSON] = [:], outputs: [String: JSON] = [:], conditions: [Condition] = []
    ) {
        self.observedGeneration = observedGeneration
        self.phase = phase
        self.startedAt = startedAt
        self.finishedAt = finishedAt
        self.duration = duration
        self.progress = progress
        self.message = message
        self.tasks = tasks
        self.taskStates = taskStates
        self.failed = failed
        self.params = params
        self.outputs = outputs
        self.conditions = conditions
    }
}

package enum JobRunPhase: String, Codable, Hashable, Sendable, CaseIterable {
    /// Nothing has been decided yet.
    case pending = "Pending"
    /// Accepted; nothing of it has started.
    case queued = "Queued"
    case running = "Running"
    case succeeded = "Succeeded"
    case failed = "Failed"
    case cancelled = "Cancelled"

    /// Whether the run has ended; an ended run never changes its phase.
    package var isFinal: Bool {
        switch self {
        case .pending, .queued, .running: false
        case .succeeded, .failed, .cancelled: true
        }
    }
}

/// Counts over all tasks, where each item of a map counts as one. A map that has not expanded yet counts as one.
package struct TaskCounts: Codable, Hashable, Sendable {
    @ZeroKept package var total: Int
    @ZeroKept package var succeeded: Int
    @ZeroKept package var running: Int
    @ZeroKept package var queued: Int
    @ZeroKept package var failed: Int
    @ZeroKept package var skipped: Int

    package init(
        total: Int = 0, succeeded: Int = 0, running: Int = 0, queued: Int = 0, failed: Int = 0, skipped: Int = 0
    ) {
        self.total = total
        self.succeeded = succeeded
        self.running = running
        self.queued = queued
        self.failed = failed
        self.skipped = skipped
    }
}

package enum TaskPhase: String, Codable, Hashable, Sendable, CaseIterable {
    /// Waits for the tasks that it needs.
    case pending = "Pending"
    /// Could start, but waits for room or for the time of its next attempt.
    case queued = "Queued"
    case running = "Running"
    case succeeded = "Succeeded"
    case failed = "Failed"
    /// Its `if` was false, or a task that it needs did not succeed.
    case skipped = "Skipped"
    case cancelled = "Cancelled"

    /// Whether the task has ended.
    package var isFinal: Bool {
        switch self {
        case .pending, .queued, .running: false
        case .succeeded, .failed, .skipped, .cancelled: true
        }
    }
}

/// How one task of the graph stands. The counts are over its items; a task without `map` has one.
package struct TaskState: Codable, Hashable, Sendable {
    package var name: String
    package var phase: TaskPhase
    @ZeroOmitted package var total: Int
    @ZeroOmitted package var succeeded: Int
    @ZeroOmitted package var running: Int
    @ZeroOmitted package var failed: Int
    /// Attempts that have been started, retries included.
    @ZeroOmitted package var attempts: Int
    package var startedAt: Timestamp?
    package var finishedAt: Timestamp?
    package var message: String?

    package init(
        name: String, phase: TaskPhase, total: Int = 0, succeeded: Int = 0, running: Int = 0, failed: Int = 0,
        attempts: Int = 0, startedAt: Timestamp? = nil, finishedAt: Timestamp? = nil, message: String? = nil
    ) {
        self.name = name
        self.phase = phase
        self.total = total
        self.succeeded = succeeded
        self.running = running
        self.failed = failed
        self.attempts = attempts
        self.startedAt = startedAt
        self.finishedAt = finishedAt
        self.message = message
    }
}

/// A task that failed, with its last attempt.
package struct TaskFailure: Codable, Hashable, Sendable {
    package var task: String
    /// The item of a map, from 0.
    package var index: Int?
    /// From 1.
    package var attempt: Int
    package var reason: FailureReason
    package var exitCode: Int?
    package var message: String?
    package var pod: String?

    package init(
        task: String, index: Int? = nil, attempt: Int, reason: FailureReason, exitCode: Int? = nil,
        message: String? = nil, pod: String? = nil
    ) {
        self.task = task
        self.index = index
        self.attempt = attempt
        self.reason = reason
        self.exitCode = exitCode
        self.message = message
        self.pod = pod
    }
}
