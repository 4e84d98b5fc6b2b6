import KubeCore

/// The versions of a custom kind: names, schemas, subresources, columns, selectable fields.
struct CRDVersionRules {
    private static let columnTypes = ["boolean", "date", "integer", "number", "string"]
    private static let columnFormats = [
        "byte", "date", "date-time", "double", "float", "int32", "int64", "password",
    ]
    private static let maxSelectableFields = 8

    private let spec: JSON
    private let versions: [JSON]

    init(_ spec: JSON) {
        self.spec = spec
        versions = spec.elements("versions")
    }

    func errors() -> [FieldError] {
        var errors = shared()
        for (index, version) in versions.enumerated() {
            errors += self.errors(of: version, at: "spec.versions[\(index)]")
        }
        let names = versions.map { $0.text("name") }
        let shown = spec["versions"] ?? []
        if Set(names).count < names.count {
            errors.append(.invalid("spec.versions", shown, "must contain unique version names"))
        }
        if versions.count(where: { $0.flag("storage") }) != 1 {
            errors.append(
                .invalid("spec.versions", shown, "must have exactly one version marked as storage version"))
        }
        if let first = names.first {
            let problems = NameRules.label1035(first)
            if !problems.isEmpty {
                errors.append(.invalid("spec.version", .string(first), problems.joined(separator: ",")))
            }
        }
        return errors
    }

    // MARK: What all versions have in common

    /// Whether a part is the same in all versions, so that it counts as one of the whole definition.
    private func isShared(_ part: String) -> Bool {
        guard let first = versions.first else { return false }
        return versions.allSatisfy { $0[part] == first[part] }
    }

    /// The errors of shared parts.
    private func shared() -> [FieldError] {
        guard let first = versions.first else { return [] }
        var errors: [FieldError] = []
        if isShared("schema"), let schema = first.at("schema", "openAPIV3Schema") {
            let hasStatus = versions.contains { $0.at("subresources", "status") != nil }
            errors += CRDSchemaRules.validate(schema, at: "spec.validation.openAPIV3Schema", hasStatus: hasStatus)
        }
        if isShared("subresources") {
            errors += Self.subresourceErrors(first["subresources"], at: "spec.subresources")
        }
        if isShared("additionalPrinterColumns") {
            errors += Self.columnErrors(first, at: "spec.additionalPrinterColumns")
        }
        if isShared("selectableFields") {
            errors += Self.selectableFieldErrors(first, at: "spec.selectableFields")
        }
        return errors
    }

    private func errors(of version: JSON, at field: String) -> [FieldError] {
        var errors: [FieldError] = []
        let schema = version.at("schema", "openAPIV3Schema")
        if schema == nil || schema == .null {
            errors.append(.required("\(field).schema.openAPIV3Schema"))
        }
        let problems = NameRules.label1035(version.text("name"))
        if !problems.isEmpty {
            errors.append(.invalid("\(field).name", version["name"], problems.joined(separator: ",")))
        }
        errors += Self.deprecationErrors(version, at: "\(field).deprecationWarning")
        if !isShared("schema"), let schema {
            let hasStatus = version.at("subresources", "status") != nil
            errors += CRDSchemaRules.validate(schema, at: "\(field).schema.openAPIV3Schema", hasStatus: hasStatus)
        }
        if !isShared("subresources") {
            errors += Self.subresourceErrors(version["subresources"], at: "\(field).subresources")
        }
        if !isShared("additionalPrinterColumns") {
            errors += Self.columnErrors(version, at: "\(field).additionalPrinterColumns")
        }
        if !isShared("selectableFields") {
            errors += Self.selectableFieldErrors(version, at: "\(field).selectableFields")
        }
        return errors
    }

    // MARK: Parts

    private static func deprecationErrors(_ version: JSON, at field: String) -> [FieldError] {
        guard let warning = version["deprecationWarning"]?.stringValue else { return [] }
        var details: [String] = []
        if !version.flag("deprecated") {
            details.append("can only be set for deprecated versions")
        } else if warning.isEmpty {
            details.append("must not be an empty string")
        } else if warning.utf8.count > 256 {
            details.append("must be <= 256 characters long")
        } else {
            var offset = 0
            for scalar in warning.unicodeScalars {
                if scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value) {
                    details.append(
                        "must only contain printable UTF-8 characters; "
                            + "non-printable character found at index \(offset)")
                    break
                }
                offset += scalar.utf8.count
            }
        }
        return details.map { .invalid(field, .string(warning), $0) }
    }

    private static func subresourceErrors(_ subresources: JSON?, at field: String) -> [FieldError] {
        guard let scale = subresources?["scale"], scale.objectValue != nil else { return [] }
        var errors: [FieldError] = []
        for (name, root) in [("specReplicasPath", ".spec."), ("statusReplicasPath", ".status.")] {
            let path = scale.text(name)
            let field = "\(field).scale.\(name)"
            if path.isEmpty {
                errors.append(.required(field))
            } else if let problem = pathProblem(path) {
                errors.append(.invalid(field, .string(path), problem))
            } else if !path.hasPrefix(root) {
                errors.append(
                    .invalid(field, .string(path), "should be a json path under \(root.dropLast())"))
            }
        }
        let selector = scale.text("labelSelectorPath")
        if !selector.isEmpty {
            let field = "\(field).scale.labelSelectorPath"
            if let problem = pathProblem(selector) {
                errors.append(.invalid(field, .string(selector), problem))
            } else if !selector.hasPrefix(".spec."), !selector.hasPrefix(".status.") {
                errors.append(
                    .invalid(field, .string(selector), "should be a json path under either .spec or .status"))
            }
        }
        return errors
    }

    private static func pathProblem(_ path: String) -> String? {
        path.hasPrefix(".") ? nil : "must be a simple json path starting with ."
    }

    private static func columnErrors(_ version: JSON, at field: String) -> [FieldError] {
        version.elements("additionalPrinterColumns").enumerated().flatMap { index, column -> [FieldError] in
            let field = "\(field)[\(index)]"
            var errors: [FieldError] = []
            if column.text("name").isEmpty {
                errors.append(.required("\(field).name"))
            }
            let type = column.text("type")
            let types = "must be one of \(columnTypes.joined(separator: ","))"
            if type.isEmpty {
                errors.append(.required("\(field).type", types))
            } else if !columnTypes.contains(type) {
                errors.append(.invalid("\(field).type", .string(type), types))
            }
            let format = column.text("format")
            if !format.isEmpty, !columnFormats.contains(format) {
                errors.append(
                    .invalid(
                        "\(field).format", .string(format),
                        "must be one of \(columnFormats.joined(separator: ","))"))
            }
            let path = column.text("jsonPath")
            if path.isEmpty {
                errors.append(.required("\(field).JSONPath"))
            } else if let problem = pathProblem(path) {
                errors.append(.invalid("\(field).JSONPath", .string(path), problem))
            }
            return errors
        }
    }

    private static func selectableFieldErrors(_ version: JSON, at field: String) -> [FieldError] {
        let fields = version.elements("selectableFields")
        guard !fields.isEmpty else { return [] }
        let schema = Schema.structural(version.at("schema", "openAPIV3Schema") ?? [:])
        var errors: [FieldError] = []
        var seen: Set<String> = []
        for (index, element) in fields.enumerated() {
            let path = element.text("jsonPath")
            let field = "\(field)[\(index)].jsonPath"
            if path.isEmpty {
                errors.append(.required(field))
                continue
            }
            let steps = path.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
            guard path.hasPrefix("."), !path.contains("["), let target = target(of: steps.dropFirst(), in: schema)
            else {
                errors.append(
                    .invalid(field, .string(path), "is an invalid path: does not refer to a valid field"))
                continue
            }
            if steps.count > 1, steps[1] == "metadata" {
                errors.append(.invalid(field, .string(path), "must not point to fields in metadata"))
            }
            if ![.string, .boolean, .integer].contains(target.type) {
                errors.append(
                    .invalid(
                        field, .string(path),
                        "must point to a field of type string, boolean or integer. "
                            + "Enum string fields and strings with formats are allowed."))
            }
            if !seen.insert(path).inserted {
                errors.append(.duplicate(field, .string(path)))
            }
        }
        if seen.count > maxSelectableFields {
            errors.append(.tooMany(field, seen.count, max: Int64(maxSelectableFields)))
        }
        return errors
    }

    private static func target(of steps: ArraySlice<String>, in schema: Schema) -> Schema? {
        var current = schema
        for step in steps {
            guard let next = current.field(step) else { return nil }
            current = next
        }
        return current
    }
}
