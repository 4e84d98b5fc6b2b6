struct JSONKeyedEncoding<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let box: JSONBox
    let codingPath: [any CodingKey]

    private func put(_ json: JSON, _ key: Key) { box.put(JSONBox(json), key: key.stringValue) }
    private func put(_ value: some FixedWidthInteger, _ key: Key) throws {
        box.put(try JSONBox.integer(value, codingPath: codingPath + [key]), key: key.stringValue)
    }

    func encodeNil(forKey key: Key) { put(.null, key) }
    func encode(_ value: Bool, forKey key: Key) { put(.bool(value), key) }
    func encode(_ value: String, forKey key: Key) { put(.string(value), key) }
    func encode(_ value: Double, forKey key: Key) { put(.double(value), key) }
    func encode(_ value: Float, forKey key: Key) { put(.double(Double(value)), key) }
    func encode(_ value: Int, forKey key: Key) throws { try put(value, key) }
    func encode(_ value: Int8, forKey key: Key) throws { try put(value, key) }
    func encode(_ value: Int16, forKey key: Key) throws { try put(value, key) }
    func encode(_ value: Int32, forKey key: Key) throws { try put(value, key) }
    func encode(_ value: Int64, forKey key: Key) throws { try put(value, key) }
    func encode(_ value: UInt, forKey key: Key) throws { try put(value, key) }
    func encode(_ value: UInt8, forKey key: Key) throws { try put(value, key) }
    func encode(_ value: UInt16, forKey key: Key) throws { try put(value, key) }
    func encode(_ value: UInt32, forKey key: Key) throws { try put(value, key) }
    func encode(_ value: UInt64, forKey key: Key) throws { try put(value, key) }
    func encode(_ value: some Encodable, forKey key: Key) throws {
        box.put(try JSONBox.encode(value, codingPath: codingPath + [key]), key: key.stringValue)
    }

    private func nested(_ key: any CodingKey) -> JSONValueEncoder {
        let inner = JSONBox()
        box.put(inner, key: key.stringValue)
        return JSONValueEncoder(box: inner, codingPath: codingPath + [key])
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) -> KeyedEncodingContainer<Nested> { nested(key).container(keyedBy: type) }
    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer { nested(key).unkeyedContainer() }
    func superEncoder() -> any Encoder { nested(JSONCodingKey.super) }
    func superEncoder(forKey key: Key) -> any Encoder { nested(key) }
}

struct JSONUnkeyedEncoding: UnkeyedEncodingContainer {
    let box: JSONBox
    let codingPath: [any CodingKey]

    var count: Int { box.count }
    private var path: [any CodingKey] { codingPath + [JSONCodingKey(intValue: count)] }

    private func append(_ json: JSON) { box.append(JSONBox(json)) }
    private func append(_ value: some FixedWidthInteger) throws {
        box.append(try JSONBox.integer(value, codingPath: path))
    }

    func encodeNil() { append(.null) }
    func encode(_ value: Bool) { append(.bool(value)) }
    func encode(_ value: String) { append(.string(value)) }
    func encode(_ value: Double) { append(.double(value)) }
    func encode(_ value: Float) { append(.double(Double(value))) }
    func encode(_ value: Int) throws { try append(value) }
    func encode(_ value: Int8) throws { try append(value) }
    func encode(_ value: Int16) throws { try append(value) }
    func encode(_ value: Int32) throws { try append(value) }
    func encode(_ value: Int64) throws { try append(value) }
    func encode(_ value: UInt) throws { try append(value) }
    func encode(_ value: UInt8) throws { try append(value) }
    func encode(_ value: UInt16) throws { try append(value) }
    func encode(_ value: UInt32) throws { try append(value) }
    func encode(_ value: UInt64) throws { try append(value) }
    func encode(_ value: some Encodable) throws { box.append(try JSONBox.encode(value, codingPath: path)) }

    private func nested() -> JSONValueEncoder {
        let inner = JSONBox()
        let path = path
        box.append(inner)
        return JSONValueEncoder(box: inner, codingPath: path)
    }

    func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) -> KeyedEncodingContainer<Nested> {
        nested().container(keyedBy: type)
    }
    func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { nested().unkeyedContainer() }
    func superEncoder() -> any Encoder { nested() }
}
