import KubeCore

/// Turns objects into `meta.k8s.io/v1` Table and PartialObjectMetadata answers.
package enum TableConverter {
    /// What goes into `object` of each row (`?includeObject=`).
    package enum IncludeObject: String, Sendable { case none = "None", metadata = "Metadata", object = "Object" }

    /// - Parameters:
    ///   - objects: the items of a list, or the one object.
    ///   - listMetadata: the `metadata` of the answer (resourceVersion, continue, remainingItemCount).
    ///   - noHeaders: leaves out columnDefinitions, as in watch frames after the first.
    package static func table(
        _ objects: [JSON], kind: KindDescription, version: String, listMetadata: JSON, include: IncludeObject = .metadata,
        noHeaders: Bool = false, now: Timestamp
    ) -> JSON {
        ["kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": listMetadata]
    }

    /// `PartialObjectMetadata` of one object.
    package static func partialMetadata(_ object: JSON) -> JSON {
        [
            "kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1",
            "metadata": object["metadata"] ?? .object([:]),
        ]
    }

    /// `PartialObjectMetadataList` of a list's items.
    package static func partialMetadataList(_ objects: [JSON], listMetadata: JSON) -> JSON {
        [
            "kind": "PartialObjectMetadataList", "apiVersion": "meta.k8s.io/v1", "metadata": listMetadata,
            "items": .array(objects.map(partialMetadata)),
        ]
    }
}
