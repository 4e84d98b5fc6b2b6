import FlowAPI
import FlowKernel
import KubeCore

/// A cluster that holds the pods of one run, and the machine that decides about them.
///
/// It does at once what the machine asks, on a clock that only the test moves. Like an operator it shows the machine all
/// of its pods at each step, keeps a pod until the machine has counted it, and writes down when the run started.
struct World {
    struct Pod {
        let plan: AttemptPlan
        let createdAt: Timestamp
        var phase = AttemptObservation.Phase.pending(stuck: nil)
        var startedAt: Timestamp?
        var finishedAt: Timestamp?
        var terminatingSince: Timestamp?
        var isPlaced = true

        var hasEnded: Bool {
            switch phase {
            case .pending, .running: false
            case .succeeded, .failed: true
            }
        }
    }

    let plan: RunPlan
    var machine: RunMachine
    var now = Timestamp(seconds: 1_800_000_000)
    var admits = true
    var isCancelled = false
    var pods: [String: Pod] = [:]
    /// Every pod that was ever made, in order.
    private(set) var created: [String] = []
    /// Every request to delete.
    private(set) var deletions: [(pod: String, reason: FailureReason)] = []
    /// When the machine asked to be stepped again.
    private(set) var wakeAt: Timestamp?
    /// What an API server would answer to a creation.
    var answer: (AttemptPlan) -> CreationOutcome = { _ in .created }
    /// Whether a pod that is made is not yet in the cache that observations come from.
    var hides: (String) -> Bool = { _ in false }
    /// Whether requests to delete fail.
    var ignoresDeletions = false
    /// Whether the kernel's process dies at the point with this number.
    var crashes: (Int) -> Bool = { _ in false }
    /// How many points there have been at which the process may die.
    private(set) var points = 0
    /// What must never happen and did.
    private(set) var violations: [String] = []
    /// As the JobRun's status has it.
    private var writtenStart: Timestamp?
    private(set) var writtenPhase = JobRunPhase.pending

    init(_ plan: RunPlan) {
        self.plan = plan
        machine = RunMachine(plan: plan)
    }

    init(
        _ tasks: [TaskSpec], params: [ParamSpec] = [], maxParallel: Int? = nil, timeout: String? = nil,
        outputs: [RunOutputSpec] = []
    ) throws {
        self.init(
            try runPlan(tasks, params: params, maxParallel: maxParallel, timeout: timeout, outputs: outputs))
        settle()
    }

    var observed: [AttemptObservation] {
        pods.filter { !hides($0.key) }.sorted { $0.key < $1.key }.map { name, pod in
            AttemptObservation(
                id: pod.plan.id, pod: name, phase: pod.phase, createdAt: pod.createdAt, startedAt: pod.startedAt,
                finishedAt: pod.finishedAt, isTerminating: pod.terminatingSince != nil, isPlaced: pod.isPlaced)
        }
    }

    // MARK: The operator

    /// Steps until nothing changes any more while time stands still.
    mutating func settle() {
        var steps = 0
        while steps < 200, !writtenPhase.isFinal {
            let before = Snapshot(machine)
            switch step() {
            case .rested where before == Snapshot(machine): return
            case .rested, .acted: steps += 1
            case .died: break
            }
        }
        if steps == 200 { violations.append("the machine does not come to rest") }
    }

    enum StepEnd {
        /// Nothing was asked for.
        case rested
        case acted
        /// The process died on its way.
        case died
    }

    /// One step as the kernel does it, and then the writing of the status.
    @discardableResult
    mutating func step() -> StepEnd {
        guard survives() else { return .died }
        let step = machine.step(observed: observed, now: now, admits: admits, isCancelled: isCancelled)
        var ended: [(AttemptID, CreationOutcome)] = []
        for effect in step.effects {
            switch effect {
            case .create(let attempt):
                ended.append((attempt.id, create(attempt)))
            case .delete(_, let pod, let reason):
                deletions.append((pod, reason))
                if !ignoresDeletions, pods[pod]?.terminatingSince == nil { pods[pod]?.terminatingSince = now }
            }
            guard survives() else { return .died }
        }
        for (id, outcome) in ended { machine.creationEnded(id, outcome, now: now) }
        wakeAt = machine.nextWake(after: now)
        guard survives() else { return .died }
        writtenStart = machine.startedAt
        writtenPhase = machine.phase
        check()
        for pod in machine.counted(among: observed) { pods[pod] = nil }
        return step.effects.isEmpty ? .rested : .acted
    }

    /// Whether the process lives on past this point. If not, a new one starts from what the cluster holds.
    private mutating func survives() -> Bool {
        points += 1
        guard crashes(points) else { return true }
        machine = RunMachine(plan: plan, startedAt: writtenStart)
        return false
    }

    private mutating func create(_ attempt: AttemptPlan) -> CreationOutcome {
        let outcome = answer(attempt)
        guard case .created = outcome else { return outcome }
        let name = Self.name(attempt.id)
        if pods[name] != nil { return .created }
        if created.contains(name) { violations.append("\(attempt.id) was made again after its pod had gone") }
        for (other, pod) in pods where pod.plan.id.instance == attempt.id.instance && !pod.hasEnded {
            violations.append("\(attempt.id) was made while \(other) may still run")
        }
        created.append(name)
        pods[name] = Pod(plan: attempt, createdAt: now)
        return .created
    }

    static func name(_ id: AttemptID) -> String {
        Names.pod(
            run: testRun.name, runUID: testRun.uid, task: id.instance.task, index: id.instance.index,
            attempt: id.number)
    }

    // MARK: What must hold at any time

    private mutating func check() {
        let living = pods.values.filter { !$0.hasEnded }
        if living.count > plan.maxParallel {
            violations.append("\(living.count) pods live, and the run may have \(plan.maxParallel)")
        }
        for (task, progress) in zip(plan.tasks, machine.tasks) {
            let own = living.filter { $0.plan.id.instance.task == task.name }
            if own.count > task.maxParallel {
                violations.append("\(own.count) pods of \(task.name) live, and it may have \(task.maxParallel)")
            }
            for need in task.needs where !progress.instances.isEmpty {
                let runs = living.contains { $0.plan.id.instance.task == need }
                guard let position = plan.position[need], machine.tasks[position].phase.isTerminal, !runs else {
                    violations.append("\(task.name) began before \(need) had ended")
                    continue
                }
            }
        }
        if machine.phase.isFinal, let pod = living.first(where: { $0.terminatingSince == nil }) {
            violations.append("the run ended and \(pod.plan.id) goes on")
        }
        if !machine.phase.isFinal, admits, living.isEmpty, wakeAt == nil, !hasUncountedEnd {
            violations.append("nothing will ever move the run: \(machine.tasks.map(\.phase))")
        }
    }

    /// Whether the next step has something to act on at once: a creation that was refused for good.
    private var hasUncountedEnd: Bool {
        machine.tasks.contains { task in
            task.phase == .active && task.instances.contains { if case .failed = $0.phase { true } else { false } }
        }
    }
}

/// What tells whether a step changed anything.
struct Snapshot: Equatable {
    let phase: JobRunPhase
    let tasks: [TaskProgress]
    let isStopping: Bool

    init(_ machine: RunMachine) {
        phase = machine.phase
        tasks = machine.tasks
        isStopping = machine.stopReason != nil
    }
}

extension World: CustomStringConvertible {
    var description: String { "\(machine.phase) \(machine.tasks.map(\.phase)) with \(pods.count) pods" }
}
