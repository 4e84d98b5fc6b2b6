import KubeCore

/// PersistentVolumeClaims. They carry the finalizer that protects a claim in use from the start.
struct PersistentVolumeClaimStrategy: BuiltInStrategy {
    var common: CommonRules

    static let protection = "kubernetes.io/pvc-protection"

    func fillDefaults(_ object: inout JSON) {
        var spec = object["spec"] ?? .object([:])
        spec.setIfAbsent("volumeMode", "Filesystem")
        object["spec"] = spec
        if object.text("status", "phase").isEmpty { object.set("Pending", at: ["status", "phase"]) }
    }

    func adaptCreated(_ object: inout JSON, _ context: StrategyContext) throws(Status) {
        object["status"] = ["phase": "Pending"]
        let finalizers = object.elements("metadata", "finalizers")
        if !finalizers.contains(.string(Self.protection)) {
            object.set(.array(finalizers + [.string(Self.protection)]), at: ["metadata", "finalizers"])
        }
    }

    func validate(_ object: JSON) -> [FieldError] { Self.validateSpec(object["spec"] ?? .null, "spec") }

    /// Also for the claims in the templates of StatefulSets and ephemeral volumes.
    static func validateSpec(_ spec: JSON, _ field: String) -> [FieldError] {
        var errors: [FieldError] = []
        let modes = spec.elements("accessModes")
        if modes.isEmpty { errors.append(.required("\(field).accessModes", "at least 1 access mode is required")) }
        let known = ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"]
        for mode in modes where !known.contains(mode.stringValue ?? "") {
            errors.append(.notSupported("\(field).accessModes", mode, known))
        }
        if modes.contains("ReadWriteOncePod"), modes.count > 1 {
            errors.append(
                .forbidden(
                    "\(field).accessModes", "may not use ReadWriteOncePod with other access modes"))
        }
        let storage = spec.at("resources", "requests", "storage")?.stringValue
        if let storage {
            if let quantity = try? Quantity(parsing: storage), quantity <= Quantity.zero {
                errors.append(
                    .invalid("\(field).resources[storage]", .string(storage), "must be greater than zero"))
            }
        } else {
            errors.append(.required("\(field).resources[storage]"))
        }
        let storageClass = spec.text("storageClassName")
        if !storageClass.isEmpty {
            errors += FieldChecks.names(storageClass, "\(field).storageClassName", NameRules.subdomain)
        }
        let mode = spec.text("volumeMode")
        if !mode.isEmpty { errors += FieldChecks.oneOf(mode, ["Block", "Filesystem"], "\(field).volumeMode") }
        return errors + FieldChecks.selector(spec["selector"], "\(field).selector")
    }

    /// Once bound, only a growing request may change; before, also the volume the claim is bound to.
    func validateChange(_ new: JSON, old: JSON) -> [FieldError] {
        var allowed = new["spec"] ?? .null
        let before = old["spec"] ?? .null
        if before.text("volumeName").isEmpty { allowed["volumeName"] = before["volumeName"] }
        if before.text("storageClassName").isEmpty, before["storageClassName"] == nil {
            allowed["storageClassName"] = nil
        }
        if old.text("status", "phase") == "Bound" { allowed["resources"] = before["resources"] }
        allowed["volumeAttributesClassName"] = before["volumeAttributesClassName"]
        guard allowed != before else { return [] }
        return [
            .forbidden(
                "spec",
                "spec is immutable after creation except resources.requests and volumeAttributesClassName for "
                    + "bound claims\n"
                    + SpecDifference.describe(before, allowed))
        ]
    }
}

struct PersistentVolumeStrategy: BuiltInStrategy {
    var common: CommonRules

    static let protection = "kubernetes.io/pv-protection"

    func fillDefaults(_ object: inout JSON) {
        var spec = object["spec"] ?? .object([:])
        spec.setIfAbsent("persistentVolumeReclaimPolicy", "Retain")
        spec.setIfAbsent("volumeMode", "Filesystem")
        spec.change("hostPath") { $0.setIfAbsent("type", "") }
        object["spec"] = spec
        if object.text("status", "phase").isEmpty { object.set("Pending", at: ["status", "phase"]) }
    }

    func adaptCreated(_ object: inout JSON, _ context: StrategyContext) throws(Status) {
        object["status"] = ["phase": "Pending", "lastPhaseTransitionTime": .string(context.now.rfc3339)]
        let finalizers = object.elements("metadata", "finalizers")
        if !finalizers.contains(.string(Self.protection)) {
            object.set(.array(finalizers + [.string(Self.protection)]), at: ["metadata", "finalizers"])
        }
    }

    func validate(_ object: JSON) -> [FieldError] {
        var errors: [FieldError] = []
        if object.elements("spec", "accessModes").isEmpty { errors.append(.required("spec.accessModes")) }
        if object.fields("spec", "capacity").isEmpty { errors.append(.required("spec.capacity")) }
        let policy = object.text("spec", "persistentVolumeReclaimPolicy")
        errors += FieldChecks.oneOf(
            policy, ["Delete", "Recycle", "Retain"], "spec.persistentVolumeReclaimPolicy")
        let plain: Set = [
            "accessModes", "capacity", "claimRef", "mountOptions", "nodeAffinity", "persistentVolumeReclaimPolicy",
            "storageClassName", "volumeAttributesClassName", "volumeMode",
        ]
        let sources = object.fields("spec").filter { !plain.contains($0.key) }
        if sources.isEmpty { errors.append(.required("spec", "must specify a volume type")) }
        for source in sources.dropFirst() {
            errors.append(.forbidden("spec.\(source.key)", "may not specify more than 1 volume type"))
        }
        return errors
    }
}

struct StorageClassStrategy: BuiltInStrategy {
    var common: CommonRules

    func fillDefaults(_ object: inout JSON) {
        object.setIfAbsent("reclaimPolicy", "Delete")
        object.setIfAbsent("volumeBindingMode", "Immediate")
    }

    func validate(_ object: JSON) -> [FieldError] {
        var errors: [FieldError] = []
        let provisioner = object.text("provisioner")
        if provisioner.isEmpty { errors.append(.required("provisioner")) }
        if !provisioner.isEmpty {
            errors += FieldChecks.names(provisioner.lowercased(), "provisioner", NameRules.qualifiedName)
        }
        errors += FieldChecks.oneOf(object.text("reclaimPolicy"), ["Delete", "Retain"], "reclaimPolicy")
        return errors
            + FieldChecks.oneOf(
                object.text("volumeBindingMode"), ["Immediate", "WaitForFirstConsumer"], "volumeBindingMode")
    }

    func validateChange(_ new: JSON, old: JSON) -> [FieldError] {
        var errors: [FieldError] = []
        if new["parameters"] != old["parameters"] {
            errors.append(.forbidden("parameters", "updates to parameters are forbidden."))
        }
        for field in ["provisioner", "reclaimPolicy"] where new[field] != old[field] {
            errors.append(.forbidden(field, "updates to \(field) are forbidden."))
        }
        return errors + FieldChecks.immutable(new["volumeBindingMode"], old["volumeBindingMode"], "volumeBindingMode")
    }
}
