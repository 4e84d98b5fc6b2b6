extension EngineSpec {
    /// Everything that is wrong with the Engine, in the order of its fields; empty when it can run.
    package func validate() -> [FieldProblem] {
        var problems = ProblemCollector()
        if let defaults {
            let field = "spec.defaults"
            problems.checkEnv(defaults.env, "\(field).env")
            for (index, variable) in defaults.env.enumerated() {
                // Defaults hold for every Job, so that only what every Job has can be named.
                let scope = ExpressionScope(params: [], outputs: [:], task: nil, predecessors: [], item: nil)
                if let value = variable.value {
                    problems.checkTemplate(value, "\(field).env[\(index)].value", scope)
                }
            }
            problems.checkResources(defaults.resources, "\(field).resources")
            problems.checkRetry(defaults.retry, "\(field).retry")
            problems.checkDuration(defaults.timeout, "\(field).timeout")
        }
        checkData(&problems)
        return problems.problems
    }

    private func checkData(_ problems: inout ProblemCollector) {
        var seen: Set<String> = []
        for (index, binding) in data.enumerated() {
            let field = "spec.data[\(index)]"
            problems.checkName(binding.name, "\(field).name")
            if !seen.insert(binding.name).inserted {
                problems.add("\(field).name", "'\(binding.name)' is bound twice", "rename one of the two")
            }
            let sources = [
                binding.persistentVolumeClaim != nil, binding.configMap != nil, binding.secret != nil,
                binding.emptyDir != nil,
            ]
            if sources.filter({ $0 }).count != 1 {
                problems.add(
                    field, "must have exactly one source",
                    "give one of persistentVolumeClaim, configMap, secret and emptyDir")
            }
        }
    }
}
