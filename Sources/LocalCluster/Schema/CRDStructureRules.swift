import CEL
import KubeCore

/// The rules that make a schema structural: every field has one type, said outside of `allOf`, `anyOf`, `oneOf` and `not`,
/// which only narrow values down.
enum CRDStructureRules {
    /// The errors, in the order of their text.
    static func validate(_ schema: CRDSchemaText, at field: String) -> [FieldError] {
        var errors: [FieldError] = []
        check(schema, .root, at: field, &errors)
        checkCompleteness(of: schema, within: schema, at: field, field, &errors)
        return errors.sorted { $0.text < $1.text }
    }

    private enum Level {
        case root, item, field
    }

    private static func check(_ schema: CRDSchemaText, _ level: Level, at field: String, _ errors: inout [FieldError]) {
        if schema.type == "array", schema.items == nil {
            errors.append(.required("\(field).items", "must be specified"))
        }
        schema.items.map { check($0, .item, at: "\(field).items", &errors) }
        for (name, property) in schema.properties {
            check(property, .field, at: "\(field).properties[\(name)]", &errors)
        }
        if schema.hasAdditionalProperties {
            if level == .root {
                errors.append(.forbidden("\(field).additionalProperties", "must not be used at the root"))
            }
            schema.additionalProperties.map { check($0, .field, at: "\(field).additionalProperties", &errors) }
        }
        checkExtensions(schema, at: field, &errors)
        let skipsFirst = schema.branches("allOf").first.map { isIntOrString($0.branches("anyOf")) } ?? false
        checkCombinations(
            schema, skipsAnyOf: isIntOrString(schema.branches("anyOf")), skipsFirstAllOf: skipsFirst, at: field, &errors
        )
        checkType(schema, level, at: field, &errors)
        checkResource(schema, level, at: field, &errors)
    }

    private static func checkExtensions(_ schema: CRDSchemaText, at field: String, _ errors: inout [FieldError]) {
        guard schema.isIntOrString else { return }
        let detail = "must be false if x-kubernetes-int-or-string is true"
        if schema.preservesUnknownFields {
            errors.append(.invalid("\(field).x-kubernetes-preserve-unknown-fields", true, detail))
        }
        if schema.isEmbeddedResource {
            errors.append(.invalid("\(field).x-kubernetes-embedded-resource", true, detail))
        }
    }

    private static func checkType(
        _ schema: CRDSchemaText, _ level: Level, at field: String, _ errors: inout [FieldError]
    ) {
        let type = schema.type
        if schema.isEmbeddedResource, type != "object" {
            let detail = "must be object if x-kubernetes-embedded-resource is true"
            errors.append(
                type.isEmpty ? .required("\(field).type", detail) : .invalid("\(field).type", .string(type), detail))
        } else if type.isEmpty, !schema.isIntOrString, !schema.preservesUnknownFields {
            let place =
                switch level {
                case .root: "at the root"
                case .item: "for specified array items"
                case .field: "for specified object fields"
                }
            errors.append(.required("\(field).type", "must not be empty \(place)"))
        }
        if level == .root, !type.isEmpty, type != "object" {
            errors.append(.invalid("\(field).type", .string(type), "must be object at the root"))
        }
    }

    // MARK: Resources

    private static func checkResource(
        _ schema: CRDSchemaText, _ level: Level, at field: String, _ errors: inout [FieldError]
    ) {
        let isResource = level == .root || schema.isEmbeddedResource
        if isResource {
            for name in ["kind", "apiVersion"] {
                if let property = schema.property(name), property.type != "string" {
                    errors.append(
                        .invalid("\(field).properties[\(name)].type", .string(property.type), "must be string"))
                }
            }
        }
        if let metadata = schema.property("metadata") {
            let field = "\(field).properties[metadata]"
            if isResource, metadata.type != "object" {
                errors.append(.invalid("\(field).type", .string(metadata.type), "must be object"))
            }
            if level == .root, !isOnlyNames(metadata) {
                errors.append(
                    .forbidden(
                        field,
                        "must not specify anything other than name and generateName, "
                            + "but metadata is implicitly specified"))
            }
        }
        guard schema.isEmbeddedResource else { return }
        if schema.hasAdditionalProperties {
            errors.append(
                .forbidden(
                    "\(field).additionalProperties", "must not be used if x-kubernetes-embedded-resource is set"))
        }
        if !schema.preservesUnknownFields, schema.properties.isEmpty {
            errors.append(
                .required(
                    "\(field).properties",
                    "must not be empty if x-kubernetes-embedded-resource is true "
                        + "without x-kubernetes-preserve-unknown-fields"))
        }
    }

    private static func isOnlyNames(_ metadata: CRDSchemaText) -> Bool {
        let names: Set<String> = ["name", "generateName"]
        let keys = metadata.json.objectValue.map { Array($0.keys) } ?? []
        return keys.allSatisfy { key in
            switch key {
            case "type", "default": true
            case "properties": metadata.properties.allSatisfy { names.contains($0.name) }
            default: !metadata.isMeaningful(key)
            }
        }
    }

    // MARK: Combinations

    /// `anyOf: [{type: integer}, {type: string}]`, the one place where a branch may name a type.
    private static func isIntOrString(_ branches: [CRDSchemaText]) -> Bool {
        branches.map(\.json) == [["type": "integer"], ["type": "string"]]
    }

    private static func checkCombinations(
        _ schema: CRDSchemaText, skipsAnyOf: Bool, skipsFirstAllOf: Bool, at field: String,
        _ errors: inout [FieldError]
    ) {
        for (index, branch) in schema.branches("anyOf").enumerated() where !skipsAnyOf {
            checkBranch(branch, at: "\(field).anyOf[\(index)]", &errors)
        }
        for (index, branch) in schema.branches("allOf").enumerated() {
            checkBranch(branch, skipsAnyOf: skipsFirstAllOf && index == 0, at: "\(field).allOf[\(index)]", &errors)
        }
        for (index, branch) in schema.branches("oneOf").enumerated() {
            checkBranch(branch, at: "\(field).oneOf[\(index)]", &errors)
        }
        schema.not.map { checkBranch($0, at: "\(field).not", &errors) }
        if !schema.pattern.isEmpty {
            do throws(RegularExpressionError) {
                _ = try RegularExpression(schema.pattern)
            } catch {
                errors.append(
                    .invalid(
                        "\(field).pattern", .string(schema.pattern),
                        "must be a valid regular expression, but isn't: \(error)"))
            }
        }
    }

    /// What a branch may not say, as it would be structure.
    private static let forbiddenInBranch: [(key: String, detail: String)] = [
        ("type", "must be empty to be structural"), ("additionalProperties", "must be undefined to be structural"),
        ("default", "must be undefined to be structural"), ("title", "must be empty to be structural"),
        ("description", "must be empty to be structural"), ("nullable", "must be false to be structural"),
        ("x-kubernetes-preserve-unknown-fields", "must be false to be structural"),
        ("x-kubernetes-embedded-resource", "must be false to be structural"),
        ("x-kubernetes-int-or-string", "must be false to be structural"),
        ("x-kubernetes-list-map-keys", "must be empty to be structural"),
        ("x-kubernetes-list-type", "must be undefined to be structural"),
        ("x-kubernetes-map-type", "must be undefined to be structural"),
        ("x-kubernetes-validations", "must be empty to be structural"),
    ]

    private static func checkBranch(
        _ schema: CRDSchemaText, skipsAnyOf: Bool = false, at field: String, _ errors: inout [FieldError]
    ) {
        checkCombinations(schema, skipsAnyOf: skipsAnyOf, skipsFirstAllOf: false, at: field, &errors)
        schema.items.map { checkBranch($0, at: "\(field).items", &errors) }
        for (name, property) in schema.properties {
            checkBranch(property, at: "\(field).properties[\(name)]", &errors)
        }
        for (key, detail) in forbiddenInBranch {
            let isThere = key == "default" ? schema.isSet(key) : schema.isMeaningful(key)
            if isThere {
                errors.append(.forbidden("\(field).\(key)", detail))
            }
        }
        if schema.property("metadata") != nil {
            errors.append(.forbidden("\(field).properties[metadata]", "must not be specified in a nested context"))
        }
    }

    // MARK: Completeness

    /// Every field that a branch of the root speaks of must be declared outside of the branches. As in Kubernetes, branches
    /// further down are not looked at.
    private static func checkCompleteness(
        of branches: CRDSchemaText, within structure: CRDSchemaText, at field: String, _ branchField: String,
        _ errors: inout [FieldError]
    ) {
        branches.not.map { checkDeclared($0, structure, at: field, "\(branchField).not", &errors) }
        for name in ["allOf", "anyOf", "oneOf"] {
            for (index, branch) in branches.branches(name).enumerated() {
                checkDeclared(branch, structure, at: field, "\(branchField).\(name)[\(index)]", &errors)
            }
        }
    }

    private static func checkDeclared(
        _ branch: CRDSchemaText, _ structure: CRDSchemaText?, at field: String, _ branchField: String,
        _ errors: inout [FieldError]
    ) {
        guard let structure else {
            errors.append(.required(field, "because it is defined in \(branchField)"))
            return
        }
        checkCompleteness(of: branch, within: structure, at: field, branchField, &errors)
        if let items = branch.items {
            checkDeclared(items, structure.items, at: "\(field).items", "\(branchField).items", &errors)
        }
        for (name, property) in branch.properties {
            let step = "properties[\(name)]"
            checkDeclared(property, structure.property(name), at: "\(field).\(step)", "\(branchField).\(step)", &errors)
        }
    }
}
