import KubeCore

/// One version of a kind, as documents name and show it.
struct OpenAPIKind {
    let kind: KindDescription
    let version: KindVersion

    /// `io.k8s.api.apps.v1.Deployment`, or for custom kinds the group reversed: `dev.example.v1.Widget`.
    var definitionName: String {
        if let name = version.schema.definitionName { return name }
        let reversed = kind.group.split(separator: ".").reversed().joined(separator: ".")
        return "\(reversed).\(version.name).\(kind.names.kind)"
    }

    var listName: String { definitionName + "List" }

    var groupVersionKind: JSON { Self.groupVersionKind(kind.group, version.name, kind.names.kind) }

    static func groupVersionKind(_ group: String, _ version: String, _ kind: String) -> JSON {
        ["group": .string(group), "version": .string(version), "kind": .string(kind)]
    }

    /// `/apis/apps/v1`, `/api/v1`.
    var root: String { kind.group.isEmpty ? "/api/\(version.name)" : "/apis/\(kind.group)/\(version.name)" }

    /// The part of operation names that stands for the group and version: `AppsV1`, `CoreV1`, `ExampleDevV1`.
    var operationPrefix: String {
        var group = kind.group.isEmpty ? "core" : kind.group
        if group.hasSuffix(".k8s.io") { group = String(group.dropLast(".k8s.io".count)) }
        let words = group.split { $0 == "." || $0 == "-" } + [Substring(version.name)]
        return words.map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
    }

    /// Adds the definitions of the kind and of its list.
    func define(_ writer: inout OpenAPISchemaWriter) {
        var definition: JSON
        if kind.isCustom {
            _ = writer.use(SchemaLibrary.objectMeta)
            definition = writer.write(version.schema)
            var properties = definition["properties"]?.objectValue ?? [:]
            OpenAPITexts.addObjectFields(&properties, writer, isEmbedded: false)
            let hidesParts = writer.flavour == .v2 && version.schema.preservesUnknownFields
            if !hidesParts { definition["properties"] = .object(properties) }
            definition.setIfAbsent("type", "object")
        } else {
            _ = writer.use(version.schema)
            definition = writer.definitions[definitionName] ?? .object([:])
        }
        definition["x-kubernetes-group-version-kind"] = [groupVersionKind]
        writer.define(definitionName, definition)
        guard !kind.isVirtual else { return }
        writer.define(
            listName,
            [
                "type": "object", "required": ["items"],
                "properties": [
                    "apiVersion": ["type": "string", "description": .string(OpenAPITexts.apiVersion)],
                    "kind": ["type": "string", "description": .string(OpenAPITexts.kind)],
                    "metadata": writer.use(SchemaLibrary.shared.schema("\(SchemaLibrary.meta).ListMeta")),
                    "items": ["type": "array", "items": writer.reference(definitionName)],
                ],
                "x-kubernetes-group-version-kind": [
                    Self.groupVersionKind(kind.group, version.name, kind.names.listKind)
                ],
            ])
    }
}
