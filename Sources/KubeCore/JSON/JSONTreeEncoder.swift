/// Encodes `Encodable` types into a JSON tree. Optionals that are nil are left out (by synthesized conformances); keys
/// come in the order they are encoded, those of dictionaries sorted.
public struct JSONTreeEncoder: Sendable {
    public init() {}

    /// Throws what a type's `encode(to:)` throws, and for unsigned integers beyond 63 bits.
    public func encode(_ value: some Encodable) throws -> JSON {
        try JSONBox.encode(value, codingPath: []).json
    }
}

/// A place of the tree while it is built; containers stay open until the whole is taken.
final class JSONBox {
    enum Content {
        case empty
        case value(JSON)
        case array([JSONBox])
        case object([(key: String, box: JSONBox)])
    }

    var content = Content.empty

    init() {}
    init(_ json: JSON) { content = .value(json) }

    /// The finished tree. A type that encodes nothing at all is an empty object, as with Foundation's encoder.
    var json: JSON {
        switch content {
        case .empty: .object([:])
        case .value(let json): json
        case .array(let boxes): .array(boxes.map(\.json))
        case .object(let pairs): .object(JSONObject(pairs.lazy.map { ($0.key, $0.box.json) }))
        }
    }

    func put(_ box: JSONBox, key: String) {
        if case .object(var pairs) = content {
            content = .empty
            pairs.append((key, box))
            content = .object(pairs)
        } else {
            content = .object([(key, box)])
        }
    }

    func append(_ box: JSONBox) {
        if case .array(var boxes) = content {
            content = .empty
            boxes.append(box)
            content = .array(boxes)
        } else {
            content = .array([box])
        }
    }

    var count: Int { if case .array(let boxes) = content { boxes.count } else { 0 } }

    static func encode(_ value: some Encodable, codingPath: [any CodingKey]) throws -> JSONBox {
        if let json = value as? JSON { return JSONBox(json) }
        let box = JSONBox()
        try value.encode(to: JSONValueEncoder(box: box, codingPath: codingPath))
        if value is any SortedWhenEncoded, case .object(var pairs) = box.content {
            pairs.sort { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
            box.content = .object(pairs)
        }
        return box
    }

    static func integer(_ value: some FixedWidthInteger, codingPath: [any CodingKey]) throws -> JSONBox {
        guard let integer = Int64(exactly: value) else {
            throw EncodingError.invalidValue(
                value,
                .init(
                    codingPath: codingPath,
                    debugDescription: "\(dottedPath(codingPath)): \(value) does not fit into 64 bits with a sign"))
        }
        return JSONBox(.int(integer))
    }
}

/// Types whose keys have no order of their own.
private protocol SortedWhenEncoded {}
extension Dictionary: SortedWhenEncoded {}

struct JSONValueEncoder: Encoder {
    let box: JSONBox
    let codingPath: [any CodingKey]
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        if case .object = box.content {} else { box.content = .object([]) }
        return KeyedEncodingContainer(JSONKeyedEncoding(box: box, codingPath: codingPath))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        if case .array = box.content {} else { box.content = .array([]) }
        return JSONUnkeyedEncoding(box: box, codingPath: codingPath)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer {
        JSONSingleEncoding(box: box, codingPath: codingPath)
    }
}

struct JSONSingleEncoding: SingleValueEncodingContainer {
    let box: JSONBox
    let codingPath: [any CodingKey]

    private func set(_ json: JSON) { box.content = .value(json) }
    private func set(_ value: some FixedWidthInteger) throws {
        box.content = try JSONBox.integer(value, codingPath: codingPath).content
    }

    func encodeNil() { set(.null) }
    func encode(_ value: Bool) { set(.bool(value)) }
    func encode(_ value: String) { set(.string(value)) }
    func encode(_ value: Double) { set(.double(value)) }
    func encode(_ value: Float) { set(.double(Double(value))) }
    func encode(_ value: Int) throws { try set(value) }
    func encode(_ value: Int8) throws { try set(value) }
    func encode(_ value: Int16) throws { try set(value) }
    func encode(_ value: Int32) throws { try set(value) }
    func encode(_ value: Int64) throws { try set(value) }
    func encode(_ value: UInt) throws { try set(value) }
    func encode(_ value: UInt8) throws { try set(value) }
    func encode(_ value: UInt16) throws { try set(value) }
    func encode(_ value: UInt32) throws { try set(value) }
    func encode(_ value: UInt64) throws { try set(value) }
    func encode(_ value: some Encodable) throws {
        box.content = try JSONBox.encode(value, codingPath: codingPath).content
    }
}
