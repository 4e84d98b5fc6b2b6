import KubeCore

/// Kinds that run pods from a template: Deployments, ReplicaSets, StatefulSets, DaemonSets, ReplicationControllers.
struct WorkloadStrategy: BuiltInStrategy {
    enum Kind: Sendable { case deployment, replicaSet, statefulSet, daemonSet, replicationController }

    var common: CommonRules
    var kind: Kind

    func fillDefaults(_ object: inout JSON) {
        var spec = object["spec"] ?? .object([:])
        spec.change("template") { $0.change("spec", PodDefaults.fill) }
        if kind != .daemonSet { spec.setIfAbsent("replicas", 1) }
        switch kind {
        case .deployment:
            spec.setIfAbsent("revisionHistoryLimit", 10)
            spec.setIfAbsent("progressDeadlineSeconds", 600)
            rolling(&spec, "strategy", ["maxUnavailable": "25%", "maxSurge": "25%"])
        case .statefulSet:
            spec.setIfAbsent("podManagementPolicy", "OrderedReady")
            spec.setIfAbsent("revisionHistoryLimit", 10)
            rolling(&spec, "updateStrategy", ["partition": 0])
            spec.setIfAbsent(
                "persistentVolumeClaimRetentionPolicy", ["whenDeleted": "Retain", "whenScaled": "Retain"])
            spec.mapElements("volumeClaimTemplates") { claim in
                claim.setIfAbsent("apiVersion", "v1")
                claim.setIfAbsent("kind", "PersistentVolumeClaim")
                claim.change("spec") { $0.setIfAbsent("volumeMode", "Filesystem") }
                claim["status"] = ["phase": "Pending"]
            }
        case .daemonSet:
            spec.setIfAbsent("revisionHistoryLimit", 10)
            rolling(&spec, "updateStrategy", ["maxUnavailable": 1, "maxSurge": 0])
        case .replicationController:
            let labels = spec.at("template", "metadata", "labels")
            if spec.fields("selector").isEmpty { spec["selector"] = labels }
            if object.at("metadata", "labels") == nil { object.set(labels, at: ["metadata", "labels"]) }
        case .replicaSet: break
        }
        object["spec"] = spec
    }

    private func rolling(_ spec: inout JSON, _ field: String, _ parameters: JSONObject) {
        var strategy = spec[field] ?? .object([:])
        if strategy.text("type").isEmpty { strategy["type"] = "RollingUpdate" }
        if strategy.text("type") == "RollingUpdate" {
            for (name, value) in parameters where strategy.at("rollingUpdate", name) == nil {
                strategy.set(value, at: ["rollingUpdate", name])
            }
        }
        spec[field] = strategy
    }

    func validate(_ object: JSON) -> [FieldError] {
        let spec = object["spec"] ?? .null
        var errors = FieldChecks.notNegative(spec.int("replicas"), "spec.replicas")
        errors += FieldChecks.notNegative(spec.int("minReadySeconds"), "spec.minReadySeconds")
        errors += FieldChecks.notNegative(spec.int("revisionHistoryLimit"), "spec.revisionHistoryLimit")
        errors += Self.selector(spec, isMap: kind == .replicationController)
        errors += Self.template(spec["template"] ?? .null, "spec.template")
        for (field, types) in [
            ("strategy", ["Recreate", "RollingUpdate"]), ("updateStrategy", ["OnDelete", "RollingUpdate"]),
        ] {
            guard let strategy = spec[field] else { continue }
            errors += FieldChecks.oneOf(strategy.text("type"), types, "spec.\(field).type")
            let rolling = strategy["rollingUpdate"] ?? .null
            for name in ["maxUnavailable", "maxSurge"] {
                errors += IntOrPercent.check(rolling[name], "spec.\(field).rollingUpdate.\(name)")
            }
            if strategy.text("type") == "Recreate", strategy["rollingUpdate"] != nil {
                errors.append(
                    .forbidden(
                        "spec.\(field).rollingUpdate",
                        "may not be specified when strategy `type` is 'Recreate'"))
            }
        }
        let policy = spec.at("template", "spec", "restartPolicy")?.stringValue ?? "Always"
        if policy != "Always" {
            errors.append(.notSupported("spec.template.spec.restartPolicy", .string(policy), ["Always"]))
        }
        return errors
    }

    static func template(_ template: JSON, _ field: String) -> [FieldError] {
        ObjectMetaRules.labels(template.at("metadata", "labels"), "\(field).labels")
            + ObjectMetaRules.annotations(template.at("metadata", "annotations"), "\(field).annotations")
            + PodRules.validate(template["spec"] ?? .null, "\(field).spec")
    }

    private static func selector(_ spec: JSON, isMap: Bool) -> [FieldError] {
        let labels = (spec.at("template", "metadata", "labels")?.objectValue ?? [:])
        let wanted = isMap ? spec.fields("selector") : spec.fields("selector", "matchLabels")
        if isMap {
            if wanted.isEmpty { return [.required("spec.selector")] }
        } else {
            guard let selector = spec["selector"] else { return [.required("spec.selector")] }
            let errors = FieldChecks.selector(selector, "spec.selector")
            if !errors.isEmpty { return errors }
            if wanted.isEmpty, selector.elements("matchExpressions").isEmpty {
                return [
                    .invalid("spec.selector", selector, "empty selector is invalid for deployment")
                ]
            }
        }
        for (key, value) in wanted where labels[key] != value {
            return [
                .invalid(
                    "spec.template.metadata.labels", .object(labels), "`selector` does not match template `labels`")
            ]
        }
        return []
    }

    func validateChange(_ new: JSON, old: JSON) -> [FieldError] {
        switch kind {
        case .deployment, .replicaSet, .daemonSet:
            return FieldChecks.immutable(new.at("spec", "selector"), old.at("spec", "selector"), "spec.selector")
        case .statefulSet:
            var allowed = new["spec"] ?? .null
            for field in [
                "replicas", "template", "updateStrategy", "revisionHistoryLimit", "minReadySeconds", "ordinals",
                "persistentVolumeClaimRetentionPolicy",
            ] { allowed[field] = old.at("spec", field) }
            guard allowed != old["spec"] else { return [] }
            return [
                .forbidden(
                    "spec",
                    "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', "
                        + "'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and "
                        + "'minReadySeconds' are forbidden")
            ]
        case .replicationController: return []
        }
    }

    func fieldValue(_ path: String, of object: JSON) -> String { String(object.int("status", "replicas") ?? 0) }
}
