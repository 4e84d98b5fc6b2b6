import KubeCore

/// The rules for `metadata` that all kinds share.
package struct ObjectMetaRules: Sendable {
    /// The form of the kind's names.
    package var name: @Sendable (String) -> [String]
    package var isNamespaced: Bool
    /// Custom kinds take finalizers without a domain, with a warning.
    package var allowsPlainFinalizers: Bool

    package init(
        isNamespaced: Bool, allowsPlainFinalizers: Bool = false,
        name: @escaping @Sendable (String) -> [String] = NameRules.subdomain
    ) {
        self.name = name
        self.isNamespaced = isNamespaced
        self.allowsPlainFinalizers = allowsPlainFinalizers
    }

    /// Errors of the metadata of an object to be stored.
    package func validate(_ object: JSON) -> [FieldError] {
        let metadata = object["metadata"] ?? .object([:])
        var errors: [FieldError] = []
        if let prefix = metadata["generateName"]?.stringValue, !prefix.isEmpty {
            errors += name(NameRules.maskTrailingDash(prefix)).map {
                .invalid("metadata.generateName", .string(prefix), $0)
            }
        }
        let name = metadata["name"]?.stringValue ?? ""
        if name.isEmpty {
            errors.append(.required("metadata.name", "name or generateName is required"))
        } else {
            errors += self.name(name).map { .invalid("metadata.name", .string(name), $0) }
        }
        let namespace = metadata["namespace"]?.stringValue ?? ""
        if isNamespaced {
            if namespace.isEmpty {
                errors.append(.required("metadata.namespace"))
            } else {
                errors += NameRules.label(namespace).map { .invalid("metadata.namespace", .string(namespace), $0) }
            }
        } else if !namespace.isEmpty {
            errors.append(.forbidden("metadata.namespace", "not allowed on this type"))
        }
        if let generation = metadata["generation"]?.intValue, generation < 0 {
            errors.append(
                .invalid("metadata.generation", .int(generation), "must be greater than or equal to 0"))
        }
        return errors + Self.labels(metadata["labels"], "metadata.labels") + Self.annotations(metadata["annotations"])
            + Self.owners(metadata["ownerReferences"]) + finalizers(metadata["finalizers"])
    }

    /// Errors of a change of metadata: what may never change, and finalizers added to what is being deleted.
    package func validateUpdate(_ new: JSON, old: JSON) -> [FieldError] {
        let metadata = new["metadata"] ?? .object([:])
        let before = old["metadata"] ?? .object([:])
        var errors: [FieldError] = []
        if before["deletionTimestamp"] != nil {
            let known = Set((before["finalizers"]?.arrayValue ?? []).compactMap(\.stringValue))
            let added = (metadata["finalizers"]?.arrayValue ?? []).compactMap(\.stringValue)
                .filter { !known.contains($0) }.sorted()
            if !added.isEmpty {
                let list = added.map(FieldError.quoted).joined(separator: ", ")
                errors.append(
                    .forbidden(
                        "metadata.finalizers",
                        "no new finalizers can be added if the object is being deleted, found new finalizers "
                            + "[]string{\(list)}"))
            }
        }
        for field in Self.immutable where metadata[field] != before[field] {
            errors.append(.invalid("metadata.\(field)", metadata[field], Self.immutableReason))
        }
        return errors + Self.labels(metadata["labels"], "metadata.labels") + Self.annotations(metadata["annotations"])
            + Self.owners(metadata["ownerReferences"]) + finalizers(metadata["finalizers"])
    }

    /// Warnings about finalizers without a domain, for custom kinds.
    package static func finalizerWarnings(_ new: JSON, old: JSON?) -> [String] {
        let before = Set((old?.at("metadata", "finalizers")?.arrayValue ?? []).compactMap(\.stringValue))
        return (new.at("metadata", "finalizers")?.arrayValue ?? []).compactMap(\.stringValue)
            .filter { !$0.contains("/") && !standardFinalizers.contains($0) && !before.contains($0) }
            .map {
                "metadata.finalizers: \(FieldError.quoted($0)): prefer a domain-qualified finalizer name to avoid "
                    + "accidental conflicts with other finalizer writers"
            }
    }

    package static let immutableReason = "field is immutable"

    private static let immutable = [
        "name", "namespace", "uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds",
    ]

    /// Takes over from the stored object what an update can neither set nor lose; before `validateUpdate`.
    package static func carryOver(from old: JSON, to new: inout JSON) {
        let before = old["metadata"] ?? .object([:])
        var metadata = new["metadata"] ?? .object([:])
        if (metadata["uid"]?.stringValue ?? "").isEmpty { metadata["uid"] = before["uid"] }
        if let created = before["creationTimestamp"] { metadata["creationTimestamp"] = created }
        if let deleted = before["deletionTimestamp"] { metadata["deletionTimestamp"] = deleted }
        if metadata["deletionGracePeriodSeconds"] == nil {
            metadata["deletionGracePeriodSeconds"] = before["deletionGracePeriodSeconds"]
        }
        metadata["generation"] = before["generation"]
        metadata["selfLink"] = nil
        new["metadata"] = metadata
    }
}

extension ObjectMetaRules {
    /// Labels, also those of pod templates and selectors.
    static func labels(_ labels: JSON?, _ field: String) -> [FieldError] {
        var errors: [FieldError] = []
        for (key, value) in labels?.objectValue ?? [:] {
            errors += NameRules.qualifiedName(key).map { .invalid(field, .string(key), $0) }
            errors += NameRules.labelValue(value.stringValue ?? "").map { .invalid(field, value, $0) }
        }
        return errors
    }

    static func annotations(_ annotations: JSON?, _ field: String = "metadata.annotations") -> [FieldError] {
        var errors: [FieldError] = []
        var size = 0
        for (key, value) in annotations?.objectValue ?? [:] {
            errors += NameRules.qualifiedName(key.lowercased()).map { .invalid(field, .string(key), $0) }
            size += key.utf8.count + (value.stringValue ?? "").utf8.count
        }
        if size > 262_144 { errors.append(.tooLong(field, maxBytes: 262_144)) }
        return errors
    }

    static let standardFinalizers: Set = ["kubernetes", "foregroundDeletion", "orphan"]

    private func finalizers(_ finalizers: JSON?) -> [FieldError] {
        var errors: [FieldError] = []
        for (index, finalizer) in (finalizers?.arrayValue ?? []).enumerated() {
            let name = finalizer.stringValue ?? ""
            let reasons = NameRules.qualifiedName(name)
            errors += reasons.map { .invalid("metadata.finalizers", .string(name), $0) }
            if reasons.isEmpty, !allowsPlainFinalizers, !name.contains("/"), !Self.standardFinalizers.contains(name) {
                errors.append(
                    .invalid(
                        "metadata.finalizers[\(index)]", .string(name),
                        "name is neither a standard finalizer name nor is it fully qualified"))
            }
        }
        let names = Set((finalizers?.arrayValue ?? []).compactMap(\.stringValue))
        if names.contains("orphan"), names.contains("foregroundDeletion") {
            errors.append(
                .invalid(
                    "metadata.finalizers", finalizers,
                    "finalizer orphan and foregroundDeletion cannot be both set"))
        }
        return errors
    }

    private static func owners(_ owners: JSON?) -> [FieldError] {
        let field = "metadata.ownerReferences"
        let references = owners?.arrayValue ?? []
        var errors: [FieldError] = []
        var controller: String?
        for reference in references {
            let apiVersion = reference["apiVersion"]?.stringValue ?? ""
            for name in ["apiVersion", "kind", "name", "uid"] {
                let text = reference[name]?.stringValue ?? ""
                if name == "apiVersion", !text.isEmpty {
                    let version = text.split(separator: "/").last.map(String.init) ?? ""
                    if version.isEmpty || text.split(separator: "/").count > 2 {
                        errors.append(.invalid("\(field).apiVersion", .string(text), "version must not be empty"))
                    }
                } else if text.isEmpty {
                    let reason = name == "apiVersion" ? "version must not be empty" : "must not be empty"
                    errors.append(.invalid("\(field).\(name)", .string(text), reason))
                }
            }
            let kind = reference["kind"]?.stringValue ?? ""
            if kind == "Event", ["v1", "events.k8s.io/v1"].contains(apiVersion) {
                errors.append(
                    .invalid(
                        field, .string("\(apiVersion), Kind=Event"),
                        "\(apiVersion), Kind=Event is disallowed from being an owner"))
            }
            guard reference["controller"]?.boolValue == true else { continue }
            let name = "\(kind)/\(reference["name"]?.stringValue ?? "")"
            if let first = controller {
                errors.append(
                    .invalid(
                        field, owners,
                        "Only one reference can have Controller set to true. Found \"true\" in references for "
                            + "\(first) and \(name)"))
            } else {
                controller = name
            }
        }
        return errors
    }
}
