import FlowAPI
import KubeCore

/// One run of a Job, as a pure state machine: it is shown what is, and says what to do.
///
/// ## Expected flow
/// `step` is called whenever something may have changed, with everything known of the run's pods. It answers with
/// effects; their outcomes come back through `creationEnded` or as observations in a later step. The caller writes
/// `summary` to the JobRun and steps again at `wakeAt` at the latest.
///
/// ## Guarantees
/// - The state is rebuilt from the observations alone: a new machine that is shown the same pods goes on where the old
///   one stopped. It depends on the pods being kept until the run is over, which the finalizer on them sees to.
/// - An attempt's pod is asked for again only under the same name, until its creation is known to have happened.
/// - A retry starts when the attempt before it is known to have ended, never while it may still run.
///
/// ## Assumptions
/// Observations are complete: a pod seen once and then missing is gone for good. `now` does not run far backwards.
package struct RunMachine: Sendable {
    package let plan: RunPlan
    package internal(set) var phase: JobRunPhase = .queued
    /// In the order of `plan.tasks`.
    package internal(set) var tasks: [TaskProgress]
    package internal(set) var startedAt: Timestamp?
    package internal(set) var finishedAt: Timestamp?
    /// Why everything that runs is being stopped.
    package internal(set) var stopReason: Failure?
    /// The run's outputs, once it succeeded.
    package internal(set) var outputs = JSONObject()
    /// What failed outside the tasks, such as an output expression of the run.
    package internal(set) var runFailure: Failure?

    package init(plan: RunPlan, startedAt: Timestamp? = nil) {
        self.plan = plan
        self.startedAt = startedAt
        self.tasks = plan.tasks.map { _ in TaskProgress() }
    }

    /// Brings the machine up to what is observed and decides what to do next.
    ///
    /// - Parameters:
    ///   - observed: every pod of this run that exists.
    ///   - admits: whether new pods may be started now; false while the Engine is suspended.
    ///   - isCancelled: whether the JobRun asks to be cancelled.
    package mutating func step(
        observed: [AttemptObservation], now: Timestamp, admits: Bool, isCancelled: Bool
    ) -> RunStep {
        guard !phase.isFinal else { return RunStep(effects: [], wakeAt: nil) }
        let sightings = Sightings(observed)
        if !observed.isEmpty || admits { begin(observed, now: now) }
        stopIfAsked(sightings, now: now, isCancelled: isCancelled)

        var creations: [RunEffect] = []
        advanceAll(sightings, now: now)
        while stopReason == nil, admits, start(now: now, effects: &creations) {
            advanceAll(sightings, now: now)
        }
        finishIfOver(now: now)
        return RunStep(effects: deletions(sightings, observed) + creations, wakeAt: nextWake(after: now))
    }

    /// Tells how a `create` effect ended.
    package mutating func creationEnded(_ id: AttemptID, _ outcome: CreationOutcome, now: Timestamp) {
        guard let position = plan.position[id.instance.task],
            let instance = instanceIndex(id.instance, in: position),
            tasks[position].instances[instance].attempt == id.number,
            case .creating = tasks[position].instances[instance].phase
        else { return }
        switch outcome {
        case .created:
            tasks[position].instances[instance].phase = .pending(stuck: nil)
            tasks[position].instances[instance].createdAt = now
            tasks[position].instances[instance].deferral = nil
            tasks[position].instances[instance].deferrals = 0
        case .deferred(let message):
            let deferrals = tasks[position].instances[instance].deferrals
            tasks[position].instances[instance].phase = .ready(after: now + Self.deferral(after: deferrals))
            tasks[position].instances[instance].deferral = message
            tasks[position].instances[instance].deferrals = deferrals + 1
        case .rejected(let message):
            tasks[position].instances[instance].phase = .failed(Failure(.rejected, message))
            tasks[position].instances[instance].finishedAt = now
        }
    }

    /// The pods that may vanish: their end is counted and the run no longer needs them as its memory.
    package func counted(among observed: [AttemptObservation]) -> [String] {
        if phase.isFinal { return observed.map(\.pod) }
        let latest = Sightings(observed)
        return observed.filter { $0.id.number < latest[$0.id.instance]?.id.number ?? 0 }.map(\.pod)
    }

    /// How long a creation that was refused for now waits before it is tried again: 2, 4, 8, … seconds, at most 60.
    static func deferral(after refusals: Int) -> Duration {
        min(.seconds(2 << min(max(refusals, 0), 5)), .seconds(60))
    }

    /// How long a pod that was made may be missing from what is observed. Then its creation is asked for again, which
    /// tells whether it exists.
    static let unseenDeadline: Duration = .seconds(60)
    /// How often the deletion of a pod is asked for that shows no sign of it.
    static let deletionInterval: Duration = .seconds(10)
    /// How long a pod that has a node may be unable to begin before the attempt fails.
    static let startDeadline: Duration = .seconds(300)
    /// How long past a task's own timeout the kubelet has to end it before the kernel does.
    static let timeoutSlack: Duration = .seconds(30)

    var runDeadline: Timestamp? {
        guard let startedAt, let timeout = plan.timeout else { return nil }
        return startedAt + timeout
    }

    mutating func advanceAll(_ sightings: Sightings, now: Timestamp) {
        for position in plan.order { advance(position, sightings: sightings, now: now) }
    }

    private mutating func begin(_ observed: [AttemptObservation], now: Timestamp) {
        if startedAt == nil {
            startedAt = observed.map(\.createdAt).min() ?? now
        }
        phase = .running
    }

    private mutating func finishIfOver(now: Timestamp) {
        guard isOver, startedAt != nil || stopReason != nil else { return }
        let end = tasks.compactMap(\.finishedAt).max() ?? now
        // The end is told by a node's clock, the start by ours.
        finishedAt = max(end, startedAt ?? end)
        switch stopReason?.reason {
        case .cancelled: phase = .cancelled
        case .some: phase = .failed
        case nil:
            let failed = tasks.contains { if case .failed = $0.phase { true } else { false } }
            phase = failed ? .failed : .succeeded
        }
        if phase == .succeeded { evaluateOutputs() }
    }

    private mutating func evaluateOutputs() {
        let scope = self.scope()
        var values = JSONObject()
        var size = 0
        for (name, template) in plan.outputs {
            do {
                let value = try template.evaluate(scope)
                size += value.encoded().count
                guard size <= Self.maxOutputBytes else {
                    runFailure = Failure(
                        .outputInvalid,
                        "outputs[\(name)]: the run's outputs take more than \(Self.maxOutputBytes / 1024) KiB; "
                            + "store the values elsewhere and hand out where they are")
                    phase = .failed
                    return
                }
                values[name] = value
            } catch {
                runFailure = Failure(.expression, "outputs[\(name)]: \(error)")
                phase = .failed
                return
            }
        }
        outputs = values
    }

    /// What a run may hand out, as JSON: an object that is too large for an API server could never be written, and the
    /// run would never be over.
    static let maxOutputBytes = 256 * 1024
}

/// The latest pod of each instance.
struct Sightings {
    private var latest: [InstanceID: AttemptObservation] = [:]
    private var tasks: Set<String> = []

    init(_ observed: [AttemptObservation]) {
        latest.reserveCapacity(observed.count)
        for observation in observed {
            if let known = latest[observation.id.instance], known.id.number >= observation.id.number { continue }
            latest[observation.id.instance] = observation
            tasks.insert(observation.id.instance.task)
        }
    }

    subscript(instance: InstanceID) -> AttemptObservation? { latest[instance] }

    /// Whether an instance of the task has a pod.
    func include(task: String) -> Bool { tasks.contains(task) }
}
