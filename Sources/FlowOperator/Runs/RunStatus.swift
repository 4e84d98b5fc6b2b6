import FlowAPI
import KubeCore

/// Why a run does not go on.
enum RunObstacle: Error {
    /// Something that is under way must come first.
    case pending(String, String)
    /// Somebody must do something first; the run waits for it.
    case waiting(String, String)
    /// It can never go on.
    case failed(String, String)

    /// Whether nobody needs to do anything about it.
    var passes: Bool {
        if case .pending = self { true } else { false }
    }

    var reason: String {
        switch self {
        case .pending(let reason, _), .waiting(let reason, _), .failed(let reason, _): reason
        }
    }

    var message: String {
        switch self {
        case .pending(_, let message), .waiting(_, let message), .failed(_, let message): message
        }
    }
}

/// Fills in what the kernel does not know of a JobRun's status: conditions and what the object says itself.
enum RunStatus {
    static func complete(_ reported: JobRunStatus, of run: JobRun, isSuspended: Bool, now: Timestamp) -> JobRunStatus {
        var status = reported
        status.observedGeneration = run.metadata.generation
        status.conditions = run.status?.conditions ?? []
        if isSuspended, status.phase?.isFinal == false, status.message == nil {
            status.message = "the Engine is suspended; nothing new starts"
        }
        let progress = "\(status.progress ?? "0/0") tasks"
        let readiness: Readiness =
            switch status.phase {
            case .succeeded: .ready(reason: "Succeeded", message: progress)
            case .failed: .stalled(reason: "Failed", message: status.message ?? progress)
            case .cancelled: .stalled(reason: "Cancelled", message: status.message ?? progress)
            case .running, .queued, .pending, nil: .progressing(reason: "Running", message: status.message ?? "")
            }
        readiness.apply(to: &status.conditions, generation: run.metadata.generation, now: now)
        outcome(of: status).map { _ = status.conditions.set($0, now: now) }
        return status
    }

    /// Whether people and programs wait for the difference; how tasks move otherwise may be told a little later.
    static func isUrgent(_ status: JobRunStatus, after old: JobRunStatus?) -> Bool {
        status.phase != old?.phase || status.message != old?.message || status.failed.count != old?.failed.count
            || status.observedGeneration != old?.observedGeneration
    }

    static func obstructed(by obstacle: RunObstacle, run: JobRun, now: Timestamp) -> JobRunStatus {
        var status = run.status ?? JobRunStatus()
        status.observedGeneration = run.metadata.generation
        status.message = obstacle.message
        switch obstacle {
        case .pending, .waiting:
            status.phase = status.phase ?? .pending
        case .failed:
            status.phase = .failed
            status.finishedAt = status.finishedAt ?? now
        }
        let readiness: Readiness =
            if case .pending = obstacle {
                .progressing(reason: obstacle.reason, message: obstacle.message)
            } else {
                .stalled(reason: obstacle.reason, message: obstacle.message)
            }
        readiness.apply(to: &status.conditions, generation: run.metadata.generation, now: now)
        outcome(of: status).map { _ = status.conditions.set($0, now: now) }
        return status
    }

    /// The end of a run that was cancelled before anything of it started.
    static func cancelled(_ run: JobRun, now: Timestamp) -> JobRunStatus {
        var status = run.status ?? JobRunStatus()
        status.observedGeneration = run.metadata.generation
        status.phase = .cancelled
        status.message = "the run was cancelled before it started"
        status.finishedAt = status.finishedAt ?? now
        Readiness.stalled(reason: "Cancelled", message: status.message ?? "")
            .apply(to: &status.conditions, generation: run.metadata.generation, now: now)
        outcome(of: status).map { _ = status.conditions.set($0, now: now) }
        return status
    }

    /// `Succeeded` is what `kubectl wait --for=condition=Succeeded` waits for; it is there once the run has ended.
    private static func outcome(of status: JobRunStatus) -> Condition? {
        guard let phase = status.phase, phase.isFinal else { return nil }
        return Condition(
            type: "Succeeded", status: phase == .succeeded ? "True" : "False", reason: phase.rawValue,
            message: status.message ?? "", observedGeneration: status.observedGeneration)
    }
}
