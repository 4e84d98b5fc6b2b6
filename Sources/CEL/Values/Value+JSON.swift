import KubeCore

extension Value {
    /// JSON as a value: whole numbers become ints, all others doubles, objects maps with text keys.
    package init(_ json: JSON) {
        switch json {
        case .null: self = .null
        case .bool(let value): self = .bool(value)
        case .int(let value): self = .int(value)
        case .double(let value): self = .double(value)
        case .string(let value): self = .string(value)
        case .array(let values): self = .list(values.map { Value($0) })
        case .object(let object):
            var map = ValueMap()
            map.reserveCapacity(object.count)
            for (key, value) in object {
                map[.string(key)] = Value(value)
            }
            self = .map(map)
        }
    }

    /// The value as JSON, or nil where JSON has no counterpart: types, empty optionals, NaN and infinities, and
    /// anything that holds one of these.
    ///
    /// Unsigned numbers beyond an `Int64` become doubles; bytes base64 text; times, durations and quantities the text that
    /// `string()` makes of them; the keys of maps text; a full optional its content.
    package var json: JSON? {
        switch self {
        case .null: return .null
        case .bool(let value): return .bool(value)
        case .int(let value): return .int(value)
        case .uint(let value): return Int64(exactly: value).map { .int($0) } ?? .double(Double(value))
        case .double(let value): return value.isFinite ? .double(value) : nil
        case .string(let value): return .string(value)
        case .list(let values):
            var array: [JSON] = []
            array.reserveCapacity(values.count)
            for value in values {
                guard let element = value.json else { return nil }
                array.append(element)
            }
            return .array(array)
        case .map(let map):
            var object = JSONObject()
            for (key, value) in map {
                guard let name = key.plainText, let member = value.json else { return nil }
                object[name] = member
            }
            return .object(object)
        case .optional(let value): return value?.json
        case .bytes(let bytes): return .string(Base64.encode(bytes))
        case .timestamp, .duration, .quantity: return plainText.map { .string($0) }
        case .type: return nil
        }
    }
}
