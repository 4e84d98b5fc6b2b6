import KubeCore

struct JobStrategy: BuiltInStrategy {
    var common: CommonRules

    func fillDefaults(_ object: inout JSON) {
        guard var spec = object["spec"] else { return }
        Self.fillSpec(&spec)
        object["spec"] = spec
    }

    static func fillSpec(_ spec: inout JSON) {
        if spec["completions"] == nil, spec["parallelism"] == nil {
            spec["completions"] = 1
            spec["parallelism"] = 1
        }
        spec.setIfAbsent("parallelism", 1)
        spec.setIfAbsent("backoffLimit", spec["backoffLimitPerIndex"] == nil ? 6 : .int(Int64(Int32.max)))
        spec.setIfAbsent("completionMode", "NonIndexed")
        spec.setIfAbsent("suspend", false)
        spec.setIfAbsent("manualSelector", false)
        spec.setIfAbsent(
            "podReplacementPolicy", spec["podFailurePolicy"] == nil ? "TerminatingOrFailed" : "Failed")
        spec.change("template") { $0.change("spec", PodDefaults.fill) }
    }

    /// The pods of a Job are found by labels made from its uid.
    func adaptCreated(_ object: inout JSON, _ context: StrategyContext) throws(Status) {
        guard !object.flag("spec", "manualSelector"), let uid = object.at("metadata", "uid") else { return }
        object.set(["batch.kubernetes.io/controller-uid": uid], at: ["spec", "selector", "matchLabels"])
        let name = object.at("metadata", "name") ?? ""
        for (key, value) in [
            ("batch.kubernetes.io/controller-uid", uid), ("batch.kubernetes.io/job-name", name),
            ("controller-uid", uid),
            ("job-name", name),
        ] { object.set(value, at: ["spec", "template", "metadata", "labels", key]) }
    }

    func validate(_ object: JSON) -> [FieldError] { Self.validateSpec(object["spec"] ?? .null, "spec") }

    static func validateSpec(_ spec: JSON, _ field: String) -> [FieldError] {
        var errors: [FieldError] = []
        for name in ["parallelism", "completions", "activeDeadlineSeconds", "backoffLimit", "ttlSecondsAfterFinished"] {
            errors += FieldChecks.notNegative(spec.int(name), "\(field).\(name)")
        }
        errors += FieldChecks.oneOf(spec.text("completionMode"), ["Indexed", "NonIndexed"], "\(field).completionMode")
        let policy = spec.text("template", "spec", "restartPolicy")
        if policy == "Always" {
            errors.append(
                .required("\(field).template.spec.restartPolicy", "valid values: \"OnFailure\", \"Never\""))
        }
        return errors + WorkloadStrategy.template(spec["template"] ?? .null, "\(field).template")
    }

    func validateChange(_ new: JSON, old: JSON) -> [FieldError] {
        let isSuspended = old.flag("spec", "suspend")
        return ["selector", "template", "completionMode", "podFailurePolicy", "backoffLimitPerIndex", "managedBy"]
            .filter { !(isSuspended && $0 == "template") }
            .flatMap { FieldChecks.immutable(new.at("spec", $0), old.at("spec", $0), "spec.\($0)") }
    }

    func fieldValue(_ path: String, of object: JSON) -> String { String(object.int("status", "succeeded") ?? 0) }
}

struct CronJobStrategy: BuiltInStrategy {
    var common: CommonRules

    func fillDefaults(_ object: inout JSON) {
        guard var spec = object["spec"] else { return }
        spec.setIfAbsent("concurrencyPolicy", "Allow")
        spec.setIfAbsent("suspend", false)
        spec.setIfAbsent("successfulJobsHistoryLimit", 3)
        spec.setIfAbsent("failedJobsHistoryLimit", 1)
        spec.change("jobTemplate") { template in
            template.change("spec") { job in
                // A template of a Job gets the pod's defaults only; the Job gets its own when it is made.
                job.change("template") { $0.change("spec", PodDefaults.fill) }
            }
        }
        object["spec"] = spec
    }

    func validate(_ object: JSON) -> [FieldError] {
        let spec = object["spec"] ?? .null
        var errors = FieldChecks.oneOf(
            spec.text("concurrencyPolicy"), ["Allow", "Forbid", "Replace"], "spec.concurrencyPolicy")
        let schedule = spec.text("schedule")
        if schedule.isEmpty {
            errors.append(.required("spec.schedule"))
        } else if !schedule.hasPrefix("@"), schedule.split(separator: " ").count != 5 {
            let count = schedule.split(separator: " ").count
            errors.append(
                .invalid(
                    "spec.schedule", .string(schedule),
                    "expected exactly 5 fields, found \(count): [\(schedule)]"))
        }
        return errors
    }
}
