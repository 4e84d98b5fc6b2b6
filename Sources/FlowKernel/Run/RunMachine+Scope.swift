import FlowAPI
import KubeCore

/// What expressions see.
extension RunMachine {
    /// Everything but a map's item: parameters, the run's identity, and the tasks that have ended.
    func scope() -> Scope {
        var ended = JSONObject()
        for (task, progress) in zip(plan.tasks, tasks) where progress.phase.isTerminal {
            ended[task.name] = [
                "status": .string(progress.phase.reported.rawValue), "outputs": .object(outputs(of: task, progress)),
            ]
        }
        let run = plan.run
        return Scope([
            "params": .object(JSONObject(plan.params.map { ($0.key, $0.value) })),
            "tasks": .object(ended),
            "run": ["name": .string(run.name), "id": .string(run.uid), "namespace": .string(run.namespace)],
            "job": ["name": .string(run.job)],
            "engine": ["name": .string(run.engine)],
        ])
    }

    /// The outputs of one process, or of a map as lists in the order of its items. An item that failed has null there.
    private func outputs(of task: PlannedTask, _ progress: TaskProgress) -> JSONObject {
        func values(_ instance: InstanceProgress) -> JSONObject {
            if case .succeeded(let outputs) = instance.phase { outputs } else { [:] }
        }
        guard progress.items != nil else { return progress.instances.first.map(values) ?? [:] }
        var lists = JSONObject()
        for name in task.spec.outputs {
            lists[name] = .array(progress.instances.map { values($0)[name] ?? .null })
        }
        return lists
    }
}

extension RunPlan {
    /// The attempt's process with every template evaluated.
    ///
    /// - Throws: what an expression threw, with the field that holds it.
    func attempt(
        _ id: AttemptID, of task: PlannedTask, item: (index: Int, value: JSON)?, scope base: Scope
    ) throws -> AttemptPlan {
        var scope = base
        if let item, let map = task.map {
            scope[map.variable] = item.value
            scope["index"] = .int(Int64(item.index))
        }
        func text(_ template: Template, _ field: String) throws -> String {
            try PlanProblem.naming(field) { try template.evaluate(scope).asText }
        }
        var env: [EnvVar] = params.sorted { $0.key < $1.key }.map {
            EnvVar(name: Self.variableName("PARAM_" + $0.key), value: $0.value.asText)
        }
        if let item, let map = task.map {
            env.append(EnvVar(name: Self.variableName(map.variable), value: item.value.asText))
        }
        for (variable, value) in task.command.env {
            var resolved = variable
            resolved.value = try value.map { try text($0, "env \(variable.name)") }
            env.append(resolved)
        }
        let mounts = task.spec.volumeMounts + (task.spec.container?.volumeMounts ?? [])
        let names = Set(mounts.map(\.name))
        return AttemptPlan(
            id: id,
            image: try text(task.command.image, "image"),
            imagePullPolicy: task.spec.container?.imagePullPolicy,
            command: try task.command.arguments.enumerated().map { try text($1, "command[\($0)]") },
            workingDir: try task.command.workingDir.map { try text($0, "workingDir") },
            env: env,
            outputs: task.spec.outputs,
            timeout: task.timeout,
            resources: task.spec.container?.resources ?? task.spec.resources ?? defaults.resources,
            serviceAccountName: task.spec.serviceAccountName ?? defaults.serviceAccountName,
            mounts: mounts,
            data: data.filter { names.contains($0.name) })
    }

    /// A name in capitals, with `_` for what no environment variable may hold.
    static func variableName(_ name: String) -> String {
        String(name.uppercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
    }
}
