extension Expression {
    /// The type of the result where the form of the expression alone says it: `a == b` is a bool whatever `a` and `b`
    /// are. Nil where it depends on values.
    package var evidentType: ValueType? { root.evidentType }
}

extension Node {
    fileprivate var evidentType: ValueType? {
        switch form {
        case .literal(let value): value.type
        case .not, .relation, .membership, .and, .or, .has: .bool
        case .list: .list
        case .map: .map
        case .arithmetic(_, let left, let right): left.evidentType == right.evidentType ? left.evidentType : nil
        case .negate(let operand): operand.evidentType
        case .conditional(_, let then, let otherwise):
            then.evidentType == otherwise.evidentType ? then.evidentType : nil
        case .bind(_, _, let body): body.evidentType
        case .comprehension(let comprehension): comprehension.macro.resultType
        case .call(let call): Self.results[call.name]
        case .identifier, .select, .index: nil
        }
    }

    /// Functions that give one type, whatever they are called with.
    private static let results: [String: ValueType] = [
        "size": .int, "int": .int, "uint": .uint, "double": .double, "string": .string, "bytes": .bytes, "bool": .bool,
        "timestamp": .timestamp, "duration": .duration, "type": .type, "contains": .bool, "startsWith": .bool,
        "endsWith": .bool, "matches": .bool, "split": .list, "join": .string, "format": .string,
        "lowerAscii": .string, "upperAscii": .string, "trim": .string, "replace": .string, "substring": .string,
        "charAt": .string, "indexOf": .int, "lastIndexOf": .int, "isSorted": .bool, "hasValue": .bool,
        "quantity": .quantity, "isQuantity": .bool,
    ]
}

extension Comprehension.Macro {
    fileprivate var resultType: ValueType? {
        switch self {
        case .all, .exists, .existsOne: .bool
        case .map, .filter, .transformList, .sortBy: .list
        case .transformMap, .transformMapEntry: .map
        case .optMap, .optFlatMap: .optional
        }
    }
}
