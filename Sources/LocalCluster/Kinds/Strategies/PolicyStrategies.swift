import KubeCore

struct ResourceQuotaStrategy: BuiltInStrategy {
    var common: CommonRules

    private static let standard: Set = [
        "cpu", "memory", "ephemeral-storage", "storage", "requests.cpu", "requests.memory", "requests.storage",
        "requests.ephemeral-storage", "limits.cpu", "limits.memory", "limits.ephemeral-storage", "pods",
        "resourcequotas",
        "services", "replicationcontrollers", "secrets", "configmaps", "persistentvolumeclaims", "services.nodeports",
        "services.loadbalancers",
    ]

    private static let scopes = [
        "Terminating", "NotTerminating", "BestEffort", "NotBestEffort", "PriorityClass", "CrossNamespacePodAffinity",
        "VolumeAttributesClass",
    ]

    func validate(_ object: JSON) -> [FieldError] {
        var errors: [FieldError] = []
        for (name, amount) in object.fields("spec", "hard") {
            let field = "spec.hard[\(name)]"
            errors += FieldChecks.names(name, field, NameRules.qualifiedName)
            if !name.contains("/"), !Self.standard.contains(name) {
                errors.append(.invalid(field, .string(name), "must be a standard resource type or fully qualified"))
                errors.append(.invalid(field, .string(name), "must be a standard resource for quota"))
            }
            if let text = amount.stringValue, let quantity = try? Quantity(parsing: text), quantity < Quantity.zero {
                errors.append(.invalid(field, amount, "must be greater than or equal to 0"))
            }
        }
        if object.elements("spec", "scopes").contains(where: { !Self.scopes.contains($0.stringValue ?? "") }) {
            errors.append(.invalid("spec.scopes", object.at("spec", "scopes"), "unsupported scope"))
        }
        return errors
    }

    func validateChange(_ new: JSON, old: JSON) -> [FieldError] {
        let (scopes, before) = (new.elements("spec", "scopes"), old.elements("spec", "scopes"))
        return Set(scopes) == Set(before)
            ? [] : [.invalid("spec.scopes", .array(scopes), ObjectMetaRules.immutableReason)]
    }
}

/// LimitRanges: bounds give defaults, a default gives a default request.
struct LimitRangeStrategy: BuiltInStrategy {
    var common: CommonRules

    func fillDefaults(_ object: inout JSON) {
        guard var spec = object["spec"] else { return }
        spec.mapElements("limits") { limit in
            guard limit.text("type") == "Container" else { return }
            for (name, value) in limit.fields("max") where limit.at("default", name) == nil {
                limit.set(value, at: ["default", name])
            }
            for (name, value) in limit.fields("default") where limit.at("defaultRequest", name) == nil {
                limit.set(limit.at("min", name) ?? value, at: ["defaultRequest", name])
            }
            for (name, value) in limit.fields("min") where limit.at("defaultRequest", name) == nil {
                limit.set(value, at: ["defaultRequest", name])
            }
        }
        object["spec"] = spec
    }

    func validate(_ object: JSON) -> [FieldError] {
        var errors: [FieldError] = []
        var types: Set<String> = []
        for (index, limit) in object.elements("spec", "limits").enumerated() {
            let field = "spec.limits[\(index)]"
            let type = limit.text("type")
            if !types.insert(type).inserted { errors.append(.duplicate("\(field).type", .string(type))) }
            if !["Container", "Pod", "PersistentVolumeClaim"].contains(type), !type.contains("/") {
                errors.append(
                    .invalid("\(field).type", .string(type), "must be a standard limit type or fully qualified"))
            }
            errors += order(limit, field)
        }
        return errors
    }

    private func order(_ limit: JSON, _ field: String) -> [FieldError] {
        var errors: [FieldError] = []
        func compare(_ lower: String, _ upper: String, _ why: (String, String) -> String) {
            for (name, low) in limit.fields(lower) {
                guard let high = limit.at(upper, name)?.stringValue, let text = low.stringValue,
                    let less = try? Quantity(parsing: text), let more = try? Quantity(parsing: high), less > more
                else { continue }
                errors.append(.invalid("\(field).\(lower)[\(name)]", low, why(text, high)))
            }
        }
        compare("min", "max") { "min value \($0) is greater than max value \($1)" }
        compare("default", "max") { "default value \($0) is greater than max value \($1)" }
        compare("defaultRequest", "default") {
            "default request value \($0) is greater than default limit value \($1)"
        }
        compare("defaultRequest", "max") { "default request value \($0) is greater than max value \($1)" }
        return errors
    }
}

struct PriorityClassStrategy: BuiltInStrategy {
    var common: CommonRules

    static let highestUserValue: Int64 = 1_000_000_000

    private static let system = ["system-node-critical": 2_000_001_000, "system-cluster-critical": 2_000_000_000]

    func fillDefaults(_ object: inout JSON) { object.setIfAbsent("preemptionPolicy", "PreemptLowerPriority") }

    func validate(_ object: JSON) -> [FieldError] {
        let name = object.text("metadata", "name")
        let value = object.int("value") ?? 0
        var errors: [FieldError] = []
        if name.hasPrefix("system-") {
            if Self.system[name].map(Int64.init) != value {
                errors.append(
                    .forbidden(
                        "metadata.name",
                        "priority class names with 'system-' prefix are reserved for system use only. error: "
                            + "\(name) is "
                            + "not a known system priority class"))
            }
        } else if value > Self.highestUserValue {
            errors.append(
                .forbidden(
                    "value", "maximum allowed value of a user defined priority is \(Self.highestUserValue)"))
        }
        return errors
            + FieldChecks.oneOf(
                object.text("preemptionPolicy"), ["Never", "PreemptLowerPriority"], "preemptionPolicy")
    }

    func validateChange(_ new: JSON, old: JSON) -> [FieldError] {
        var errors: [FieldError] = []
        if new["value"] != old["value"] {
            errors.append(.forbidden("value", "may not be changed in an update."))
        }
        return errors
            + FieldChecks.immutable(new["preemptionPolicy"], old["preemptionPolicy"], "preemptionPolicy")
    }
}

struct DisruptionBudgetStrategy: BuiltInStrategy {
    var common: CommonRules

    func validate(_ object: JSON) -> [FieldError] {
        var errors: [FieldError] = []
        if object.at("spec", "minAvailable") != nil, object.at("spec", "maxUnavailable") != nil {
            errors.append(
                .invalid("spec", object["spec"], "minAvailable and maxUnavailable cannot be both set"))
        }
        for name in ["minAvailable", "maxUnavailable"] {
            errors += IntOrPercent.check(object.at("spec", name), "spec.\(name)")
        }
        return errors + FieldChecks.selector(object.at("spec", "selector"), "spec.selector")
    }
}

/// Numbers that may also be percentages, such as `maxSurge: 25%`.
enum IntOrPercent {
    static func check(_ value: JSON?, _ field: String) -> [FieldError] {
        switch value {
        case .int(let number): return FieldChecks.notNegative(number, field)
        case .string(let text):
            let digits = text.dropLast()
            let isPercent = text.hasSuffix("%") && !digits.isEmpty && digits.utf8.allSatisfy(NameRules.isDigit)
            if isPercent { return [] }
            return [
                .invalid(
                    field, .string(text),
                    "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', "
                        + "regex used for validation is '[0-9]+%')")
            ]
        default: return []
        }
    }
}
