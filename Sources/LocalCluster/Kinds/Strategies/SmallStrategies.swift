import KubeCore

struct LeaseStrategy: BuiltInStrategy {
    var common: CommonRules

    func validate(_ object: JSON) -> [FieldError] {
        var errors = FieldChecks.positive(object.int("spec", "leaseDurationSeconds"), "spec.leaseDurationSeconds")
        errors += FieldChecks.notNegative(object.int("spec", "leaseTransitions"), "spec.leaseTransitions")
        if let holder = object.at("spec", "preferredHolder")?.stringValue, !holder.isEmpty,
            object.at("spec", "strategy") == nil
        {
            errors.append(.forbidden("spec.preferredHolder", "may only be specified if `strategy` is defined"))
        }
        return errors
    }
}

struct ControllerRevisionStrategy: BuiltInStrategy {
    var common: CommonRules

    func validate(_ object: JSON) -> [FieldError] {
        var errors: [FieldError] = []
        if object["data"] == nil { errors.append(.required("data", "data is mandatory")) }
        return errors + FieldChecks.notNegative(object.int("revision"), "revision")
    }

    func validateChange(_ new: JSON, old: JSON) -> [FieldError] {
        FieldChecks.immutable(new["data"], old["data"], "data")
    }
}

struct NetworkPolicyStrategy: BuiltInStrategy {
    var common: CommonRules

    func fillDefaults(_ object: inout JSON) {
        guard var spec = object["spec"] else { return }
        for direction in ["ingress", "egress"] {
            spec.mapElements(direction) { rule in
                rule.mapElements("ports") { $0.setIfAbsent("protocol", "TCP") }
            }
        }
        if spec["policyTypes"] == nil {
            spec["policyTypes"] = spec.elements("egress").isEmpty ? ["Ingress"] : ["Ingress", "Egress"]
        }
        object["spec"] = spec
    }

    func validate(_ object: JSON) -> [FieldError] {
        var errors = FieldChecks.selector(object.at("spec", "podSelector"), "spec.podSelector")
        for (index, type) in object.elements("spec", "policyTypes").enumerated() {
            errors += FieldChecks.oneOf(type.stringValue ?? "", ["Egress", "Ingress"], "spec.policyTypes[\(index)]")
        }
        return errors
    }
}

/// CustomResourceDefinitions: the names that follow from others. What a definition's schema may say is checked where
/// schemas are read.
struct DefinitionStrategy: BuiltInStrategy {
    var common: CommonRules

    func fillDefaults(_ object: inout JSON) {
        guard var spec = object["spec"] else { return }
        spec.change("names") { names in
            let kind = names.text("kind")
            if names.text("singular").isEmpty { names["singular"] = .string(kind.lowercased()) }
            if names.text("listKind").isEmpty, !kind.isEmpty { names["listKind"] = .string(kind + "List") }
        }
        if spec.text("conversion", "strategy").isEmpty { spec.set("None", at: ["conversion", "strategy"]) }
        if var webhook = spec.at("conversion", "webhook") {
            webhook.change("clientConfig") { config in config.change("service") { $0.setIfAbsent("port", 443) } }
            spec.set(webhook, at: ["conversion", "webhook"])
        }
        object["spec"] = spec
    }

    /// The storage version of a new definition is what its objects will be stored as; the server adds names and
    /// conditions.
    func adaptCreated(_ object: inout JSON, _ context: StrategyContext) throws(Status) {
        object["status"] = ["storedVersions": .array(Self.storageVersions(object))]
    }

    func adaptUpdated(_ new: inout JSON, old: JSON, _ context: StrategyContext) throws(Status) {
        let stored = old.elements("status", "storedVersions")
        let added = Self.storageVersions(new).filter { !stored.contains($0) }
        if !added.isEmpty { new.set(.array(stored + added), at: ["status", "storedVersions"]) }
    }

    private static func storageVersions(_ object: JSON) -> [JSON] {
        object.elements("spec", "versions").first { $0.flag("storage") }.flatMap { $0["name"] }.map { [$0] } ?? []
    }
}
