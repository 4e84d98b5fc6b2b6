import KubeCore

extension JobSpec {
    /// Everything that is wrong with the Job, in the order of its fields; empty when it can run.
    ///
    /// - Parameter engine: the Engine that it names, for what depends on its defaults and data; nil when not known.
    package func validate(engine: EngineSpec? = nil) -> [FieldProblem] {
        var validator = JobValidator(spec: self, engine: engine)
        return validator.run()
    }
}

struct JobValidator {
    let spec: JobSpec
    let engine: EngineSpec?
    let graph: TaskGraph
    var problems = ProblemCollector()

    init(spec: JobSpec, engine: EngineSpec?) {
        self.spec = spec
        self.engine = engine
        graph = TaskGraph(spec.tasks)
    }

    mutating func run() -> [FieldProblem] {
        if spec.engine.isEmpty {
            problems.add("spec.engine", "is empty", "name an Engine in the same namespace")
        }
        checkParams()
        if let limit = spec.maxParallel, limit < 1 {
            problems.add("spec.maxParallel", "must be at least 1", "leave the field out for no limit")
        }
        problems.checkDuration(spec.timeout, "spec.timeout")
        if spec.tasks.isEmpty {
            problems.add("spec.tasks", "is empty", "add a task")
        }
        checkTaskNames()
        checkNeeds()
        for (index, task) in spec.tasks.enumerated() {
            check(task, "spec.tasks[\(index)]")
        }
        checkOutputs()
        return problems.problems
    }

    // MARK: Parameters

    private mutating func checkParams() {
        var seen: Set<String> = []
        for (index, param) in spec.params.enumerated() {
            let field = "spec.params[\(index)]"
            problems.checkIdentifier(param.name, "\(field).name")
            if !seen.insert(param.name).inserted {
                problems.add(
                    "\(field).name", "the parameter '\(param.name)' is declared twice", "rename one of the two")
            }
            if let value = param.value, !param.allows(value) {
                problems.add(
                    "\(field).value", "\(value) is not among the values of enum",
                    "choose one of \(JSON.array(param.enum))")
            }
            if param.value == nil, spec.triggers.contains(where: { $0.onCreate != nil }) {
                problems.add(
                    "\(field).value", "is missing, but the onCreate trigger starts runs without parameters",
                    "add a value, or remove the trigger")
            }
        }
    }

    // MARK: The graph

    private mutating func checkTaskNames() {
        var seen: [String: Int] = [:]
        for (index, task) in spec.tasks.enumerated() {
            problems.checkName(task.name, "spec.tasks[\(index)].name")
            if let first = seen[task.name] {
                problems.add(
                    "spec.tasks[\(index)].name", "spec.tasks[\(first)] has the name '\(task.name)' already",
                    "rename one of the two")
            } else {
                seen[task.name] = index
            }
        }
    }

    private mutating func checkNeeds() {
        let names = Set(graph.names)
        for (index, task) in spec.tasks.enumerated() {
            var seen: Set<String> = []
            for (position, name) in task.needs.enumerated() {
                let field = "spec.tasks[\(index)].needs[\(position)]"
                if name == task.name {
                    problems.add(field, "the task '\(name)' needs itself", "remove it from its needs")
                } else if !names.contains(name) {
                    let others = names.subtracting([task.name])
                    problems.add(field, "there is no task '\(name)'", DidYouMean.suggestion(for: name, among: others))
                } else if !seen.insert(name).inserted {
                    problems.add(field, "'\(name)' is named twice", "remove one of the two")
                }
            }
        }
        for cycle in graph.cycles {
            guard let first = cycle.first, let index = graph.names.firstIndex(of: first) else { continue }
            let path = (cycle + [first]).joined(separator: " → ")
            problems.add(
                "spec.tasks[\(index)].needs", "the tasks wait for each other: \(path)",
                "remove one of these needs, so that one of the tasks can start first")
        }
    }

    // MARK: Outputs

    private mutating func checkOutputs() {
        var seen: Set<String> = []
        let scope = scope(of: nil, item: nil)
        for (index, output) in spec.outputs.enumerated() {
            let field = "spec.outputs[\(index)]"
            problems.checkIdentifier(output.name, "\(field).name")
            if !seen.insert(output.name).inserted {
                problems.add("\(field).name", "the output '\(output.name)' is declared twice", "rename one of the two")
            }
            problems.checkTemplate(output.value, "\(field).value", scope)
        }
    }

    // MARK: Expressions

    /// What expressions of a task, or of the run when nil, may name.
    func scope(of task: TaskSpec?, item: String?) -> ExpressionScope {
        let outputs = Dictionary(
            spec.tasks.map { ($0.name, Set($0.outputs)) }, uniquingKeysWith: { first, second in first.union(second) })
        return ExpressionScope(
            params: Set(spec.params.map(\.name)), outputs: outputs, task: task?.name,
            predecessors: task.map { graph.predecessors(of: $0.name) } ?? Set(graph.names),
            item: item, isOutsideMap: task?.map != nil && item == nil)
    }
}
