import KubeCore

/// What the node knows of one container of a pod.
struct ContainerRecord: Sendable {
    enum Role: Sendable, Equatable {
        /// Runs to its end before the next one starts.
        case initial
        /// An init container with `restartPolicy: Always`: runs beside the main ones.
        case sidecar
        case main
    }

    /// What shows in the status.
    enum State: Sendable, Equatable {
        case waiting(reason: String, message: String?)
        case running(since: Timestamp)
        case terminated(Termination)
    }

    /// What is being done about it.
    enum Activity: Sendable, Equatable {
        /// Nothing: it has not been started, or has ended.
        case idle
        /// Waits for a time at which to try (again).
        case due(Timestamp)
        case starting
        case running
        /// Has been told to end.
        case stopping
    }

    let spec: ContainerSpec
    let role: Role
    var state: State
    var activity: Activity = .idle
    var last: Termination?
    var restartCount: Int64 = 0
    var backOff: RestartBackOff
    /// Whether it runs and its startup probe, if any, has succeeded.
    var isStarted = false
    var isReady = false
    /// `local://…` once it has been started.
    var id = ""
    var imageID = ""
    /// How often a start has been tried in vain for lack of image or configuration.
    var failedAttempts = 0

    init(_ spec: ContainerSpec, role: Role, isBehindInit: Bool, backOff: RestartBackOff) {
        self.spec = spec
        self.role = role
        self.backOff = backOff
        state = .waiting(reason: isBehindInit ? "PodInitializing" : "ContainerCreating", message: nil)
    }

    var termination: Termination? {
        if case .terminated(let termination) = state { termination } else { nil }
    }

    var isRunning: Bool {
        if case .running = state { true } else { false }
    }

    /// Whether a process of it is there or on its way.
    var isActive: Bool { activity == .starting || activity == .running || activity == .stopping }

    var hasSucceeded: Bool { termination?.exitCode == 0 }
}

/// How a run of a container ended, as in its status.
struct Termination: Sendable, Equatable {
    var exitCode: Int64
    var reason: String
    var message: String?
    var startedAt: Timestamp
    var finishedAt: Timestamp
    var containerID: String

    var json: JSON {
        var object: JSONObject = ["exitCode": .int(exitCode), "reason": .string(reason)]
        if let message, !message.isEmpty { object["message"] = .string(message) }
        object["startedAt"] = .string(startedAt.rfc3339)
        object["finishedAt"] = .string(finishedAt.rfc3339)
        if !containerID.isEmpty { object["containerID"] = .string(containerID) }
        return .object(object)
    }
}

/// When a container that ended may start again: the first time at once, then after 10 s, 20 s … up to 5 min after its end.
///
/// Behaviour: the kubelet's container back-off, which also forgets after a run of twice the longest delay.
struct RestartBackOff: Sendable, Equatable {
    var initial: Duration = .seconds(10)
    var longest: Duration = .seconds(300)
    private var next: Duration?

    init(initial: Duration = .seconds(10), longest: Duration = .seconds(300)) {
        self.initial = initial
        self.longest = longest
    }

    /// - Returns: how long after its end the container must wait; zero for at once.
    mutating func delay(after termination: Termination) -> Duration {
        let ran = termination.finishedAt - termination.startedAt
        guard let current = next, ran < longest * 2 || termination.reason == "StartError" else {
            next = initial
            return .zero
        }
        next = min(current * 2, longest)
        return current
    }
}
