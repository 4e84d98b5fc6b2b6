/// Decodes `Decodable` types from a JSON tree.
///
/// Unknown keys are ignored, as the API server's clients do. An integer is taken from an integral double. Null counts as
/// absent for optionals and, unlike the rest, is an error elsewhere.
public struct JSONTreeDecoder: Sendable {
    public init() {}

    public func decode<T: Decodable>(_ type: T.Type, from json: JSON) throws(JSONDecodingError) -> T {
        do {
            return try JSONValueDecoder(json: json, codingPath: []).unbox(type)
        } catch {
            throw JSONDecodingError(error)
        }
    }
}

/// A decoder at one value of the tree.
struct JSONValueDecoder: Decoder {
    let json: JSON
    let codingPath: [any CodingKey]
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        guard case .object(let object) = json else { throw mismatch("an object", [String: Any].self) }
        return KeyedDecodingContainer(JSONKeyedDecoding(object: object, codingPath: codingPath))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        guard case .array(let values) = json else { throw mismatch("an array", [Any].self) }
        return JSONUnkeyedDecoding(values: values, codingPath: codingPath)
    }

    func singleValueContainer() throws -> any SingleValueDecodingContainer { JSONSingleDecoding(decoder: self) }

    func mismatch(_ expected: String, _ type: Any.Type) -> DecodingError {
        .typeMismatch(
            type,
            .init(codingPath: codingPath, debugDescription: "\(expected) was expected, but this is \(json.kindName)"))
    }

    func unbox<T: Decodable>(_ type: T.Type) throws -> T {
        // The tree itself needs no decoding.
        if type == JSON.self, let value = json as? T { return value }
        return try T(from: self)
    }

    func bool() throws -> Bool {
        guard case .bool(let value) = json else { throw mismatch("a boolean", Bool.self) }
        return value
    }

    func string() throws -> String {
        guard case .string(let value) = json else { throw mismatch("a string", String.self) }
        return value
    }

    func double() throws -> Double {
        guard let value = json.doubleValue else { throw mismatch("a number", Double.self) }
        return value
    }

    func integer<T: FixedWidthInteger>(_ type: T.Type) throws -> T {
        let value: T?
        switch json {
        case .int(let integer): value = T(exactly: integer)
        case .double(let double): value = T(exactly: double)
        default: throw mismatch("an integer", type)
        }
        guard let value else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: codingPath, debugDescription: "\(json) is not an integer of \(T.bitWidth) bits"))
        }
        return value
    }
}

struct JSONSingleDecoding: SingleValueDecodingContainer {
    let decoder: JSONValueDecoder
    var codingPath: [any CodingKey] { decoder.codingPath }

    func decodeNil() -> Bool { decoder.json.isNull }
    func decode(_ type: Bool.Type) throws -> Bool { try decoder.bool() }
    func decode(_ type: String.Type) throws -> String { try decoder.string() }
    func decode(_ type: Double.Type) throws -> Double { try decoder.double() }
    func decode(_ type: Float.Type) throws -> Float { Float(try decoder.double()) }
    func decode(_ type: Int.Type) throws -> Int { try decoder.integer(type) }
    func decode(_ type: Int8.Type) throws -> Int8 { try decoder.integer(type) }
    func decode(_ type: Int16.Type) throws -> Int16 { try decoder.integer(type) }
    func decode(_ type: Int32.Type) throws -> Int32 { try decoder.integer(type) }
    func decode(_ type: Int64.Type) throws -> Int64 { try decoder.integer(type) }
    func decode(_ type: UInt.Type) throws -> UInt { try decoder.integer(type) }
    func decode(_ type: UInt8.Type) throws -> UInt8 { try decoder.integer(type) }
    func decode(_ type: UInt16.Type) throws -> UInt16 { try decoder.integer(type) }
    func decode(_ type: UInt32.Type) throws -> UInt32 { try decoder.integer(type) }
    func decode(_ type: UInt64.Type) throws -> UInt64 { try decoder.integer(type) }
    func decode<T: Decodable>(_ type: T.Type) throws -> T { try decoder.unbox(type) }
}
