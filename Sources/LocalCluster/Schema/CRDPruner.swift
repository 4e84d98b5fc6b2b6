import KubeCore

/// Drops fields that a structural schema does not have.
struct CRDPruner {
    /// The paths of dropped fields, in no order.
    private(set) var paths: [String] = []

    /// Fields that a resource has whatever its schema says.
    private static let resourceFields: Set<String> = ["apiVersion", "kind", "metadata"]

    private static let metadataFields: Set<String> = [
        "name", "generateName", "namespace", "selfLink", "uid", "resourceVersion", "generation", "creationTimestamp",
        "deletionTimestamp", "deletionGracePeriodSeconds", "labels", "annotations", "ownerReferences", "finalizers",
        "managedFields",
    ]

    mutating func prune(_ object: inout JSON, _ schema: Schema, isRoot: Bool) {
        let isResource = isRoot || schema.isEmbeddedResource
        prune(&object, schema, at: "", Mode(isResource: isResource, isKeeping: schema.preservesUnknownFields))
    }

    private struct Mode {
        /// The object has a version, a kind and metadata.
        var isResource: Bool
        /// Unknown fields of the value stay. A list passes this on to its elements.
        var isKeeping: Bool

        init(isResource: Bool, isKeeping: Bool) {
            self.isResource = isResource
            self.isKeeping = isKeeping
        }

        init(_ schema: Schema?) {
            isResource = schema?.isEmbeddedResource ?? false
            isKeeping = schema?.preservesUnknownFields ?? false
        }
    }

    private mutating func prune(_ value: inout JSON, _ schema: Schema?, at path: String, _ mode: Mode) {
        switch value {
        case .object(var object):
            // Held once only while it is changed.
            value = .null
            prune(&object, schema, at: path, mode)
            value = .object(object)
        case .array(var elements):
            let items = schema?.items
            if mode.isKeeping, items == nil {
                return
            }
            value = .null
            var elementMode = Mode(items)
            elementMode.isKeeping = elementMode.isKeeping || mode.isKeeping
            for index in elements.indices {
                prune(&elements[index], items, at: "\(path)[\(index)]", elementMode)
            }
            value = .array(elements)
        default:
            break
        }
    }

    private mutating func prune(_ object: inout JSONObject, _ schema: Schema?, at path: String, _ mode: Mode) {
        for name in Array(object.keys) {
            let fieldPath = path.isEmpty ? name : "\(path).\(name)"
            if mode.isResource, Self.resourceFields.contains(name) {
                if name == "metadata" {
                    pruneMetadata(&object, at: fieldPath)
                }
                continue
            }
            // Of a field that is merely allowed nothing is known of what is in it.
            let isAllowed = schema?.allowsAdditionalProperties != nil
            if let field = schema?.field(name) {
                pruneMember(&object, name, field, at: fieldPath)
            } else if isAllowed {
                pruneMember(&object, name, nil, at: fieldPath)
            } else if !mode.isKeeping {
                paths.append(fieldPath)
                object.removeValue(forKey: name)
            }
        }
    }

    private mutating func pruneMember(_ object: inout JSONObject, _ name: String, _ schema: Schema?, at path: String) {
        guard var value = object[name] else { return }
        object[name] = .null
        prune(&value, schema, at: path, Mode(schema))
        object[name] = value
    }

    private mutating func pruneMetadata(_ object: inout JSONObject, at path: String) {
        guard case .object(var metadata)? = object["metadata"] else { return }
        for name in Array(metadata.keys) where !Self.metadataFields.contains(name) {
            paths.append("\(path).\(name)")
            metadata.removeValue(forKey: name)
        }
        object["metadata"] = .object(metadata)
    }
}
