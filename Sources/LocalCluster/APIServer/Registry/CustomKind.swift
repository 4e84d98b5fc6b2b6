import KubeCore

/// A kind as a CustomResourceDefinition defines it.
struct CustomKind: Sendable {
    let description: KindDescription
    /// By version name.
    let schemas: [String: CustomResourceSchema]
    let isTerminating: Bool

    /// - Returns: nil while the definition is not established.
    init?(_ definition: JSON) {
        let conditions = definition.at("status", "conditions")?.arrayValue ?? []
        let isEstablished = conditions.contains {
            $0["type"]?.stringValue == "Established" && $0["status"]?.stringValue == "True"
        }
        guard isEstablished, let spec = definition["spec"],
            let accepted = definition.at("status", "acceptedNames"),
            let group = spec["group"]?.stringValue, let kind = accepted["kind"]?.stringValue,
            let plural = accepted["plural"]?.stringValue
        else { return nil }
        isTerminating = definition.isBeingDeleted
        let isNamespaced = spec["scope"]?.stringValue == "Namespaced"
        var schemas: [String: CustomResourceSchema] = [:]
        var versions: [KindVersion] = []
        for version in spec["versions"]?.arrayValue ?? [] {
            guard let name = version["name"]?.stringValue else { continue }
            let schema = CustomResourceSchema(
                openAPIV3Schema: version.at("schema", "openAPIV3Schema"), scale: version.at("subresources", "scale"))
            schemas[name] = schema
            versions.append(Self.version(version, name, schema.schema))
        }
        self.schemas = schemas
        let withStatus = Set(versions.filter(\.hasStatus).map(\.name))
        description = KindDescription(
            group: group,
            names: KindNames(
                kind: kind, plural: plural, listKind: accepted["listKind"]?.stringValue,
                singular: accepted["singular"]?.stringValue, shortNames: Self.texts(accepted["shortNames"]),
                categories: Self.texts(accepted["categories"])),
            isNamespaced: isNamespaced, versions: versions,
            strategy: CustomKindStrategy(
                group: group, isNamespaced: isNamespaced, hasStatus: { withStatus.contains($0) }),
            isCustom: true)
    }

    private static func texts(_ json: JSON?) -> [String] { (json?.arrayValue ?? []).compactMap(\.stringValue) }

    private static func version(_ version: JSON, _ name: String, _ schema: Schema) -> KindVersion {
        var subresources: [Subresource] = []
        if version.at("subresources", "status") != nil { subresources.append(.status) }
        if let scale = version.at("subresources", "scale") {
            subresources.append(
                .scale(
                    ScalePaths(
                        specReplicas: path(scale["specReplicasPath"]),
                        statusReplicas: path(scale["statusReplicasPath"]),
                        labelSelector: scale["labelSelectorPath"].map(path))))
        }
        let columns = (version["additionalPrinterColumns"]?.arrayValue ?? []).map { column in
            PrinterColumn(
                name: column["name"]?.stringValue ?? "", type: column["type"]?.stringValue ?? "string",
                format: column["format"]?.stringValue ?? "", description: column["description"]?.stringValue ?? "",
                priority: Int(clamping: column["priority"]?.intValue ?? 0),
                jsonPath: column["jsonPath"]?.stringValue ?? "")
        }
        let selectable = (version["selectableFields"]?.arrayValue ?? []).compactMap { field in
            field["jsonPath"]?.stringValue.map { String($0.drop { $0 == "." }) }
        }
        return KindVersion(
            name: name, isServed: version["served"]?.boolValue ?? false,
            isStorage: version["storage"]?.boolValue ?? false, schema: schema, subresources: subresources,
            printerColumns: columns, selectableFields: selectable,
            isDeprecated: version["deprecated"]?.boolValue ?? false,
            deprecationWarning: version["deprecationWarning"]?.stringValue)
    }

    /// `.spec.replicas` as keys.
    private static func path(_ json: JSON?) -> [String] {
        (json?.stringValue ?? "").split(separator: ".").map(String.init)
    }
}
