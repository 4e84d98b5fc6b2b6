import KubeCore

/// What turns a task into a container.
package enum Runtimes {
    package static let container = "container"
    package static let shell = "shell"
    package static let python = "python"

    /// The built-in runtimes.
    package static let names = [container, shell, python]

    static let shellImage = "busybox:1.37"
    static let pythonImage = "python:3"

    /// The container of a task, with its templates parsed; evaluate it once for each item of a map.
    ///
    /// A task's own settings win over those of its Engine. The first problem is thrown, with a field relative to the
    /// task; a Job that `JobSpec.validate` finds nothing wrong with has none.
    package static func resolve(
        _ task: TaskSpec, defaults: EngineDefaults? = nil
    ) throws(FieldProblem) -> ContainerTemplate {
        let own = task.container
        var result = ContainerTemplate(
            image: Template.literal(""),
            env: try env(task, defaults),
            resources: own?.resources ?? task.resources ?? defaults?.resources,
            imagePullPolicy: own?.imagePullPolicy,
            volumeMounts: (own?.volumeMounts ?? []) + task.volumeMounts,
            serviceAccountName: task.serviceAccountName ?? defaults?.serviceAccountName,
            retry: task.retry ?? defaults?.retry,
            timeout: task.timeout ?? defaults?.timeout)
        let runtime = task.effectiveRuntime
        switch runtime {
        case container:
            guard let own, !own.command.isEmpty else {
                throw FieldProblem(
                    field: "container.command", message: "is missing", suggestion: "write the program to start")
            }
            guard let image = own.image ?? defaults?.image else {
                throw FieldProblem(
                    field: "container.image", message: "is missing",
                    suggestion: "add it, or a default image to the Engine")
            }
            result.image = try template(image, "container.image")
            result.command = try templates(own.command, "container.command")
            result.args = try templates(own.args, "container.args")
            if let directory = own.workingDir {
                result.workingDir = try template(directory, "container.workingDir")
            }
        case shell, python:
            guard let script = task.script else {
                throw FieldProblem(field: "script", message: "is missing", suggestion: "write the program")
            }
            let builtIn = runtime == shell ? shellImage : pythonImage
            result.image = try template(task.image ?? defaults?.image ?? builtIn, "image")
            // After the text, a shell takes the script's own name ($0); Python has none to give.
            let command = runtime == shell ? ["sh", "-eu", "-c", script, task.name] : ["python3", "-u", "-c", script]
            result.command = command.map(Template.literal)
            result.args = try templates(task.args, "args")
        default:
            throw FieldProblem(
                field: "runtime", message: "there is no runtime '\(runtime)'",
                suggestion: DidYouMean.suggestion(for: runtime, among: names))
        }
        return result
    }

    /// The Engine's variables, over them the task's, and over those the container's; each name once, in that order.
    private static func env(
        _ task: TaskSpec, _ defaults: EngineDefaults?
    ) throws(FieldProblem) -> [ContainerTemplate.Variable] {
        var order: [String] = []
        var byName: [String: ContainerTemplate.Variable] = [:]
        let sources = [
            ("engine defaults.env", defaults?.env ?? []), ("env", task.env),
            ("container.env", task.container?.env ?? []),
        ]
        for (field, variables) in sources {
            for (index, variable) in variables.enumerated() {
                if byName[variable.name] == nil {
                    order.append(variable.name)
                }
                byName[variable.name] = ContainerTemplate.Variable(
                    name: variable.name, value: try template(variable.value ?? "", "\(field)[\(index)].value"),
                    valueFrom: variable.valueFrom)
            }
        }
        return order.compactMap { byName[$0] }
    }

    private static func templates(_ texts: [String], _ field: String) throws(FieldProblem) -> [Template] {
        var result: [Template] = []
        for (index, text) in texts.enumerated() {
            result.append(try template(text, "\(field)[\(index)]"))
        }
        return result
    }

    private static func template(_ text: String, _ field: String) throws(FieldProblem) -> Template {
        do {
            return try Template.parse(text)
        } catch {
            throw FieldProblem(field: field, message: "bad expression at \(error)")
        }
    }
}

extension TaskSpec {
    /// The runtime it names, or the one that follows from what it has.
    package var effectiveRuntime: String {
        runtime ?? (container != nil ? Runtimes.container : Runtimes.shell)
    }
}
