import KubeCore

/// The fields that every object has, described in the words in which clients show them (`kubectl explain`).
enum OpenAPITexts {
    private static let conventions =
        "https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md"

    static let apiVersion =
        "APIVersion defines the versioned schema of this representation of an object. Servers should convert "
        + "recognized "
        + "schemas to the latest internal value, and may reject unrecognized values. More info: "
        + "\(conventions)#resources"
    static let kind =
        "Kind is a string value representing the REST resource this object represents. Servers may infer this from the "
        + "endpoint the client submits requests to. Cannot be updated. In CamelCase. More info: "
        + "\(conventions)#types-kinds"
    static let metadata = "Standard object's metadata. More info: \(conventions)#metadata"
    private static let embeddedApiVersion =
        "apiVersion defines the versioned schema of this representation of an object. More info: "
        + "\(conventions)#resources"
    private static let embeddedKind =
        "kind is a string value representing the type of this object. In CamelCase. More info: "
        + "\(conventions)#types-kinds"

    /// Sets apiVersion, kind and metadata of an object or of one embedded in another.
    static func addObjectFields(_ properties: inout JSONObject, _ writer: OpenAPISchemaWriter, isEmbedded: Bool) {
        properties["apiVersion"] = [
            "type": "string", "description": .string(isEmbedded ? embeddedApiVersion : apiVersion),
        ]
        properties["kind"] = ["type": "string", "description": .string(isEmbedded ? embeddedKind : kind)]
        let reference = writer.reference("\(SchemaLibrary.meta).ObjectMeta")
        switch writer.flavour {
        case .v3: properties["metadata"] = ["description": .string(metadata), "allOf": [reference]]
        case .v2:
            var property = reference
            property["description"] = .string(metadata)
            properties["metadata"] = property
        }
    }
}
