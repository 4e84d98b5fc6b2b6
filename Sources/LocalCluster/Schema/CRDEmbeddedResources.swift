import KubeCore

/// `x-kubernetes-embedded-resource`: values that are resources themselves have a version, a kind and sound metadata.
enum CRDEmbeddedResources {
    /// - Parameter isRoot: the value is a whole object; its own metadata is not checked here, but as that of any kind.
    static func validate(_ object: JSON, _ node: CRDSchemaNode, isRoot: Bool, at path: String = "") -> [FieldError] {
        var errors: [FieldError] = []
        check(object, node, at: path, isRoot: isRoot, &errors)
        return errors
    }

    private static func check(
        _ value: JSON, _ node: CRDSchemaNode, at path: String, isRoot: Bool, _ errors: inout [FieldError]
    ) {
        switch value {
        case .object(let object):
            if node.schema.isEmbeddedResource, !isRoot {
                checkResource(value, at: path, &errors)
            }
            for (name, member) in object {
                if let property = node.properties[name] {
                    check(member, property, at: child(path, name), isRoot: false, &errors)
                } else if let additional = node.additionalProperties {
                    check(member, additional, at: "\(path)[\(name)]", isRoot: false, &errors)
                }
            }
        case .array(let elements):
            guard let items = node.items else { return }
            for (index, element) in elements.enumerated() {
                check(element, items, at: "\(path)[\(index)]", isRoot: false, &errors)
            }
        default:
            break
        }
    }

    private static func child(_ path: String, _ name: String) -> String {
        path.isEmpty ? name : "\(path).\(name)"
    }

    private static func checkResource(_ value: JSON, at path: String, _ errors: inout [FieldError]) {
        for name in ["apiVersion", "kind"] {
            let field = child(path, name)
            switch value[name] {
            case nil:
                errors.append(.required(field))
            case .string("")?:
                errors.append(.invalid(field, "", "must not be empty"))
            case .string(let text)?:
                if let problem = name == "kind" ? kindProblem(text) : versionProblem(text) {
                    errors.append(.invalid(field, .string(text), problem))
                }
            case let other?:
                errors.append(.invalid(field, other, "must be a string"))
            }
        }
        guard let metadata = value["metadata"] else { return }
        let field = child(path, "metadata")
        if metadata.objectValue == nil {
            errors.append(.invalid(field, metadata, "must be an object"))
            return
        }
        errors += ObjectMetaRules.labels(metadata["labels"], "\(field).labels")
        errors += ObjectMetaRules.annotations(metadata["annotations"], "\(field).annotations")
    }

    private static func versionProblem(_ text: String) -> String? {
        let slashes = text.utf8.count { $0 == UInt8(ascii: "/") }
        return slashes > 1 ? "unexpected GroupVersion string: \(text)" : nil
    }

    private static func kindProblem(_ kind: String) -> String? {
        let problems = NameRules.label1035(kind.lowercased())
        guard !problems.isEmpty else { return nil }
        return "may have mixed case, but should otherwise match: " + problems.joined(separator: ",")
    }
}
