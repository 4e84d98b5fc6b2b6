import FlowAPI
import FlowKernel
import KubeCore

/// Level 2: the kernel of one Engine. It holds the state machine of each of its active runs and performs their effects.
///
/// What it holds is a cache of what the cluster knows: a kernel that starts anew rebuilds it from the pods.
package actor EngineKernel {
    package nonisolated let engine: ObjectID
    private let driver: any WorkloadDriver
    private var machines: [String: RunMachine] = [:]

    /// How many pods of one run are asked for at the same time.
    private static let concurrentEffects = 16

    package init(engine: ObjectID, driver: any WorkloadDriver) {
        self.engine = engine
        self.driver = driver
    }

    /// Whether the run with this UID is known here; otherwise `step` needs its plan.
    package func knows(run uid: String) -> Bool { machines[uid] != nil }

    /// Takes up a run: from its beginning, or, after a restart of the kernel, from where its pods tell it stands.
    package func adopt(_ plan: RunPlan, startedAt: Timestamp?) {
        guard machines[plan.run.uid] == nil else { return }
        machines[plan.run.uid] = RunMachine(plan: plan, startedAt: startedAt)
    }

    /// Drops a run that has ended or is gone.
    package func forget(run uid: String) {
        machines[uid] = nil
    }

    package var activeRuns: Int { machines.count }

    /// Moves a run on and performs what that takes.
    ///
    /// Calls for one run must not overlap; those of different runs may.
    /// - Returns: nil when the run is not known here.
    package func step(
        run uid: String, observed: [AttemptObservation], admits: Bool, isCancelled: Bool,
        now: @Sendable () -> Timestamp
    ) async -> RunReport? {
        guard var machine = machines[uid] else { return nil }
        let began = now()
        let step = machine.step(observed: observed, now: began, admits: admits, isCancelled: isCancelled)
        machines[uid] = machine
        let ended = await perform(step.effects, of: machine.plan.run)

        // Another run's step may have come between; this run's machine is still the one stored above, unless dropped.
        guard var current = machines[uid] else { return nil }
        for (id, outcome) in ended {
            current.creationEnded(id, outcome, now: now())
        }
        machines[uid] = current
        return RunReport(
            status: current.summary(now: now()),
            // From when the machine last looked: what fell due while the effects were performed is still to be done.
            wakeAt: current.nextWake(after: began),
            mustStepAgain: ended.contains { if case .rejected = $0.1 { true } else { false } },
            countedPods: current.counted(among: observed))
    }

    private func perform(_ effects: [RunEffect], of run: RunIdentity) async -> [(AttemptID, CreationOutcome)] {
        let driver = self.driver
        return await withTaskGroup(of: (AttemptID, CreationOutcome)?.self) { group in
            var ended: [(AttemptID, CreationOutcome)] = []
            for (position, effect) in effects.enumerated() {
                if position >= Self.concurrentEffects, let one = await group.next(), let one { ended.append(one) }
                group.addTask {
                    switch effect {
                    case .create(let attempt):
                        return (attempt.id, await driver.create(attempt, of: run))
                    case .delete(_, let pod, _):
                        await driver.delete(pod: pod, of: run)
                        return nil
                    }
                }
            }
            for await one in group {
                if let one { ended.append(one) }
            }
            return ended
        }
    }
}

/// What a step of a run came to.
package struct RunReport: Sendable {
    package var status: JobRunStatus
    /// When to step again though nothing happened.
    package var wakeAt: Timestamp?
    /// Whether an effect ended in a way that the next step acts on at once.
    package var mustStepAgain: Bool
    /// Pods whose finalizer has done its work, once `status` is written.
    package var countedPods: [String]
}
