import CEL

/// What an expression at a certain place may name, for checks before anything runs.
struct ExpressionScope {
    /// Names of parameters.
    var params: Set<String>
    /// The outputs of each task of the Job, by name.
    var outputs: [String: Set<String>]
    /// The task that the expression belongs to; nil for the outputs of the run, which may read all tasks.
    var task: String?
    /// Tasks that have ended when the expression is evaluated.
    var predecessors: Set<String>
    /// The name of the item, where there is one.
    var item: String?
    /// Whether the task has a map, though the item is not known here.
    var isOutsideMap = false
}

extension ProblemCollector {
    /// Checks a text with expressions.
    /// - Returns: the parsed template, or nil when it cannot be parsed.
    @discardableResult
    mutating func checkTemplate(_ text: String, _ field: String, _ scope: ExpressionScope) -> Template? {
        do {
            let template = try Template.parse(text)
            for embedded in template.expressions {
                checkReferences(embedded, field, scope)
            }
            return template
        } catch {
            add(field, "bad expression at \(error)")
            return nil
        }
    }

    /// Checks a text that must be one expression and nothing else.
    mutating func checkExpression(_ text: String, _ field: String, _ scope: ExpressionScope, example: String) {
        guard let template = checkTemplate(text, field, scope), template.wholeExpression == nil else { return }
        let bare = text.trimmed
        let isBareExpression = template.expressions.isEmpty && (try? Expression(bare)) != nil && !bare.isEmpty
        let suggestion = isBareExpression && bare.count <= 80 ? "${{ \(bare) }}" : "such as \(example)"
        add(field, "must be one expression and nothing else", "write \(suggestion)")
    }

    private mutating func checkReferences(
        _ embedded: Template.Embedded, _ field: String, _ scope: ExpressionScope
    ) {
        var seen: Set<[String]> = []
        for reference in embedded.expression.selectPaths where seen.insert(reference.path).inserted {
            guard let problem = scope.problem(with: reference.path, in: embedded.expression.source) else { continue }
            let place = embedded.place(line: reference.position.line, column: reference.position.column)
            let at = place.line == 1 ? "column \(place.column)" : "line \(place.line), column \(place.column)"
            add(field, "\(problem.message) (\(at))", problem.suggestion)
        }
    }
}

extension ExpressionScope {
    private typealias Problem = (message: String, suggestion: String?)

    /// What is wrong with a path such as `tasks.split.outputs.parts`; nil when nothing is.
    fileprivate func problem(with path: [String], in source: String) -> (message: String, suggestion: String?)? {
        guard let root = path.first else { return nil }
        let rest = path.dropFirst()
        switch root {
        case "params": return rest.first.flatMap(parameterProblem)
        case "tasks": return taskProblem(Array(rest))
        case "run": return rest.first.flatMap { fieldProblem($0, of: root, ExpressionContext.runFields) }
        case "job", "engine": return rest.first.flatMap { fieldProblem($0, of: root, ["name"]) }
        case ExpressionContext.index where item != nil: return nil
        case item: return nil
        default: return unknownProblem(root, source)
        }
    }

    private func parameterProblem(_ name: String) -> Problem? {
        if params.contains(name) { return nil }
        return ("there is no parameter '\(name)'", DidYouMean.suggestion(for: name, among: params))
    }

    private func fieldProblem(_ name: String, of root: String, _ fields: [String]) -> Problem? {
        if fields.contains(name) { return nil }
        return ("'\(root)' has no field '\(name)'", DidYouMean.suggestion(for: name, among: fields))
    }

    private func taskProblem(_ path: [String]) -> Problem? {
        guard let name = path.first else {
            return ("'tasks' alone cannot be used", "name a task, such as tasks.NAME.outputs.VALUE")
        }
        guard let declared = outputs[name] else {
            let dashed = outputs.keys.first { $0.hasPrefix(name + "-") }
            if let dashed, DidYouMean.nearest(to: name, among: outputs.keys) == nil {
                return ("there is no task '\(name)'", "write tasks['\(dashed)'] for the task '\(dashed)'")
            }
            return ("there is no task '\(name)'", DidYouMean.suggestion(for: name, among: Array(outputs.keys)))
        }
        if name == task {
            return ("the task cannot read its own results", "read those of a task that it needs")
        }
        guard predecessors.contains(name) else {
            return ("the task '\(name)' may not have ended by then", "add '\(name)' to needs")
        }
        guard path.count > 1 else { return nil }
        if let problem = fieldProblem(path[1], of: "tasks.\(name)", ExpressionContext.taskFields) {
            return problem
        }
        guard path[1] == "outputs", path.count > 2, !declared.contains(path[2]) else { return nil }
        let near = DidYouMean.nearest(to: path[2], among: declared)
        return (
            "the task '\(name)' declares no output '\(path[2])'",
            near.map { "did you mean '\($0)'?" } ?? "add '\(path[2])' to the outputs of '\(name)'"
        )
    }

    private func unknownProblem(_ name: String, _ source: String) -> Problem {
        // `tasks.word-count.outputs` reads as a subtraction.
        if let dashed = outputs.keys.sorted().first(where: { $0.contains("-") && source.contains("tasks.\($0)") }) {
            return ("'-' is a minus in expressions", "write tasks['\(dashed)'] for the task '\(dashed)'")
        }
        if name == ExpressionContext.index || name == item {
            return ("'\(name)' is only known in a task with a map", "add a map, or remove '\(name)'")
        }
        var known = ExpressionContext.roots
        if let item {
            known += [item, ExpressionContext.index]
        }
        if params.contains(name) {
            return ("there is no variable '\(name)'", "write params.\(name) for the parameter")
        }
        if outputs[name] != nil {
            return ("there is no variable '\(name)'", "write tasks.\(name) for the task")
        }
        if isOutsideMap {
            return (
                "there is no variable '\(name)' here", "the item of a map is known in env, args, command and image only"
            )
        }
        return ("there is no variable '\(name)'", DidYouMean.suggestion(for: name, among: known))
    }
}
