import KubeCore

extension JobRunSpec {
    /// Everything that is wrong with the run's parameters; empty when it can start.
    ///
    /// - Parameter job: the Job, or rather its revision, that it runs.
    package func validate(against job: JobSpec) -> [FieldProblem] {
        var problems = ProblemCollector()
        let declared = job.params.map(\.name)
        for name in params.keys.sorted() where !declared.contains(name) {
            problems.add(
                "spec.params.\(name)", "the Job '\(self.job)' has no parameter '\(name)'",
                DidYouMean.suggestion(for: name, among: declared))
        }
        for param in job.params {
            let given = param.given(in: params)
            if let given, !param.allows(given) {
                problems.add(
                    "spec.params.\(param.name)", "\(given) is not among the values allowed",
                    "choose one of \(JSON.array(param.enum))")
            }
            if given == nil, param.value == nil {
                problems.add(
                    "spec.params.\(param.name)", "is missing and has no default value",
                    "give it a value" + (param.description.map { ": \($0)" } ?? ""))
            }
        }
        return problems.problems
    }
}

extension JobSpec {
    /// The parameters of a run: what it gives, and the Job's own values for the others. Unknown ones are left out.
    package func parameters(given: [String: JSON]) -> [String: JSON] {
        var result: [String: JSON] = [:]
        for param in params {
            result[param.name] = param.given(in: given) ?? param.value
        }
        return result
    }
}

extension ParamSpec {
    /// The value that a run gives; null counts as none.
    fileprivate func given(in params: [String: JSON]) -> JSON? {
        guard let value = params[name], !value.isNull else { return Optional.none }
        return value
    }

    /// Whether a value is among those of `enum`.
    package func allows(_ value: JSON) -> Bool {
        `enum`.isEmpty || `enum`.contains(value)
    }

    /// The value that a text on a command line means: text for a parameter whose own values are texts or not known, and
    /// JSON for others, as far as it can be read as JSON.
    package func value(fromText text: String) -> JSON {
        let known = value.map { [$0] } ?? []
        let examples = known + `enum`
        guard !examples.isEmpty, !examples.contains(where: { $0.stringValue != nil }) else { return .string(text) }
        return (try? JSON.parse(text)) ?? .string(text)
    }
}
