import FlowAPI
import KubeCore

/// From what is observed to where each task stands.
extension RunMachine {
    /// Moves one task on as far as it goes. Tasks are advanced in topological order, so that one step carries an
    /// outcome all the way down.
    mutating func advance(_ position: Int, sightings: Sightings, now: Timestamp) {
        if case .blocked = tasks[position].phase { unblock(position, sightings: sightings, now: now) }
        guard case .active = tasks[position].phase else { return }
        let task = plan.tasks[position]
        for index in tasks[position].instances.indices where !tasks[position].instances[index].isTerminal {
            let id = InstanceID(task: task.name, index: tasks[position].items == nil ? nil : index)
            var state = tasks[position].instances[index]
            observe(&state, sighting: sightings[id], task: task, now: now)
            if let stopReason { stop(&state, for: stopReason, now: now) }
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

    private mutating func unblock(_ position: Int, sightings: Sightings, now: Timestamp) {
        // A task that has pods was active before this machine was rebuilt, and its pods must be stopped first.
        if let stopReason, !sightings.include(task: plan.tasks[position].name) {
            tasks[position].phase = stopReason.reason == .cancelled ? .cancelled : .skipped("the run was stopped")
            return
        }
        let task = plan.tasks[position]
        let needs = task.needs.compactMap { plan.position[$0] }
        guard needs.allSatisfy({ tasks[$0].phase.isTerminal }), startedAt != nil else { return }
        do {
            if let condition = task.condition {
                let value = try condition.evaluate(scope())
                guard let isTrue = value.boolValue else {
                    throw PlanProblem("if must give true or false, and it gives: \(PlannedTask.excerpt(value))")
                }
                guard isTrue else {
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
        _ state: inout InstanceProgress, sighting: AttemptObservation?, task: PlannedTask,
        now: Timestamp
    ) {
        guard let sighting, sighting.id.number >= state.attempt else {
            // A pod that was there and is not: somebody removed it past our finalizer, or it is the stop we asked for.
            guard state.pod != nil else {
                missUnseen(&state, task: task, now: now)
                return
            }
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
        state.attemptStartedAt = sighting.startedAt
        switch (sighting.phase, state.phase) {
        case (.pending, .stopping), (.running, .stopping):
            break
        case (.pending(let stuck), _):
            state.phase = .pending(stuck: stuck)
            if let stuck, sighting.isPlaced, now >= (sighting.startedAt ?? sighting.createdAt) + Self.startDeadline {
                state.phase = .stopping(Failure(.startFailed, stuck))
            }
        case (.running, _):
            state.phase = .running
            if let timeout = timeout(of: task, sighting, at: now) { state.phase = .stopping(timeout) }
        case (.succeeded(let outputs), _):
            state.phase = .succeeded(outputs: outputs)
            state.finishedAt = sighting.finishedAt ?? now
        case (.failed(let failure), let phase):
            let end = sighting.finishedAt ?? now
            var cause = failure
            if case .stopping(let reason) = phase {
                cause = reason
            } else if failure.reason == .lost, sighting.isTerminating {
                // Perhaps deleted by the kernel before this machine was rebuilt, for a reason that can be told again.
                cause = timeout(of: task, sighting, at: end) ?? stopReason ?? failure
            }
            fail(&state, cause, at: end, task: task, now: now)
        }
    }

    /// A pod that was made is not among those observed, and never was.
    ///
    /// Most likely it is not in the cache yet. When it does not show up, the same attempt is asked for again: the answer
    /// tells whether its pod exists.
    private func missUnseen(_ state: inout InstanceProgress, task: PlannedTask, now: Timestamp) {
        guard let createdAt = state.createdAt, now >= createdAt + Self.unseenDeadline else { return }
        switch state.phase {
        case .pending:
            state.phase = .ready(after: nil)
            state.createdAt = nil
        case .stopping(let failure):
            fail(&state, failure, at: now, task: task, now: now)
        case .ready, .creating, .running, .succeeded, .failed: break
        }
    }

    /// The failure of an attempt that ran past its timeout, when nobody else ended it in time.
    private func timeout(of task: PlannedTask, _ sighting: AttemptObservation, at moment: Timestamp) -> Failure? {
        guard let timeout = task.timeout, let started = sighting.startedAt,
            moment >= started + timeout + Self.timeoutSlack
        else { return nil }
        return Failure(.timeout, "it took longer than its timeout of \(task.timeoutText)")
    }

    /// Ends the current attempt, and readies the next when the retry policy grants one.
    private func fail(
        _ state: inout InstanceProgress, _ failure: Failure, at end: Timestamp, task: PlannedTask, now: Timestamp
    ) {
        // An attempt that failed by itself is readied even while the run stops, and then stopped like any that waits.
        if failure != stopReason, let gap = task.retry.gap(after: state.attempt, failure.reason) {
            state.attempt += 1
            state.pod = nil
            state.createdAt = nil
            state.attemptStartedAt = nil
            state.phase = .ready(after: end + gap)
        } else {
            state.phase = .failed(failure)
            state.finishedAt = end
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
