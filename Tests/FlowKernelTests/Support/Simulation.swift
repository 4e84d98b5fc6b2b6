import FlowAPI
import FlowKernel
import KubeCore

/// A world that moves by itself: every attempt has a fate, and time jumps from one happening to the next.
struct Simulation {
    enum Fate {
        case succeeds(outputs: JSONObject = [:], after: Duration = .seconds(10))
        case fails(FailureReason, after: Duration = .seconds(10))
        /// Runs until it is told to end.
        case hangs
        /// Cannot begin until it is told to end.
        case stuck
    }

    /// Something that happens to the run from outside, so long after it was made.
    struct Happening {
        let after: Duration
        let body: (inout World) -> Void
    }

    var world: World
    let fate: (AttemptID) -> Fate
    var happenings: [Happening] = []
    private let beginning: Timestamp

    init(_ plan: RunPlan, fate: @escaping (AttemptID) -> Fate) {
        world = World(plan)
        self.fate = fate
        beginning = world.now
    }

    /// Runs until the run has ended or nothing happens any more.
    ///
    /// - Returns: whether the run has ended.
    mutating func run(rounds: Int = 3_000) -> Bool {
        for _ in 0..<rounds {
            world.settle()
            if world.writtenPhase.isFinal { return true }
            guard let moment = nextMoment() else { return false }
            world.now = max(world.now, moment)
            happen()
        }
        return false
    }

    private func nextMoment() -> Timestamp? {
        var moments = world.pods.values.compactMap(nextChange)
        moments += happenings.map { beginning + $0.after }
        if let wake = world.wakeAt { moments.append(wake) }
        return moments.min()
    }

    private mutating func happen() {
        let due = happenings.filter { beginning + $0.after <= world.now }
        happenings.removeAll { beginning + $0.after <= world.now }
        for happening in due { happening.body(&world) }
        for (name, pod) in world.pods {
            guard let moment = nextChange(pod), moment <= world.now else { continue }
            world.pods[name] = changed(pod, at: moment)
        }
    }

    /// A pod begins a second after it was made, and ends two seconds after it was told to.
    private func nextChange(_ pod: World.Pod) -> Timestamp? {
        if pod.hasEnded { return nil }
        if let since = pod.terminatingSince { return since + .seconds(2) }
        switch (pod.phase, fate(pod.plan.id)) {
        case (.pending(stuck: nil), _): return pod.createdAt + .seconds(1)
        case (.pending, _), (_, .hangs), (_, .stuck): return nil
        case (_, .succeeds(_, let after)), (_, .fails(_, let after)): return pod.startedAt.map { $0 + after }
        }
    }

    private func changed(_ pod: World.Pod, at moment: Timestamp) -> World.Pod {
        var pod = pod
        if pod.terminatingSince != nil {
            pod.finishedAt = moment
            pod.phase = .failed(Failure(.lost, "its pod was deleted"))
            return pod
        }
        switch (pod.phase, fate(pod.plan.id)) {
        case (.pending, .stuck):
            pod.phase = .pending(stuck: "ErrImagePull: no such image")
        case (.pending, _):
            pod.phase = .running
            pod.startedAt = moment
        case (_, .succeeds(let outputs, _)):
            pod.finishedAt = moment
            pod.phase = .succeeded(outputs: outputs)
        case (_, .fails(let reason, _)):
            pod.finishedAt = moment
            pod.phase = .failed(Failure(reason, "it failed"))
        case (_, .hangs), (_, .stuck):
            break
        }
        return pod
    }
}

/// How a run ended, as far as it must not depend on crashes.
struct Ending: Equatable, CustomStringConvertible {
    var phase: JobRunPhase
    var tasks: [String]
    var outputs: JSONObject
    var pods: Set<String>

    init(_ world: World) {
        phase = world.phase
        outputs = world.machine.outputs
        pods = Set(world.created)
        tasks = zip(world.plan.tasks, world.machine.tasks).map { task, progress in
            let instances = progress.instances.map { instance in
                switch instance.phase {
                case .succeeded(let outputs): "ok \(instance.attempt) \(JSON.object(outputs).encodedString())"
                case .failed(let failure): "\(failure.reason) \(instance.attempt)"
                default: "\(instance.phase)"
                }
            }
            return "\(task.name) \(progress.phase.reported) \(instances)"
        }
    }

    var description: String { "\(phase) \(tasks) \(JSON.object(outputs).encodedString()) \(pods.sorted())" }
}
