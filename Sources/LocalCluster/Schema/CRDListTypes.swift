import KubeCore

/// Uniqueness in lists of type `set` and `map`.
enum CRDListTypes {
    static func validate(_ object: JSON, _ schema: Schema) -> [FieldError] {
        var errors: [FieldError] = []
        check(object, schema, at: "", &errors)
        return errors
    }

    private static func check(_ value: JSON, _ schema: Schema, at path: String, _ errors: inout [FieldError]) {
        switch value {
        case .object(let object):
            for (name, member) in object {
                if let property = schema.property(name) {
                    check(member, property, at: path.isEmpty ? name : "\(path).\(name)", &errors)
                } else if let additional = schema.additionalProperties {
                    check(member, additional, at: "\(path)[\(name)]", &errors)
                }
            }
        case .array(let elements):
            switch schema.listType {
            case .set?: checkSet(elements, at: path, &errors)
            case .map?: checkMap(elements, schema.listMapKeys, at: path, &errors)
            default: break
            }
            guard let items = schema.items else { return }
            for (index, element) in elements.enumerated() {
                check(element, items, at: "\(path)[\(index)]", &errors)
            }
        default:
            break
        }
    }

    /// The positions at which a value appears for the second time; later ones are not named.
    private static func repetitions(in values: [JSON]) -> [Int] {
        var counts: [JSON: Int] = [:]
        var positions: [Int] = []
        for (index, value) in values.enumerated() {
            counts[value, default: 0] += 1
            if counts[value] == 2 {
                positions.append(index)
            }
        }
        return positions
    }

    private static func checkSet(_ elements: [JSON], at path: String, _ errors: inout [FieldError]) {
        for index in repetitions(in: elements) {
            errors.append(.duplicate("\(path)[\(index)]", elements[index]))
        }
    }

    private static func checkMap(_ elements: [JSON], _ names: [String], at path: String, _ errors: inout [FieldError]) {
        for (index, element) in elements.enumerated() where element.objectValue == nil && !element.isNull {
            errors.append(.invalid("\(path)[\(index)]", element, "must be an object for an array of list-type map"))
            return
        }
        let keys = elements.map { key(of: $0, names) }
        for index in repetitions(in: keys) {
            errors.append(.duplicate("\(path)[\(index)]", keys[index]))
        }
    }

    /// The part of an element that identifies it, as an object of its key fields.
    static func key(of element: JSON, _ names: [String]) -> JSON {
        var key = JSONObject()
        for name in names {
            if let value = element[name] {
                key[name] = value
            }
        }
        return .object(key)
    }
}
