import KubeCore

/// How server-side apply sees a value: as one piece, as a list whose elements have identities, or as a map whose
/// fields have owners.
enum ValueShape {
    /// Scalars, atomic lists and atomic maps.
    case leaf
    case set
    case listMap(keys: [String], items: Schema?)
    /// `fields` gives the schema of a field; nil below what a schema does not describe.
    case map(Schema?)

    init(_ schema: Schema?, _ value: JSON?) {
        guard let schema, schema.type != nil || schema.isIntOrString else {
            // Not described: maps have separate fields, lists are one piece.
            if case .object = value {
                self = .map(schema)
            } else {
                self = .leaf
            }
            return
        }
        switch schema.type {
        case .array:
            switch schema.listType {
            case .set: self = .set
            case .map: self = .listMap(keys: schema.listMapKeys, items: schema.items)
            case .atomic, nil: self = .leaf
            }
        case .object: self = schema.mapType == .atomic ? .leaf : .map(schema)
        default: self = .leaf
        }
    }

    /// Of the two sides of a comparison; the side that is there decides.
    init(_ schema: Schema?, _ left: JSON?, _ right: JSON?) {
        let shape = ValueShape(schema, right ?? left)
        // Without a description the two may differ; a change from a map to a scalar is a change as a whole.
        if case .map = shape, let left, let right, schema?.type == nil,
            left.objectValue == nil || right.objectValue == nil
        {
            self = .leaf
        } else {
            self = shape
        }
    }
}

extension PathElement {
    /// The identity of an element of a list.
    ///
    /// - Returns: nil when the element has none: a key is missing and has no default, or it is no object.
    static func identity(of element: JSON, keys: [String], items: Schema?) -> PathElement? {
        guard let fields = element.objectValue else { return nil }
        var found: [(name: String, value: JSON)] = []
        for key in keys {
            guard let value = fields[key] ?? items?.property(key)?.defaultValue else { return nil }
            found.append((key, value))
        }
        return PathElement(keys: found)
    }

    /// The identities of the elements of a list, in order; by position where an element has none.
    static func identities(of list: [JSON], _ shape: ValueShape) -> [PathElement] {
        list.enumerated().map { index, element in
            switch shape {
            case .set: PathElement(value: element)
            case .listMap(let keys, let items): identity(of: element, keys: keys, items: items) ?? .index(index)
            case .leaf, .map: .index(index)
            }
        }
    }
}
