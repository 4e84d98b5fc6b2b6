import KubeCore

/// The definition of one of FlowEngine's kinds, from which the API server's CustomResourceDefinition is generated.
package struct CustomResourceDefinition: Sendable {
    /// A column of `kubectl get`.
    package struct Column: Sendable, Hashable {
        package var name: String
        /// `string`, `integer` or `date`.
        package var type: String
        package var path: String
        package var description: String
        /// 0 shows it always, more with `-o wide` only.
        package var priority = 0
    }

    package var resourceType: ResourceType
    package var shortName: String
    package var description: String
    package var spec: CRDSchema
    package var status: CRDSchema
    package var columns: [Column]

    /// `engines.flowengine.io`
    package var name: String { resourceType.qualifiedName }

    /// The schema of a whole object.
    package var schema: CRDSchema {
        CRDSchema.object(
            description,
            [
                .optional(
                    "apiVersion", CRDSchema(.string, "The group and version of this kind: \(FlowGroup.apiVersion).")),
                .optional("kind", CRDSchema(.string, "The kind: \(resourceType.kind).")),
                // The API server forbids a description here: it has its own.
                .optional("metadata", CRDSchema(.object([]), "")),
                CRDSchema.Property(name: "spec", schema: spec, isRequired: spec.defaultValue == nil),
                .optional("status", status),
            ]
        ).rule(
            "self.metadata.name.size() <= \(Names.maxLength)",
            "the name may have 63 characters at most, since it is used as a label's value; choose a shorter one")
    }

    /// The object to send to an API server.
    package var json: JSON {
        let singular = resourceType.kind.lowercased()
        return [
            "apiVersion": "apiextensions.k8s.io/v1",
            "kind": "CustomResourceDefinition",
            "metadata": [
                "name": .string(name),
                "labels": ["app.kubernetes.io/name": "flowengine", "app.kubernetes.io/part-of": "flowengine"],
            ],
            "spec": [
                "group": .string(resourceType.group),
                "names": [
                    "kind": .string(resourceType.kind),
                    "listKind": .string(resourceType.kind + "List"),
                    "plural": .string(resourceType.plural),
                    "singular": .string(singular),
                    "shortNames": [.string(shortName)],
                    "categories": ["flowengine"],
                ],
                "scope": "Namespaced",
                "versions": [
                    [
                        "name": .string(resourceType.version),
                        "served": true,
                        "storage": true,
                        "additionalPrinterColumns": .array(columns.map(\.json)),
                        "schema": ["openAPIV3Schema": schema.json],
                        "subresources": ["status": [:]],
                    ]
                ],
            ],
        ]
    }
}

extension CustomResourceDefinition.Column {
    static func text(_ name: String, _ path: String, _ description: String, priority: Int = 0) -> Self {
        Self(name: name, type: "string", path: path, description: description, priority: priority)
    }

    static func count(_ name: String, _ path: String, _ description: String, priority: Int = 0) -> Self {
        Self(name: name, type: "integer", path: path, description: description, priority: priority)
    }

    static func condition(_ name: String, type: String, _ field: String, _ description: String, priority: Int = 0)
        -> Self
    {
        text(name, ".status.conditions[?(@.type==\"\(type)\")].\(field)", description, priority: priority)
    }

    static let age = Self(
        name: "Age", type: "date", path: ".metadata.creationTimestamp", description: "How long it has existed.")

    var json: JSON {
        var object: JSONObject = [
            "name": .string(name), "type": .string(type), "jsonPath": .string(path),
            "description": .string(description),
        ]
        object["priority"] = priority == 0 ? nil : .int(Int64(priority))
        return .object(object)
    }
}
