import KubeCore

/// Roles and ClusterRoles.
struct RoleStrategy: BuiltInStrategy {
    var common: CommonRules

    func validate(_ object: JSON) -> [FieldError] {
        var errors: [FieldError] = []
        for (index, rule) in object.elements("rules").enumerated() {
            let field = "rules[\(index)]"
            if rule.elements("verbs").isEmpty {
                errors.append(.required("\(field).verbs", "verbs must contain at least one value"))
            }
            let paths = rule.elements("nonResourceURLs")
            if !paths.isEmpty {
                if common.metadata.isNamespaced {
                    errors.append(
                        .invalid(
                            "\(field).nonResourceURLs", .array(paths),
                            "namespaced rules cannot apply to non-resource URLs"))
                }
                if ["apiGroups", "resources", "resourceNames"].contains(where: { !rule.elements($0).isEmpty }) {
                    errors.append(
                        .invalid(
                            "\(field).nonResourceURLs", .array(paths),
                            "rules cannot apply to both regular resources and non-resource URLs"))
                }
                continue
            }
            if rule.elements("apiGroups").isEmpty {
                errors.append(.required("\(field).apiGroups", "resource rules must supply at least one api group"))
            }
            if rule.elements("resources").isEmpty {
                errors.append(.required("\(field).resources", "resource rules must supply at least one resource"))
            }
        }
        for (index, selector) in object.elements("aggregationRule", "clusterRoleSelectors").enumerated() {
            errors += FieldChecks.selector(selector, "aggregationRule.clusterRoleSelectors[\(index)]")
        }
        if let rule = object["aggregationRule"], rule.elements("clusterRoleSelectors").isEmpty {
            errors.append(
                .required(
                    "aggregationRule.clusterRoleSelectors",
                    "at least one clusterRoleSelector required if aggregationRule is non-nil"))
        }
        return errors
    }
}

/// RoleBindings and ClusterRoleBindings.
struct RoleBindingStrategy: BuiltInStrategy {
    var common: CommonRules

    private static let group = "rbac.authorization.k8s.io"

    func fillDefaults(_ object: inout JSON) {
        object.change("roleRef") { if $0.text("apiGroup").isEmpty { $0["apiGroup"] = .string(Self.group) } }
        object.mapElements("subjects") { subject in
            if ["User", "Group"].contains(subject.text("kind")), subject.text("apiGroup").isEmpty {
                subject["apiGroup"] = .string(Self.group)
            }
        }
    }

    func validate(_ object: JSON) -> [FieldError] {
        var errors: [FieldError] = []
        let role = object["roleRef"] ?? .null
        if role.text("apiGroup") != Self.group {
            errors.append(.notSupported("roleRef.apiGroup", role["apiGroup"] ?? "", [Self.group]))
        }
        let kinds = common.metadata.isNamespaced ? ["Role", "ClusterRole"] : ["ClusterRole"]
        if !kinds.contains(role.text("kind")) {
            errors.append(.notSupported("roleRef.kind", .string(role.text("kind")), kinds))
        }
        if role.text("name").isEmpty {
            errors.append(.required("roleRef.name"))
        } else {
            errors += FieldChecks.names(role.text("name"), "roleRef.name", NameRules.pathSegment)
        }
        for (index, subject) in object.elements("subjects").enumerated() {
            errors += self.subject(subject, "subjects[\(index)]")
        }
        return errors
    }

    private func subject(_ subject: JSON, _ field: String) -> [FieldError] {
        var errors: [FieldError] = []
        let name = subject.text("name")
        if name.isEmpty { errors.append(.required("\(field).name")) }
        let group = subject.text("apiGroup")
        switch subject.text("kind") {
        case "ServiceAccount":
            if !name.isEmpty { errors += FieldChecks.names(name, "\(field).name", NameRules.subdomain) }
            if !group.isEmpty { errors.append(.notSupported("\(field).apiGroup", .string(group), [""])) }
            if !common.metadata.isNamespaced, subject.text("namespace").isEmpty {
                errors.append(.required("\(field).namespace"))
            }
        case "User", "Group":
            if group != Self.group { errors.append(.notSupported("\(field).apiGroup", .string(group), [Self.group])) }
        default:
            errors.append(
                .notSupported("\(field).kind", .string(subject.text("kind")), ["ServiceAccount", "User", "Group"]))
        }
        return errors
    }

    func validateChange(_ new: JSON, old: JSON) -> [FieldError] {
        new["roleRef"] == old["roleRef"]
            ? [] : [.invalid("roleRef", new["roleRef"], "cannot change roleRef")]
    }
}

struct WebhookStrategy: BuiltInStrategy {
    var common: CommonRules

    func fillDefaults(_ object: inout JSON) {
        let isMutating = object.text("kind") == "MutatingWebhookConfiguration"
        object.mapElements("webhooks") { webhook in
            webhook.setIfAbsent("failurePolicy", "Fail")
            webhook.setIfAbsent("matchPolicy", "Equivalent")
            webhook.setIfAbsent("namespaceSelector", .object([:]))
            webhook.setIfAbsent("objectSelector", .object([:]))
            webhook.setIfAbsent("timeoutSeconds", 10)
            if isMutating { webhook.setIfAbsent("reinvocationPolicy", "Never") }
            webhook.mapElements("rules") { $0.setIfAbsent("scope", "*") }
            if var config = webhook["clientConfig"] {
                config.change("service") { $0.setIfAbsent("port", 443) }
                webhook["clientConfig"] = config
            }
        }
    }

    func adaptUpdated(_ new: inout JSON, old: JSON, _ context: StrategyContext) throws(Status) {
        guard new["webhooks"] != old["webhooks"] else { return }
        new.set(.int((old.int("metadata", "generation") ?? 0) &+ 1), at: ["metadata", "generation"])
    }

    func validate(_ object: JSON) -> [FieldError] {
        var errors: [FieldError] = []
        for (index, webhook) in object.elements("webhooks").enumerated() {
            let field = "webhooks[\(index)]"
            let name = webhook.text("name")
            if name.split(separator: ".").count < 3 {
                errors.append(
                    .invalid(
                        "\(field).name", .string(name),
                        "should be a domain with at least three segments separated by dots"))
            }
            if webhook.elements("admissionReviewVersions").isEmpty {
                errors.append(.required("\(field).admissionReviewVersions", "must specify one of v1, v1beta1"))
            }
            let effects = webhook.text("sideEffects")
            if effects.isEmpty {
                errors.append(.required("\(field).sideEffects", "must specify one of None, NoneOnDryRun"))
            } else {
                errors += FieldChecks.oneOf(effects, ["None", "NoneOnDryRun"], "\(field).sideEffects")
            }
            let config = webhook["clientConfig"] ?? .null
            if (config["url"] == nil) == (config["service"] == nil) {
                errors.append(.required("\(field).clientConfig", "exactly one of url or service is required"))
            }
            if let seconds = webhook.int("timeoutSeconds"), !(1...30).contains(seconds) {
                errors.append(
                    .invalid(
                        "\(field).timeoutSeconds", .int(seconds), "the timeout value must be between 1 and 30 seconds"))
            }
        }
        return errors
    }
}
