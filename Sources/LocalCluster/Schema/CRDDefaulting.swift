import KubeCore

/// Fills in the defaults of a structural schema.
enum CRDDefaulting {
    /// Drops nulls that the schema neither allows nor has a default for, then fills in what is absent or null, and what
    /// the defaults themselves leave out.
    static func setDefaults(_ value: inout JSON, _ schema: Schema) {
        dropNulls(&value, schema)
        fill(&value, schema)
    }

    private static func dropNulls(_ value: inout JSON, _ schema: Schema?) {
        guard let schema else { return }
        switch value {
        case .object(var object):
            value = .null
            for name in Array(object.keys) {
                guard let field = schema.field(name), var member = object[name] else { continue }
                if member.isNull {
                    if !field.isNullable, field.defaultValue == nil {
                        object.removeValue(forKey: name)
                    }
                    continue
                }
                object[name] = .null
                dropNulls(&member, field)
                object[name] = member
            }
            value = .object(object)
        case .array(var elements):
            value = .null
            for index in elements.indices {
                dropNulls(&elements[index], schema.items)
            }
            value = .array(elements)
        default:
            break
        }
    }

    private static func fill(_ value: inout JSON, _ schema: Schema?) {
        guard let schema else { return }
        switch value {
        case .object(var object):
            value = .null
            for (name, property) in schema.properties {
                guard let defaultValue = property.defaultValue else { continue }
                let member = object[name]
                if member == nil || (member == .null && !property.isNullable) {
                    object[name] = defaultValue
                }
            }
            for name in Array(object.keys) {
                guard let field = schema.field(name), var member = object[name] else { continue }
                if member.isNull, !field.isNullable, let defaultValue = field.defaultValue {
                    member = defaultValue
                }
                object[name] = .null
                fill(&member, field)
                object[name] = member
            }
            value = .object(object)
        case .array(var elements):
            value = .null
            for index in elements.indices {
                if elements[index].isNull, let items = schema.items, !items.isNullable, let value = items.defaultValue {
                    elements[index] = value
                }
                fill(&elements[index], schema.items)
            }
            value = .array(elements)
        default:
            break
        }
    }
}
