import KubeCore

/// The paths of a kind with their operations.
struct OpenAPIPaths {
    let subject: OpenAPIKind
    let writer: OpenAPISchemaWriter

    private var kind: KindDescription { subject.kind }
    private var isV3: Bool { writer.flavour == .v3 }

    /// Path by path, the item with its operations.
    var items: [(path: String, item: JSON)] {
        let scope = kind.isNamespaced ? "Namespaced" : ""
        let namespace = kind.isNamespaced ? "/namespaces/{namespace}" : ""
        let collection = "\(subject.root)\(namespace)/\(kind.names.plural)"
        let inNamespace = kind.isNamespaced ? [Self.parameter("namespace", in: "path", isRequired: true, isV3)] : []
        let named = inNamespace + [Self.parameter("name", in: "path", isRequired: true, isV3)]
        var result: [(path: String, item: JSON)] = []
        if let item = item(collectionOperations(scope), parameters: inNamespace) { result.append((collection, item)) }
        if let item = item(objectOperations(scope), parameters: named) { result.append(("\(collection)/{name}", item)) }
        for subresource in subject.version.subresources {
            if let item = item(operations(of: subresource, scope), parameters: named) {
                result.append(("\(collection)/{name}/\(subresource.name)", item))
            }
        }
        if kind.isNamespaced, kind.verbs.contains(.list) {
            let list = operation(
                "list", "list\(subject.operationPrefix)\(kind.names.kind)ForAllNamespaces",
                subject.groupVersionKind, answer: subject.listName, parameters: Self.listParameters)
            if let item = item([("get", list)], parameters: []) {
                result.append(("\(subject.root)/\(kind.names.plural)", item))
            }
        }
        return result
    }

    private func item(_ operations: [(method: String, operation: JSON)], parameters: [JSON]) -> JSON? {
        guard !operations.isEmpty else { return nil }
        var item = JSONObject()
        for (method, operation) in operations { item[method] = operation }
        if !parameters.isEmpty { item["parameters"] = .array(parameters) }
        return .object(item)
    }

    private func collectionOperations(_ scope: String) -> [(method: String, operation: JSON)] {
        let (name, prefix) = (kind.names.kind, subject.operationPrefix)
        var operations: [(String, JSON)] = []
        if kind.verbs.contains(.list) {
            operations.append(
                (
                    "get",
                    operation(
                        "list", "list\(prefix)\(scope)\(name)", subject.groupVersionKind, answer: subject.listName,
                        parameters: Self.listParameters)
                ))
        }
        if kind.verbs.contains(.create) {
            operations.append(
                (
                    "post",
                    operation(
                        "post", "create\(prefix)\(scope)\(name)", subject.groupVersionKind,
                        answer: subject.definitionName,
                        body: subject.definitionName, parameters: Self.writeParameters)
                ))
        }
        if kind.verbs.contains(.deletecollection) {
            operations.append(
                (
                    "delete",
                    operation(
                        "deletecollection", "delete\(prefix)Collection\(scope)\(name)", subject.groupVersionKind,
                        answer: Self.status, body: Self.deleteOptions, parameters: Self.listParameters + ["dryRun"])
                ))
        }
        return operations
    }

    private func objectOperations(_ scope: String) -> [(method: String, operation: JSON)] {
        let id = "\(subject.operationPrefix)\(scope)\(kind.names.kind)"
        let type = subject.definitionName
        var operations: [(String, JSON)] = []
        if kind.verbs.contains(.get) {
            operations.append(("get", operation("get", "read\(id)", subject.groupVersionKind, answer: type)))
        }
        if kind.verbs.contains(.update) {
            operations.append(("put", replace(id, subject.groupVersionKind, type)))
        }
        if kind.verbs.contains(.patch) {
            operations.append(("patch", patch(id, subject.groupVersionKind, type)))
        }
        if kind.verbs.contains(.delete) {
            operations.append(
                (
                    "delete",
                    operation(
                        "delete", "delete\(id)", subject.groupVersionKind, answer: Self.status,
                        body: Self.deleteOptions,
                        parameters: ["dryRun", "gracePeriodSeconds", "orphanDependents", "propagationPolicy"])
                ))
        }
        return operations
    }

    private func operations(of subresource: Subresource, _ scope: String) -> [(method: String, operation: JSON)] {
        let suffix = subresource.name.prefix(1).uppercased() + subresource.name.dropFirst()
        let id = "\(subject.operationPrefix)\(scope)\(kind.names.kind)\(suffix)"
        var (groupVersionKind, type) = (subject.groupVersionKind, subject.definitionName)
        if let other = subresource.kind, !kind.isCustom {
            groupVersionKind = OpenAPIKind.groupVersionKind(
                subresource.group ?? kind.group, subresource.version ?? subject.version.name, other)
        }
        if subresource.scale != nil { type = Self.scale }
        return subresource.verbs.compactMap { verb in
            switch verb {
            case "get": ("get", operation("get", "read\(id)", groupVersionKind, answer: type))
            case "update": ("put", replace(id, groupVersionKind, type))
            case "patch": ("patch", patch(id, groupVersionKind, type))
            case "create":
                (
                    "post",
                    operation(
                        "post", "create\(id)", groupVersionKind, answer: type, body: type,
                        parameters: Self.writeParameters)
                )
            default: nil
            }
        }
    }

    private func replace(_ id: String, _ groupVersionKind: JSON, _ type: String) -> JSON {
        operation(
            "put", "replace\(id)", groupVersionKind, answer: type, body: type, parameters: Self.writeParameters)
    }

    private func patch(_ id: String, _ groupVersionKind: JSON, _ type: String) -> JSON {
        operation(
            "patch", "patch\(id)", groupVersionKind, answer: type, body: Self.patchBody,
            parameters: Self.writeParameters + ["force"])
    }

    private func operation(
        _ action: String, _ id: String, _ groupVersionKind: JSON, answer: String, body: String? = nil,
        parameters: [String] = []
    ) -> JSON {
        let media =
            action == "patch" ? Self.patchTypes(isCustom: kind.isCustom) : ["application/json", "application/yaml"]
        var out: JSONObject = [
            "operationId": .string(id), "x-kubernetes-action": .string(action),
            "x-kubernetes-group-version-kind": groupVersionKind,
            "tags": [.string(subject.operationPrefix)],
        ]
        var list = parameters.map { Self.parameter($0, in: "query", isRequired: false, isV3) }
        let schema = writer.reference(answer)
        if isV3 {
            if let body {
                var content = JSONObject()
                for type in media { content[type] = ["schema": writer.reference(body)] }
                out["requestBody"] = ["content": .object(content)]
            }
            out["responses"] = ["200": ["description": "OK", "content": ["application/json": ["schema": schema]]]]
        } else {
            out["consumes"] = .array(body == nil ? ["*/*"] : media.map { .string($0) })
            out["produces"] = ["application/json"]
            out["schemes"] = ["https"]
            if let body {
                list.append(["name": "body", "in": "body", "required": true, "schema": writer.reference(body)])
            }
            out["responses"] = ["200": ["description": "OK", "schema": schema]]
        }
        if !list.isEmpty { out["parameters"] = .array(list) }
        return .object(out)
    }
}

extension OpenAPIPaths {
    static let status = "\(SchemaLibrary.meta).Status"
    static let deleteOptions = "\(SchemaLibrary.meta).DeleteOptions"
    static let patchBody = "\(SchemaLibrary.meta).Patch"
    static let scale = "io.k8s.api.autoscaling.v1.Scale"

    private static let writeParameters = ["dryRun", "fieldManager", "fieldValidation"]
    private static let listParameters = [
        "allowWatchBookmarks", "continue", "fieldSelector", "labelSelector", "limit", "resourceVersion",
        "resourceVersionMatch", "sendInitialEvents", "timeoutSeconds", "watch",
    ]

    private static func patchTypes(isCustom: Bool) -> [String] {
        [
            "application/apply-patch+yaml", "application/json-patch+json", "application/merge-patch+json",
        ] + (isCustom ? [] : ["application/strategic-merge-patch+json"])
    }

    private static func parameter(_ name: String, in place: String, isRequired: Bool, _ isV3: Bool) -> JSON {
        let type: String =
            switch name {
            case "limit", "timeoutSeconds", "gracePeriodSeconds": "integer"
            case "allowWatchBookmarks", "sendInitialEvents", "watch", "force", "orphanDependents": "boolean"
            default: "string"
            }
        var out: JSON = ["name": .string(name), "in": .string(place)]
        if isRequired { out["required"] = true }
        if isV3 {
            out["schema"] = ["type": .string(type), "uniqueItems": true]
        } else {
            out["type"] = .string(type)
            out["uniqueItems"] = true
        }
        return out
    }
}
