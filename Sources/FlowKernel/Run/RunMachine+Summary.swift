import FlowAPI
import KubeCore

/// The run as its JobRun's status tells it: bounded, however many tasks there are.
extension RunMachine {
    package func summary(now: Timestamp) -> JobRunStatus {
        var counts = TaskCounts()
        var states: [TaskState] = []
        var failed: [TaskFailure] = []
        for (task, progress) in zip(plan.tasks, tasks) {
            states.append(summarize(task, progress, counts: &counts, failed: &failed))
        }
        var status = JobRunStatus(
            phase: phase, startedAt: startedAt, finishedAt: finishedAt,
            progress: "\(counts.succeeded + counts.skipped)/\(counts.total)",
            message: message(failed: failed)?.clipped(to: 4096), tasks: counts,
            taskStates: states,
            failed: Array(failed.prefix(JobRunStatus.maxFailed)), params: plan.params)
        if let startedAt, let finishedAt {
            status.duration = FlowDuration.readable(finishedAt - startedAt)
        }
        for (name, value) in outputs { status.outputs[name] = value }
        return status
    }

    private func summarize(
        _ task: PlannedTask, _ progress: TaskProgress, counts: inout TaskCounts, failed: inout [TaskFailure]
    ) -> TaskState {
        var state = TaskState(
            name: task.name, phase: progress.phase.reported, total: progress.instances.count,
            startedAt: progress.startedAt, finishedAt: progress.finishedAt)
        switch progress.phase {
        case .failed(let failure): state.message = failure.message
        case .skipped(let reason): state.message = reason
        case .blocked, .active, .succeeded, .cancelled: break
        }
        var begun = false
        for (index, instance) in progress.instances.enumerated() {
            state.attempts += instance.begunAttempts
            switch instance.phase {
            case .ready, .creating:
                state.message = state.message ?? instance.deferral
                begun = begun || instance.attempt > 1
            case .pending(let stuck):
                state.message = state.message ?? stuck
            case .running, .stopping:
                state.running += 1
                begun = true
            case .succeeded:
                state.succeeded += 1
                begun = true
            case .failed(let failure):
                state.failed += 1
                begun = true
                guard failure.reason != .cancelled else { break }
                failed.append(
                    TaskFailure(
                        task: task.name, index: progress.items == nil ? nil : index, attempt: instance.attempt,
                        reason: failure.reason, exitCode: failure.exitCode, message: failure.message.clipped(to: 4096),
                        pod: instance.pod))
            }
        }
        if case .failed(let failure) = progress.phase, progress.instances.isEmpty {
            failed.append(
                TaskFailure(
                    task: task.name, attempt: 1, reason: failure.reason, message: failure.message.clipped(to: 4096)))
        }
        if progress.phase == .active, !begun { state.phase = .queued }
        // The messages of all tasks together must fit into an object.
        state.message = state.message?.clipped(to: max(128, min(1024, 65_536 / max(1, plan.tasks.count))))
        count(progress, state, into: &counts)
        return state
    }

    /// Each item of a map counts as one; a task without items that are known counts as one.
    private func count(_ progress: TaskProgress, _ state: TaskState, into counts: inout TaskCounts) {
        let size = progress.items == nil ? 1 : progress.instances.count
        counts.total += size
        switch progress.phase {
        case .blocked:
            break  // It could not start yet, so it is in the total alone.
        case .skipped:
            counts.skipped += 1
        case .failed where progress.instances.isEmpty:
            counts.failed += 1
        case .cancelled where progress.instances.isEmpty:
            counts.skipped += 1
        case .active, .succeeded, .failed, .cancelled:
            counts.succeeded += state.succeeded
            counts.running += state.running
            counts.failed += state.failed
            counts.queued += progress.instances.count - state.succeeded - state.running - state.failed
        }
    }

    /// One line for `kubectl get`: why it failed, or what it waits for.
    private func message(failed: [TaskFailure]) -> String? {
        if let stopReason, phase.isFinal || stopReason.reason != .cancelled { return stopReason.message }
        if let runFailure { return runFailure.message }
        if let first = failed.first {
            let place = first.index.map { "\(first.task)[\($0)]" } ?? first.task
            let attempts = first.attempt > 1 ? " after \(first.attempt) attempts" : ""
            let others = failed.count > 1 ? "; \(failed.count - 1) more failed" : ""
            return "task \(place) failed\(attempts): \(first.message ?? first.reason.rawValue)\(others)"
        }
        guard phase == .running else { return nil }
        for (task, progress) in zip(plan.tasks, tasks) {
            for instance in progress.instances {
                if case .pending(let stuck?) = instance.phase { return "task \(task.name) cannot start: \(stuck)" }
                if let deferral = instance.deferral { return "task \(task.name) waits: \(deferral)" }
            }
        }
        return nil
    }
}

extension String {
    /// At most `count` code points, which is how an API server counts: a status that is too long would never be written.
    func clipped(to count: Int) -> String {
        guard unicodeScalars.count > count else { return self }
        return String(String.UnicodeScalarView(unicodeScalars.prefix(count - 1))) + "…"
    }
}
