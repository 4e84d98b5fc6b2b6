// With the tree's own coders a `JSON` is taken as it is; this is for others.

extension JSON: Codable {
    public init(from decoder: any Decoder) throws {
        if let own = decoder as? JSONValueDecoder {
            self = own.json
            return
        }
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Int64.self) {
            self = .int(value)
        } else if let value = try? container.decode(Double.self) {
            self = .double(value)
        } else if let value = try? container.decode(String.self) {
            self = .string(value)
        } else if let values = try? container.decode([JSON].self) {
            self = .array(values)
        } else {
            self = .object(JSONObject(try container.decode([String: JSON].self)))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let value): try container.encode(value)
        case .int(let value): try container.encode(value)
        case .double(let value): try container.encode(value)
        case .string(let value): try container.encode(value)
        case .array(let values): try container.encode(values)
        case .object(let object):
            var pairs: [String: JSON] = [:]
            for (key, value) in object { pairs[key] = value }
            try container.encode(pairs)
        }
    }
}

extension JSON {
    /// The tree of an `Encodable`; see `JSONTreeEncoder`.
    public init(encoding value: some Encodable) throws { self = try JSONTreeEncoder().encode(value) }

    /// Decodes a type from this tree; see `JSONTreeDecoder`.
    public func decode<T: Decodable>(_ type: T.Type = T.self) throws(JSONDecodingError) -> T {
        try JSONTreeDecoder().decode(type, from: self)
    }
}

extension JSONObject: Codable {
    public init(from decoder: any Decoder) throws {
        guard case .object(let object) = try JSON(from: decoder) else {
            throw DecodingError.typeMismatch(
                JSONObject.self, .init(codingPath: decoder.codingPath, debugDescription: "an object was expected"))
        }
        self = object
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(JSON.object(self))
    }
}
