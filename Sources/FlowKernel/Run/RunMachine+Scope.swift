import FlowAPI
import KubeCore

/// What expressions see.
extension RunMachine {
    /// Everything but a map's item: parameters, the run's identity, and the tasks that have ended.
    func scope() -> ExpressionContext {
        var ended: [String: ExpressionContext.TaskResult] = [:]
        for (task, progress) in zip(plan.tasks, tasks) where progress.phase.isTerminal {
            ended[task.name] = .init(phase: progress.phase.reported, outputs: outputs(of: task, progress))
        }
        let run = plan.run
        return ExpressionContext(
            params: plan.params, tasks: ended, runName: run.name, runID: run.uid, namespace: run.namespace,
            job: run.job, engine: run.engine)
    }

    /// The outputs of one process, or of a map as lists in the order of its items. An item that failed has null there.
    private func outputs(of task: PlannedTask, _ progress: TaskProgress) -> [String: JSON] {
        func values(_ instance: InstanceProgress) -> JSONObject {
            if case .succeeded(let outputs) = instance.phase { outputs } else { [:] }
        }
        var result: [String: JSON] = [:]
        for name in task.outputs {
            result[name] =
                progress.items == nil
                ? progress.instances.first.flatMap { values($0)[name] }
                : .array(progress.instances.map { values($0)[name] ?? .null })
        }
        return result
    }
}

extension RunPlan {
    /// The attempt's process with every template evaluated.
    ///
    /// - Throws: the first expression without a value, with the field that holds it.
    func attempt(
        _ id: AttemptID, of task: PlannedTask, item: (index: Int, value: JSON)?, context: ExpressionContext
    ) throws -> AttemptPlan {
        let mapped = item.flatMap { item in
            task.map.map { (variable: $0.variable, value: item.value, index: item.index) }
        }
        let own =
            mapped.map { context.withItem($0.value, named: $0.variable, index: $0.index) } ?? context
        let environment = TaskEnvironment.variables(
            engine: run.engine, job: run.job, run: run.name, task: task.name, attempt: id.number, params: params,
            item: mapped)
        let container = try task.container.evaluate(own, environment: environment)
        let mounted = Set(container.volumeMounts.map(\.name))
        return AttemptPlan(
            id: id, container: container, outputs: task.outputs, timeout: task.timeout,
            serviceAccountName: task.container.serviceAccountName, data: data.filter { mounted.contains($0.name) })
    }
}
