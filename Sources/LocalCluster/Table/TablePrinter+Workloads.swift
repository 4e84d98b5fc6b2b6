import KubeCore

extension TablePrinter {
    private static let wideColumns: [Column] = [.wide("Containers"), .wide("Images"), .wide("Selector")]

    private static func number(_ name: String) -> Column { Column(name, type: "integer") }

    private static let replicas = TablePrinter(
        [.name, number("Desired"), number("Current"), number("Ready"), .age] + wideColumns
    ) { object, now in
        [
            object.name, .int(object.int("spec", "replicas") ?? 0), .int(object.int("status", "replicas") ?? 0),
            .int(object.int("status", "readyReplicas") ?? 0), object.age(now),
        ] + WorkloadCells.wide(object)
    }

    static let workloads: [String: TablePrinter] = [
        "/ReplicationController": replicas,
        "apps/ReplicaSet": replicas,
        "apps/Deployment": TablePrinter(
            [.name, Column("Ready"), number("Up-to-date"), number("Available"), .age] + wideColumns
        ) { object, now in
            [
                object.name, WorkloadCells.ready(object), .int(object.int("status", "updatedReplicas") ?? 0),
                .int(object.int("status", "availableReplicas") ?? 0), object.age(now),
            ] + WorkloadCells.wide(object)
        },
        "apps/StatefulSet": TablePrinter(
            [.name, Column("Ready"), .age, .wide("Containers"), .wide("Images")]
        ) { object, now in
            [object.name, WorkloadCells.ready(object), object.age(now)]
                + WorkloadCells.containers(object.at("spec", "template"))
        },
        "apps/DaemonSet": TablePrinter(
            [
                .name, number("Desired"), number("Current"), number("Ready"), number("Up-to-date"), number("Available"),
                Column("Node Selector"), .age,
            ] + wideColumns
        ) { object, now in
            let counts = [
                "desiredNumberScheduled", "currentNumberScheduled", "numberReady", "updatedNumberScheduled",
                "numberAvailable",
            ].map { JSON.int(object.int("status", $0) ?? 0) }
            let selector = object.at("spec", "template", "spec", "nodeSelector") ?? .null
            return [object.name] + counts + [selector.labelText, object.age(now)] + WorkloadCells.wide(object)
        },
        "apps/ControllerRevision": TablePrinter([
            .name, Column("Controller"), number("Revision"), .age,
        ]) { object, now in
            let owner = object.elements("metadata", "ownerReferences").first { $0.flag("controller") }
            let text = owner.map { reference in
                let group = reference.text("apiVersion").split(separator: "/").dropLast().joined()
                let kind = reference.text("kind").lowercased()
                return (group.isEmpty ? kind : "\(kind).\(group)") + "/" + reference.text("name")
            }
            return [object.name, (text ?? "").cell(), .int(object.int("revision") ?? 0), object.age(now)]
        },
        "batch/Job": TablePrinter(
            [.name, Column("Status"), Column("Completions"), Column("Duration"), .age] + wideColumns
        ) { object, now in
            [
                object.name, WorkloadCells.jobStatus(object), WorkloadCells.completions(object),
                WorkloadCells.duration(object, now), object.age(now),
            ] + WorkloadCells.wide(object)
        },
        "batch/CronJob": TablePrinter(
            [
                .name, Column("Schedule"), Column("Timezone"), Column("Suspend"), number("Active"),
                Column("Last Schedule"), .age,
            ] + wideColumns
        ) { object, now in
            let last = object.at("status", "lastScheduleTime")
            return [
                object.name, .string(object.text("spec", "schedule")), object.text("spec", "timeZone").cell(),
                .string(object.flag("spec", "suspend") ? "True" : "False"),
                .int(Int64(object.elements("status", "active").count)),
                .string(last == nil ? "<none>" : HumanDuration.since(last, now: now)), object.age(now),
            ] + WorkloadCells.containers(object.at("spec", "jobTemplate", "spec", "template")) + ["<none>"]
        },
        "policy/PodDisruptionBudget": TablePrinter([
            .name, Column("Min Available"), Column("Max Unavailable"), number("Allowed Disruptions"), .age,
        ]) { object, now in
            [
                object.name, object.at("spec", "minAvailable").map { .string(JSONPath.text($0)) } ?? "N/A",
                object.at("spec", "maxUnavailable").map { .string(JSONPath.text($0)) } ?? "N/A",
                .int(object.int("status", "disruptionsAllowed") ?? 0), object.age(now),
            ]
        },
    ]
}

/// Cells that the tables of workloads share.
enum WorkloadCells {
    /// Names and images of a template's containers.
    static func containers(_ template: JSON?) -> [JSON] {
        let containers = template?.elements("spec", "containers") ?? []
        return [
            .string(containers.map { $0.text("name") }.joined(separator: ",")),
            .string(containers.map { $0.text("image") }.joined(separator: ",")),
        ]
    }

    static func wide(_ object: JSON) -> [JSON] {
        containers(object.at("spec", "template")) + [.string(selector(object.at("spec", "selector")))]
    }

    static func ready(_ object: JSON) -> JSON {
        .string("\(object.int("status", "readyReplicas") ?? 0)/\(object.int("spec", "replicas") ?? 0)")
    }

    /// A selector as labels are selected on the command line.
    static func selector(_ selector: JSON?) -> String {
        guard let fields = selector?.objectValue else { return "<none>" }
        let isPlain = fields["matchLabels"] == nil && fields["matchExpressions"] == nil
        let labels = isPlain ? fields : (fields["matchLabels"]?.objectValue ?? [:])
        var parts = labels.map { "\($0.key)=\($0.value.stringValue ?? "")" }.sorted()
        for expression in isPlain ? [] : (fields["matchExpressions"]?.arrayValue ?? []) {
            let key = expression.text("key")
            let values = expression.elements("values").compactMap(\.stringValue).sorted().joined(separator: ",")
            switch expression.text("operator") {
            case "In": parts.append("\(key) in (\(values))")
            case "NotIn": parts.append("\(key) notin (\(values))")
            case "Exists": parts.append(key)
            default: parts.append("!\(key)")
            }
        }
        return parts.isEmpty ? "<none>" : parts.joined(separator: ",")
    }

    static func jobStatus(_ job: JSON) -> JSON {
        func holds(_ type: String) -> Bool {
            job.elements("status", "conditions").contains { $0.text("type") == type && $0.text("status") == "True" }
        }
        if holds("Complete") { return "Complete" }
        if holds("Failed") { return "Failed" }
        if job.at("metadata", "deletionTimestamp") != nil { return "Terminating" }
        if holds("Suspended") { return "Suspended" }
        if holds("FailureTarget") { return "FailureTarget" }
        return holds("SuccessCriteriaMet") ? "SuccessCriteriaMet" : "Running"
    }

    static func completions(_ job: JSON) -> JSON {
        let succeeded = job.int("status", "succeeded") ?? 0
        if let wanted = job.int("spec", "completions") { return .string("\(succeeded)/\(wanted)") }
        let parallel = job.int("spec", "parallelism") ?? 0
        return .string(parallel > 1 ? "\(succeeded)/1 of \(parallel)" : "\(succeeded)/1")
    }

    static func duration(_ job: JSON, _ now: Timestamp) -> JSON {
        guard let start = job.at("status", "startTime") else { return "" }
        let end = Timestamp(rfc3339: job.text("status", "completionTime")) ?? now
        return .string(HumanDuration.since(start, now: end))
    }
}
