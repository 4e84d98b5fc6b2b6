import KubeCore

/// Namespaces: the finalizer that keeps their content until it is deleted, and the label with their name.
struct NamespaceStrategy: BuiltInStrategy {
    var common: CommonRules

    static let nameLabel = "kubernetes.io/metadata.name"

    func fillDefaults(_ object: inout JSON) {
        let name = object.text("metadata", "name")
        if !name.isEmpty { object.set(.string(name), at: ["metadata", "labels", Self.nameLabel]) }
        if object.text("status", "phase").isEmpty { object.set("Active", at: ["status", "phase"]) }
    }

    func adaptCreated(_ object: inout JSON, _ context: StrategyContext) throws(Status) {
        object["status"] = ["phase": "Active"]
        let finalizers = object.elements("spec", "finalizers")
        if !finalizers.contains("kubernetes") {
            object.set(.array(finalizers + ["kubernetes"]), at: ["spec", "finalizers"])
        }
        fillDefaults(&object)
    }

    func adaptUpdated(_ new: inout JSON, old: JSON, _ context: StrategyContext) throws(Status) {
        guard context.subresource != "finalize" else { return }
        new.set(old.at("spec", "finalizers"), at: ["spec", "finalizers"])
    }

    func validate(_ object: JSON) -> [FieldError] {
        var errors: [FieldError] = []
        for finalizer in object.elements("spec", "finalizers") {
            let name = finalizer.stringValue ?? ""
            errors += FieldChecks.names(name, "spec.finalizers", NameRules.qualifiedName)
            if !name.contains("/"), name != "kubernetes" {
                errors.append(
                    .invalid(
                        "spec.finalizers", .string(name),
                        "name is neither a standard finalizer name nor is it fully qualified"))
            }
        }
        for (key, value) in object.fields("metadata", "labels") {
            errors += Self.podSecurity(key, value.stringValue ?? "")
        }
        return errors
    }

    /// Labels that set the Pod Security level of the namespace.
    private static func podSecurity(_ key: String, _ value: String) -> [FieldError] {
        let prefix = "pod-security.kubernetes.io/"
        guard key.hasPrefix(prefix) else { return [] }
        let field = "metadata.labels[\(key)]"
        switch key.dropFirst(prefix.count) {
        case "enforce", "audit", "warn":
            let levels = ["privileged", "baseline", "restricted"]
            return levels.contains(value)
                ? [] : [.invalid(field, .string(value), "must be one of \(levels.joined(separator: ", "))")]
        case "enforce-version", "audit-version", "warn-version":
            let digits = value.hasPrefix("v1.") ? value.dropFirst(3) : ""
            let isVersion = !digits.isEmpty && digits.utf8.allSatisfy(NameRules.isDigit)
            return value == "latest" || isVersion
                ? [] : [.invalid(field, .string(value), "must be \"latest\" or \"v1.x\"")]
        default: return []
        }
    }

    func validateStatus(_ new: JSON, old: JSON) -> [FieldError] {
        let phase = new.text("status", "phase")
        let isDeleting = new.at("metadata", "deletionTimestamp") != nil
        if isDeleting, phase != "Terminating" {
            return [
                .invalid(
                    "status.Phase", .string(phase), "may only be 'Terminating' if `deletionTimestamp` is not empty")
            ]
        }
        if !isDeleting, phase != "Active" {
            return [.invalid("status.Phase", .string(phase), "may only be 'Active' if `deletionTimestamp` is empty")]
        }
        return []
    }

    func fieldValue(_ path: String, of object: JSON) -> String { object.text("status", "phase") }
}

/// Nodes: what may not change, and the taint every new node starts with.
struct NodeStrategy: BuiltInStrategy {
    var common: CommonRules

    func fillDefaults(_ object: inout JSON) {
        guard object.at("status", "allocatable") == nil, let capacity = object.at("status", "capacity") else { return }
        object.set(capacity, at: ["status", "allocatable"])
    }

    /// Nothing is scheduled to a node before it is found ready.
    func adaptCreated(_ object: inout JSON, _ context: StrategyContext) throws(Status) {
        let key = "node.kubernetes.io/not-ready"
        let taints = object.elements("spec", "taints")
        guard !taints.contains(where: { $0.text("key") == key && $0.text("effect") == "NoSchedule" }) else { return }
        object.set(.array(taints + [["key": .string(key), "effect": "NoSchedule"]]), at: ["spec", "taints"])
    }

    func validate(_ object: JSON) -> [FieldError] {
        var errors: [FieldError] = []
        for (index, taint) in object.elements("spec", "taints").enumerated() {
            let field = "metadata.taints[\(index)]"
            errors += FieldChecks.names(taint.text("key"), "\(field).key", NameRules.qualifiedName)
            errors += FieldChecks.names(taint.text("value"), "\(field).value", NameRules.labelValue)
            errors += FieldChecks.oneOf(
                taint.text("effect"), ["NoSchedule", "PreferNoSchedule", "NoExecute"], "\(field).effect")
        }
        return errors
    }

    func validateChange(_ new: JSON, old: JSON) -> [FieldError] {
        var errors: [FieldError] = []
        for (field, name) in [("providerID", "providerID"), ("podCIDR", "podCIDR")] {
            let before = old.text("spec", field)
            if !before.isEmpty, new.text("spec", field) != before {
                errors.append(
                    .forbidden("spec.\(name)", "node updates may not change \(name) except from \"\" to valid"))
            }
        }
        return errors
    }

    func fieldValue(_ path: String, of object: JSON) -> String {
        object.flag("spec", "unschedulable") ? "true" : "false"
    }
}
