import FlowAPI
import KubeCore

/// Cancellation and the run's timeout: what runs is stopped, what has not begun never does.
extension RunMachine {
    /// Begins to stop the run when it is cancelled or out of time.
    mutating func stopIfAsked(_ sightings: Sightings, now: Timestamp, isCancelled: Bool) {
        guard stopReason == nil, let reason = causeToStop(now: now, isCancelled: isCancelled) else { return }
        // A run that was over before anybody looked keeps its own outcome. A lost pod may be one that an earlier kernel
        // stopped for this very reason.
        var alone = self
        alone.advanceAll(sightings, now: now)
        if alone.isOver, !alone.hasLost {
            self = alone
        } else {
            stopReason = reason
        }
    }

    /// Whether all tasks have ended.
    var isOver: Bool { tasks.allSatisfy(\.phase.isTerminal) }

    private var hasLost: Bool {
        tasks.lazy.flatMap(\.instances).contains { instance in
            if case .failed(let failure) = instance.phase { failure.reason == .lost } else { false }
        }
    }

    private func causeToStop(now: Timestamp, isCancelled: Bool) -> Failure? {
        if isCancelled { return Failure(.cancelled, "the run was cancelled") }
        guard let deadline = runDeadline, now >= deadline else { return nil }
        return Failure(.timeout, "the run took longer than its timeout of \(plan.timeoutText)")
    }

    mutating func stop(_ state: inout InstanceProgress, for reason: Failure, now: Timestamp) {
        switch state.phase {
        case .ready:
            state.phase = .failed(reason)
            state.finishedAt = now
        case .pending, .running:
            state.phase = .stopping(reason)
        case .creating, .stopping, .succeeded, .failed:
            break  // A creation under way must first be known to have happened or not.
        }
    }

    /// The pods to delete: those of instances that are being stopped, and of a run that is over all that still live.
    func deletions(_ sightings: Sightings, _ observed: [AttemptObservation]) -> [RunEffect] {
        if phase.isFinal {
            let reason = stopReason?.reason ?? .cancelled
            return observed.filter { !$0.hasEnded && !$0.isTerminating }.map {
                .delete($0.id, pod: $0.pod, reason: reason)
            }
        }
        var effects: [RunEffect] = []
        for (task, progress) in zip(plan.tasks, tasks) where progress.phase == .active {
            for (index, instance) in progress.instances.enumerated() {
                guard case .stopping(let failure) = instance.phase,
                    let sighting = sightings[InstanceID(task: task.name, index: progress.items == nil ? nil : index)],
                    !sighting.isTerminating, sighting.id.number == instance.attempt
                else { continue }
                effects.append(.delete(sighting.id, pod: sighting.pod, reason: failure.reason))
            }
        }
        return effects
    }
}
