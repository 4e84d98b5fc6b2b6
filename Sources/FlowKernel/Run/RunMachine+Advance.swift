import FlowAPI
import KubeCore

/// From what is observed to where each task stands.
extension RunMachine {
    /// Moves one task on as far as it goes. Tasks are advanced in topological order, so that one step carries an
    /// outcome all the way down.
    mutating func advance(
        _ position: Int, sightings: Sightings, now: Timestamp, effects: inout [RunEffect]
    ) {
        if case .blocked = tasks[position].phase { unblock(position, now: now) }
        guard case .active = tasks[position].phase else { return }
        let task = plan.tasks[position]
        for index in tasks[position].instances.indices where !tasks[position].instances[index].isTerminal {
            let id = InstanceID(task: task.name, index: tasks[position].items == nil ? nil : index)
            var state = tasks[position].instances[index]
            observe(&state, id: id, sighting: sightings[id], task: task, now: now)
            if let stopReason { stop(&state, for: stopReason, now: now) }
            if case .stopping(let failure) = state.phase, let sighting = sightings[id], !sighting.isTerminating,
                sighting.id.number == state.attempt
            {
                let attempt = AttemptID(id, number: state.attempt)
                effects.append(.delete(attempt, pod: sighting.pod, reason: failure.reason))
            }
            tasks[position].instances[index] = state
        }
        conclude(position, now: now)
    }

    /// The place of an instance in its task's list; nil when the task has no such instance now.
    func instanceIndex(_ id: InstanceID, in position: Int) -> Int? {
        let index = id.index ?? 0
        return tasks[position].instances.indices.contains(index) ? index : nil
    }

    // MARK: Becoming active

    private mutating func unblock(_ position: Int, now: Timestamp) {
        if let stopReason {
            tasks[position].phase = stopReason.reason == .cancelled ? .cancelled : .skipped("the run was stopped")
            return
        }
        let task = plan.tasks[position]
        let needs = task.needs.compactMap { plan.position[$0] }
        guard needs.allSatisfy({ tasks[$0].phase.isTerminal }), startedAt != nil else { return }
        do {
            if let condition = task.condition {
                guard try condition.evaluate(scope()) == .bool(true) else {
                    tasks[position].phase = .skipped("its `if` is false")
                    return
                }
            } else if let obstacle = needs.first(where: { tasks[$0].phase != .succeeded }) {
                let name = plan.tasks[obstacle].name
                tasks[position].phase = .skipped("\(name) is \(tasks[obstacle].phase.reported.rawValue.lowercased())")
                return
            }
            tasks[position].items = try task.items(in: scope())
        } catch {
            tasks[position].phase = .failed(Failure(.expression, "\(error)"))
            tasks[position].finishedAt = now
            return
        }
        tasks[position].instances = Array(repeating: InstanceProgress(), count: tasks[position].items?.count ?? 1)
        tasks[position].phase = .active
    }

    // MARK: Observing

    private func observe(
        _ state: inout InstanceProgress, id: InstanceID, sighting: AttemptObservation?, task: PlannedTask, now: Timestamp
    ) {
        guard let sighting, sighting.id.number >= state.attempt else {
            // A pod that was there and is not: somebody removed it past our finalizer, or it is the stop we asked for.
            guard state.pod != nil else { return }
            switch state.phase {
            case .pending, .running:
                fail(&state, Failure(.lost, "its pod is gone"), at: now, task: task, now: now)
            case .stopping(let failure):
                fail(&state, failure, at: now, task: task, now: now)
            case .ready, .creating, .succeeded, .failed: break
            }
            return
        }
        if sighting.id.number > state.attempt {
            // Attempts before one that exists have failed: a restarted kernel learns it here.
            state.attempt = sighting.id.number
            state.phase = .pending(stuck: nil)
        }
        state.pod = sighting.pod
        state.deferral = nil
        state.startedAt = state.startedAt ?? sighting.startedAt
        switch (sighting.phase, state.phase) {
        case (.pending, .stopping), (.running, .stopping):
            break
        case (.pending(let stuck), _):
            state.phase = .pending(stuck: stuck)
            if let stuck, now >= sighting.createdAt + Self.startDeadline {
                state.phase = .stopping(Failure(.startFailed, stuck))
            }
        case (.running, _):
            state.phase = .running
            if let timeout = task.timeout, let started = sighting.startedAt,
                now >= started + timeout + Self.timeoutSlack
            {
                state.phase = .stopping(Failure(.timeout, "it took longer than its timeout of \(task.timeoutText)"))
            }
        case (.succeeded(let outputs), _):
            state.phase = .succeeded(outputs: outputs)
            state.finishedAt = sighting.finishedAt ?? now
        case (.failed(let failure), let phase):
            var cause = failure
            if case .stopping(let reason) = phase { cause = reason }
            fail(&state, cause, at: sighting.finishedAt ?? now, task: task, now: now)
        }
    }

    /// Ends the current attempt, and readies the next when the retry policy grants one.
    private func fail(
        _ state: inout InstanceProgress, _ failure: Failure, at end: Timestamp, task: PlannedTask, now: Timestamp
    ) {
        if stopReason == nil, let gap = task.retry.gap(after: state.attempt, failure.reason) {
            state.attempt += 1
            state.pod = nil
            state.phase = .ready(after: end + gap)
        } else {
            state.phase = .failed(failure)
            state.finishedAt = end
        }
    }

    private func stop(_ state: inout InstanceProgress, for reason: Failure, now: Timestamp) {
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

    // MARK: Concluding

    private mutating func conclude(_ position: Int, now: Timestamp) {
        let instances = tasks[position].instances
        tasks[position].startedAt = instances.lazy.compactMap(\.startedAt).min()
        guard instances.allSatisfy(\.isTerminal) else { return }
        tasks[position].finishedAt = instances.lazy.compactMap(\.finishedAt).max() ?? now
        let failures = instances.enumerated().compactMap { index, state -> (Int, Failure)? in
            if case .failed(let failure) = state.phase { (index, failure) } else { nil }
        }
        guard let (index, first) = failures.first else {
            tasks[position].phase = .succeeded
            return
        }
        if failures.contains(where: { $0.1.reason == .cancelled }) {
            tasks[position].phase = .cancelled
        } else if tasks[position].items != nil {
            let others = failures.count > 1 ? " (and \(failures.count - 1) more of \(instances.count))" : ""
            tasks[position].phase = .failed(
                Failure(first.reason, "[\(index)]: \(first.message)\(others)", exitCode: first.exitCode))
        } else {
            tasks[position].phase = .failed(first)
        }
    }
}
