import KubeCore

/// What a CustomResourceDefinition must look like, beyond its metadata (which is checked as that of any kind).
///
/// Where all versions have the same schema, subresources or columns, errors speak of them as of the whole definition
/// (`spec.validation.openAPIV3Schema`), as Kubernetes keeps them in this form. Behaviour and wording are those of
/// Kubernetes 1.36 (k8s.io/apiextensions-apiserver).
package enum CustomResourceDefinitionRules {
    /// The errors of a definition that is created (`old` is nil) or that replaces `old`. Names are as the server completes
    /// them: `singular` and `listKind` follow from `kind`.
    package static func validate(_ definition: JSON, old: JSON? = nil) -> [FieldError] {
        let spec = definition["spec"] ?? [:]
        var errors: [FieldError] = []
        if old == nil {
            errors += nameErrors(definition, spec)
        }
        errors += groupAndScopeErrors(spec)
        errors += CRDVersionRules(spec).errors()
        errors += CRDNameRules.errors(spec["names"] ?? [:], at: "spec.names", areRequired: true)
        errors += CRDConversionRules.errors(spec["conversion"])
        if let old {
            errors += updateErrors(spec, old)
        }
        if let accepted = definition.at("status", "acceptedNames") {
            errors += CRDNameRules.errors(accepted, at: "status.acceptedNames", areRequired: false)
        }
        errors += storedVersionErrors(definition)
        if spec["preserveUnknownFields"] == true, old?.at("spec", "preserveUnknownFields") != true {
            errors.append(
                .invalid(
                    "spec.preserveUnknownFields", true,
                    "cannot set to true, set x-kubernetes-preserve-unknown-fields to true "
                        + "in spec.versions[*].schema instead"))
        }
        return errors
    }

    private static func nameErrors(_ definition: JSON, _ spec: JSON) -> [FieldError] {
        let name = definition.text("metadata", "name")
        if name == "\(spec.text("names", "plural")).\(spec.text("group"))" {
            return []
        }
        return [.invalid("metadata.name", .string(name), "must be spec.names.plural+\".\"+spec.group")]
    }

    private static func groupAndScopeErrors(_ spec: JSON) -> [FieldError] {
        var errors: [FieldError] = []
        let group = spec.text("group")
        let problems = NameRules.subdomain(group)
        if group.isEmpty {
            errors.append(.required("spec.group"))
        } else if !problems.isEmpty {
            errors.append(.invalid("spec.group", .string(group), problems.joined(separator: ",")))
        } else if !group.contains(".") {
            errors.append(.invalid("spec.group", .string(group), "should be a domain with at least one dot"))
        }
        let scope = spec.text("scope")
        let scopes = ["Cluster", "Namespaced"]
        if scope.isEmpty {
            errors.append(.required("spec.scope"))
        } else if !scopes.contains(scope) {
            errors.append(.notSupported("spec.scope", .string(scope), scopes))
        }
        return errors
    }

    private static func updateErrors(_ spec: JSON, _ old: JSON) -> [FieldError] {
        var fixed = [["group"], ["names", "plural"]]
        let isEstablished = old.elements("status", "conditions").contains {
            $0.text("type") == "Established" && $0.text("status") == "True"
        }
        if isEstablished {
            // Objects are stored by these.
            fixed += [["scope"], ["names", "kind"]]
        }
        return fixed.flatMap { path in
            let field = (["spec"] + path).joined(separator: ".")
            return FieldChecks.immutable(spec.at(path), old["spec"]?.at(path), field)
        }
    }

    private static func storedVersionErrors(_ definition: JSON) -> [FieldError] {
        let field = "status.storedVersions"
        let stored = definition.elements("status", "storedVersions").compactMap(\.stringValue)
        if stored.isEmpty {
            return [.invalid(field, .null, "must have at least one stored version")]
        }
        let versions = definition.elements("spec", "versions")
        let shown = JSON.array(stored.map { .string($0) })
        var errors: [FieldError] = []
        for version in versions where version.flag("storage") && !stored.contains(version.text("name")) {
            errors.append(.invalid(field, shown, "must have the storage version \(version.text("name"))"))
        }
        let names = Set(versions.map { $0.text("name") })
        for (index, name) in stored.enumerated() where !names.contains(name) {
            errors.append(
                .invalid(
                    "\(field)[\(index)]", .string(name),
                    "missing from spec.versions; \(name) was previously a storage version, and must remain in "
                        + "spec.versions until a storage migration ensures no data remains persisted in \(name) "
                        + "and removes \(name) from status.storedVersions"))
        }
        return errors
    }
}

/// The names of a custom kind.
enum CRDNameRules {
    static func errors(_ names: JSON, at field: String, areRequired: Bool) -> [FieldError] {
        var errors: [FieldError] = []
        for name in ["plural", "singular", "kind", "listKind"] {
            let text = names.text(name)
            let field = "\(field).\(name)"
            if text.isEmpty {
                if areRequired {
                    errors.append(.required(field))
                }
                continue
            }
            let isKind = name == "kind" || name == "listKind"
            let problems = NameRules.label1035(isKind ? text.lowercased() : text)
            if !problems.isEmpty {
                let lead = isKind ? "may have mixed case, but should otherwise match: " : ""
                errors.append(.invalid(field, .string(text), lead + problems.joined(separator: ",")))
            }
        }
        for list in ["shortNames", "categories"] {
            for (index, name) in names.elements(list).enumerated() {
                let problems = NameRules.label1035(name.stringValue ?? "")
                if !problems.isEmpty {
                    errors.append(.invalid("\(field).\(list)[\(index)]", name, problems.joined(separator: ",")))
                }
            }
        }
        let kind = names.text("kind")
        if !kind.isEmpty, kind == names.text("listKind") {
            errors.append(.invalid("\(field).listKind", .string(kind), "kind and listKind may not be the same"))
        }
        return errors
    }
}

/// How objects get from one version to another.
enum CRDConversionRules {
    static func errors(_ conversion: JSON?) -> [FieldError] {
        guard let conversion, !conversion.isNull else { return [] }
        let field = "spec.conversion"
        let strategy = conversion.text("strategy")
        var errors: [FieldError] = []
        if strategy.isEmpty {
            errors.append(.required("\(field).strategy"))
        } else if strategy != "None", strategy != "Webhook" {
            errors.append(.notSupported("\(field).strategy", .string(strategy), ["None", "Webhook"]))
        }
        let client = conversion.at("webhook", "clientConfig")
        let reviews = conversion.elements("webhook", "conversionReviewVersions").compactMap(\.stringValue)
        guard strategy == "Webhook" else {
            let detail = "should not be set when strategy is not set to Webhook"
            if client != nil {
                errors.append(.forbidden("\(field).webhookClientConfig", detail))
            }
            if !reviews.isEmpty {
                errors.append(.forbidden("\(field).conversionReviewVersions", detail))
            }
            return errors
        }
        if let client {
            if (client["url"] == nil) == (client["service"] == nil) {
                errors.append(
                    .required("\(field).webhookClientConfig", "exactly one of url or service is required"))
            }
        } else {
            errors.append(.required("\(field).webhookClientConfig", "required when strategy is set to Webhook"))
        }
        let reviewField = "\(field).conversionReviewVersions"
        if reviews.isEmpty {
            errors.append(.required(reviewField))
        } else if !reviews.contains("v1"), !reviews.contains("v1beta1") {
            errors.append(
                .invalid(
                    reviewField, .array(reviews.map { .string($0) }), "must include at least one of v1, v1beta1"))
        }
        return errors
    }
}
