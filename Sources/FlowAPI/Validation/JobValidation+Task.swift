import CEL

extension JobValidator {
    mutating func check(_ task: TaskSpec, _ field: String) {
        let outer = scope(of: task, item: nil)
        let inner = task.map.map { scope(of: task, item: $0.variable) } ?? outer
        checkRuntime(task, field)
        if let container = task.container {
            check(container, "\(field).container", inner)
        }
        checkTemplates(task.env, "\(field).env", inner)
        if let image = task.image {
            problems.checkTemplate(image, "\(field).image", inner)
        }
        for (index, argument) in task.args.enumerated() {
            problems.checkTemplate(argument, "\(field).args[\(index)]", inner)
        }
        if let map = task.map {
            check(map, "\(field).map", outer)
        }
        if let condition = task.if {
            problems.checkExpression(
                condition, "\(field).if", outer, example: "${{ tasks.build.status == 'Succeeded' }}")
        }
        checkOutputNames(task, field)
        problems.checkRetry(task.retry, "\(field).retry")
        problems.checkDuration(task.timeout, "\(field).timeout")
        problems.checkResources(task.resources, "\(field).resources")
        problems.checkVolumeMounts(
            task.volumeMounts + (task.container?.volumeMounts ?? []), "\(field).volumeMounts",
            data: engine?.data.map(\.name))
    }

    // MARK: What runs

    private mutating func checkRuntime(_ task: TaskSpec, _ field: String) {
        if let runtime = task.runtime, !Runtimes.names.contains(runtime) {
            problems.add(
                "\(field).runtime", "there is no runtime '\(runtime)'",
                DidYouMean.suggestion(for: runtime, among: Runtimes.names))
            return
        }
        switch (task.container, task.script) {
        case (.some, .some):
            problems.add(field, "has both a container and a script", "remove one of them")
        case (nil, nil):
            let takesContainer = task.runtime == Runtimes.container
            problems.add(
                field, "has neither a container nor a script",
                takesContainer ? "add a container with an image and a command" : "add the program as script")
        case (.some, nil):
            if let runtime = task.runtime, runtime != Runtimes.container {
                problems.add(
                    "\(field).runtime", "the runtime '\(runtime)' takes a script, but there is a container",
                    "write the program as script, or use the runtime '\(Runtimes.container)'")
            }
            if task.image != nil {
                problems.add("\(field).image", "is for scripts", "move it into container")
            }
            if !task.args.isEmpty {
                problems.add("\(field).args", "is for scripts", "move it into container")
            }
        case (nil, let script?):
            if task.runtime == Runtimes.container {
                problems.add(
                    "\(field).runtime", "the runtime 'container' takes a container, but there is a script",
                    "add a container, or use the runtime '\(Runtimes.shell)'")
            }
            check(script: script, "\(field).script", isShell: task.effectiveRuntime == Runtimes.shell)
        }
    }

    private mutating func check(script: String, _ field: String, isShell: Bool) {
        guard !script.trimmed.isEmpty else {
            problems.add(field, "is empty", "write the program")
            return
        }
        // The script is passed on as it stands. In a shell script '${{' is an error anyway; elsewhere it may mean
        // something, unless it names what only expressions know.
        guard let template = try? Template.parse(script) else { return }
        let evaluates = template.expressions.contains { embedded in
            let roots = Set(embedded.expression.selectPaths.compactMap(\.path.first))
            return isShell || !roots.isDisjoint(with: ExpressionContext.roots)
        }
        if evaluates {
            problems.add(
                field, "has an expression in it, but nothing is substituted into scripts",
                "set a variable in env to the expression, and read it in the script")
        }
    }

    private mutating func check(_ container: ContainerSpec, _ field: String, _ scope: ExpressionScope) {
        if container.command.isEmpty {
            problems.add(
                "\(field).command", "is empty",
                "write the program to start; FlowEngine's agent cannot see the entrypoint of an image")
        }
        if let image = container.image {
            problems.checkTemplate(image, "\(field).image", scope)
        } else if let engine, engine.defaults?.image == nil {
            problems.add("\(field).image", "is missing", "add it, or a default image to the Engine")
        }
        for (index, word) in container.command.enumerated() {
            problems.checkTemplate(word, "\(field).command[\(index)]", scope)
        }
        for (index, word) in container.args.enumerated() {
            problems.checkTemplate(word, "\(field).args[\(index)]", scope)
        }
        if let directory = container.workingDir {
            problems.checkTemplate(directory, "\(field).workingDir", scope)
        }
        checkTemplates(container.env, "\(field).env", scope)
        problems.checkResources(container.resources, "\(field).resources")
    }

    private mutating func checkTemplates(_ env: [EnvVar], _ field: String, _ scope: ExpressionScope) {
        problems.checkEnv(env, field)
        for (index, variable) in env.enumerated() {
            if let value = variable.value {
                problems.checkTemplate(value, "\(field)[\(index)].value", scope)
            }
        }
    }

    // MARK: Map and outputs

    private mutating func check(_ map: MapSpec, _ field: String, _ scope: ExpressionScope) {
        switch (map.over, map.count) {
        case (.some, .some): problems.add(field, "has both over and count", "remove one of them")
        case (nil, nil): problems.add(field, "has neither over nor count", "add the list of items, or their number")
        case (let over?, nil):
            problems.checkExpression(over, "\(field).over", scope, example: "${{ tasks.split.outputs.parts }}")
        case (nil, let count?):
            if !(1...10_000).contains(count) {
                problems.add("\(field).count", "\(count) is out of range", "choose a number from 1 to 10000")
            }
        }
        if let limit = map.maxParallel, limit < 1 {
            problems.add("\(field).maxParallel", "must be at least 1", "leave the field out for no limit")
        }
        problems.checkIdentifier(map.variable, "\(field).as")
        if TaskEnvironment.isReserved(map.variable) {
            problems.add(
                "\(field).as", "'\(map.variable)' has a meaning already",
                "choose another name, such as '\(MapSpec.defaultVariable)'")
        }
    }

    private mutating func checkOutputNames(_ task: TaskSpec, _ field: String) {
        var seen: Set<String> = []
        for (index, name) in task.outputs.enumerated() {
            problems.checkIdentifier(name, "\(field).outputs[\(index)]")
            if !seen.insert(name).inserted {
                problems.add("\(field).outputs[\(index)]", "'\(name)' is named twice", "remove one of the two")
            }
        }
    }
}
