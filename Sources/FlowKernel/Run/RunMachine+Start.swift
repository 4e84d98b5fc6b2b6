import FlowAPI
import KubeCore

/// Which attempts begin now, and when to look again.
extension RunMachine {
    /// Asks for the pods of as many ready instances as the limits allow, in the order of the Job's tasks.
    ///
    /// - Returns: whether an instance failed because its expressions do, which may end its task.
    mutating func start(now: Timestamp, effects: inout [RunEffect]) -> Bool {
        var failed = false
        var base: ExpressionContext?
        var places = plan.maxParallel - tasks.reduce(0) { $0 + $1.instances.count { $0.isActive } }
        for position in plan.order {
            guard places > 0 else { break }
            guard case .active = tasks[position].phase else { continue }
            let task = plan.tasks[position]
            var taskPlaces = task.maxParallel - tasks[position].instances.count { $0.isActive }
            for index in tasks[position].instances.indices {
                guard places > 0, taskPlaces > 0 else { break }
                guard case .ready(let after) = tasks[position].instances[index].phase, after.map({ $0 <= now }) ?? true
                else { continue }
                let item = tasks[position].items.map { (index: index, value: $0[index]) }
                let id = AttemptID(
                    InstanceID(task: task.name, index: item?.index),
                    number: tasks[position].instances[index].attempt)
                let context = base ?? scope()
                base = context
                do {
                    effects.append(.create(try plan.attempt(id, of: task, item: item, context: context)))
                    tasks[position].instances[index].phase = .creating
                    places -= 1
                    taskPlaces -= 1
                } catch {
                    tasks[position].instances[index].phase = .failed(Failure(.expression, "\(error)"))
                    tasks[position].instances[index].finishedAt = now
                    failed = true
                }
            }
        }
        return failed
    }

    /// The next moment at which time alone changes something.
    package func nextWake(after now: Timestamp) -> Timestamp? {
        guard !phase.isFinal else { return nil }
        var wake = stopReason == nil ? runDeadline : nil
        func consider(_ moment: Timestamp?) {
            guard let moment, moment > now else { return }
            wake = wake.map { min($0, moment) } ?? moment
        }
        for (position, task) in tasks.enumerated() where task.phase == .active {
            let timeout = plan.tasks[position].timeout
            for instance in task.instances {
                switch instance.phase {
                case .ready(let after): consider(after)
                case .pending where instance.pod == nil, .stopping where instance.pod == nil:
                    consider(instance.createdAt.map { $0 + Self.unseenDeadline })
                case .pending(let stuck) where stuck != nil: consider(now + .seconds(30))
                case .stopping: consider(now + Self.deletionInterval)
                case .running:
                    guard let timeout, let started = instance.attemptStartedAt else { continue }
                    consider(started + timeout + Self.timeoutSlack)
                case .pending, .creating, .succeeded, .failed: continue
                }
            }
        }
        return wake
    }
}
