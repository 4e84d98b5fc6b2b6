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
        _ objects: [JSON], kind: KindDescription, version: String, listMetadata: JSON,
        include: IncludeObject = .metadata,
        noHeaders: Bool = false, now: Timestamp
    ) -> JSON {
        let isScale = objects.first?.text("kind") == "Scale" && kind.names.kind != "Scale"
        let printer =
            isScale ? TablePrinter.scale : printer(for: kind, version: kind.version(version))
        let apiVersion = kind.group.isEmpty ? version : "\(kind.group)/\(version)"
        let rows = objects.map { object in
            var row: JSON = ["cells": .array(printer.cells(object, now))]
            let conditions = printer.conditions(object)
            if !conditions.isEmpty { row["conditions"] = .array(conditions) }
            switch include {
            case .none: row["object"] = .null
            case .metadata: row["object"] = partialMetadata(object)
            case .object: row["object"] = whole(object, kind: kind.names.kind, apiVersion: apiVersion)
            }
            return row
        }
        return [
            "kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": listMetadata,
            "columnDefinitions": noHeaders ? .null : .array(printer.columns.map(\.json)), "rows": .array(rows),
        ]
    }

    /// Items of lists have no kind of their own, rows do.
    private static func whole(_ object: JSON, kind: String, apiVersion: String) -> JSON {
        var object = object
        object.setIfAbsent("kind", .string(kind))
        object.setIfAbsent("apiVersion", .string(apiVersion))
        return object
    }

    private static func printer(for kind: KindDescription, version: KindVersion?) -> TablePrinter {
        if kind.isCustom { return .custom(version?.printerColumns ?? []) }
        return TablePrinter.builtIn["\(kind.group)/\(kind.names.kind)"] ?? .usual
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
