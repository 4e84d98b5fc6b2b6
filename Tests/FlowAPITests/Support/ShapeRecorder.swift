import FlowAPI
import KubeCore

/// The shape of a Codable type, found by decoding it and writing down what it asks for.
indirect enum Shape: Equatable {
    struct Field: Equatable {
        var shape: Shape
        /// Whether decoding fails without it.
        var isRequired: Bool
    }

    case object([String: Field])
    case map(Shape)
    case list(Shape)
    case string
    /// The cases of an enum of strings.
    case choice([String])
    case integer, number, boolean, timestamp, any
}

enum ShapeRecorder {
    static func shape(of type: any Decodable.Type) throws -> Shape {
        let node = Node()
        _ = try decode(type, into: node)
        return node.shape
    }

    final class Node {
        var shape: Shape = .any
    }

    static func decode<T: Decodable>(_ type: T.Type, into node: Node) throws -> T {
        if type == JSON.self, let value = JSON.null as? T {
            node.shape = .any
            return value
        }
        if type == Timestamp.self, let value = Timestamp(rfc3339: "2026-01-01T00:00:00Z") as? T {
            node.shape = .timestamp
            return value
        }
        if let cases = type as? any CaseIterable.Type, let (names, first) = choices(cases), let value = first as? T {
            node.shape = .choice(names)
            return value
        }
        return try T(from: Recorder(node: node))
    }

    private static func choices<C: CaseIterable>(_ type: C.Type) -> (names: [String], first: Any)? {
        let names = type.allCases.compactMap { ($0 as? any RawRepresentable)?.rawValue as? String }
        guard let first = type.allCases.first, names.count == type.allCases.count else { return nil }
        return (names, first)
    }
}

private struct Recorder: Decoder {
    let node: ShapeRecorder.Node
    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        if case .object = node.shape {} else { node.shape = .object([:]) }
        return KeyedDecodingContainer(Keyed<Key>(node: node))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer { Unkeyed(node: node) }
    func singleValueContainer() throws -> any SingleValueDecodingContainer { Single(node: node) }
}

private struct AnyKey: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}

private struct Keyed<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let node: ShapeRecorder.Node
    var codingPath: [any CodingKey] { [] }
    /// Only dictionaries ask for this: they get one key that stands for all.
    var allKeys: [Key] { Key(stringValue: "*").map { [$0] } ?? [] }

    func contains(_ key: Key) -> Bool { true }
    func decodeNil(forKey key: Key) throws -> Bool { false }

    private func value<T: Decodable>(_ type: T.Type, _ key: Key, isRequired: Bool) throws -> T {
        let child = ShapeRecorder.Node()
        let value = try ShapeRecorder.decode(type, into: child)
        if key.stringValue == "*" {
            node.shape = .map(child.shape)
        } else if case .object(var fields) = node.shape {
            fields[key.stringValue] = Shape.Field(shape: child.shape, isRequired: isRequired)
            node.shape = .object(fields)
        }
        return value
    }

    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
        try value(type, key, isRequired: true)
    }

    func decodeIfPresent<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T? {
        try value(type, key, isRequired: false)
    }

    func decodeIfPresent(_ type: String.Type, forKey key: Key) throws -> String? {
        try value(type, key, isRequired: false)
    }

    func decodeIfPresent(_ type: Bool.Type, forKey key: Key) throws -> Bool? {
        try value(type, key, isRequired: false)
    }

    func decodeIfPresent(_ type: Double.Type, forKey key: Key) throws -> Double? {
        try value(type, key, isRequired: false)
    }

    func decodeIfPresent(_ type: Int.Type, forKey key: Key) throws -> Int? {
        try value(type, key, isRequired: false)
    }

    func decodeIfPresent(_ type: Int64.Type, forKey key: Key) throws -> Int64? {
        try value(type, key, isRequired: false)
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> {
        throw Unrecorded()
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer { throw Unrecorded() }
    func superDecoder() throws -> any Decoder { throw Unrecorded() }
    func superDecoder(forKey key: Key) throws -> any Decoder { throw Unrecorded() }
}

/// A list of one element.
private struct Unkeyed: UnkeyedDecodingContainer {
    let node: ShapeRecorder.Node
    var codingPath: [any CodingKey] { [] }
    var count: Int? { 1 }
    var isAtEnd: Bool { currentIndex > 0 }
    var currentIndex = 0

    init(node: ShapeRecorder.Node) { self.node = node }

    mutating func decodeNil() throws -> Bool { false }

    mutating func decode<T: Decodable>(_ type: T.Type) throws -> T {
        currentIndex += 1
        let child = ShapeRecorder.Node()
        let value = try ShapeRecorder.decode(type, into: child)
        node.shape = .list(child.shape)
        return value
    }

    mutating func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type
    ) throws -> KeyedDecodingContainer<Nested> {
        throw Unrecorded()
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer { throw Unrecorded() }
    mutating func superDecoder() throws -> any Decoder { throw Unrecorded() }
}

private struct Single: SingleValueDecodingContainer {
    let node: ShapeRecorder.Node
    var codingPath: [any CodingKey] { [] }

    func decodeNil() -> Bool { false }

    func decode(_ type: String.Type) throws -> String {
        node.shape = .string
        return ""
    }

    func decode(_ type: Bool.Type) throws -> Bool {
        node.shape = .boolean
        return false
    }

    func decode(_ type: Double.Type) throws -> Double {
        node.shape = .number
        return 0
    }

    func decode(_ type: Int.Type) throws -> Int {
        node.shape = .integer
        return 0
    }

    func decode(_ type: Int64.Type) throws -> Int64 {
        node.shape = .integer
        return 0
    }

    func decode<T: Decodable>(_ type: T.Type) throws -> T { try ShapeRecorder.decode(type, into: node) }

    func decode(_ type: Float.Type) throws -> Float { throw Unrecorded() }
    func decode(_ type: Int8.Type) throws -> Int8 { throw Unrecorded() }
    func decode(_ type: Int16.Type) throws -> Int16 { throw Unrecorded() }
    func decode(_ type: Int32.Type) throws -> Int32 { throw Unrecorded() }
    func decode(_ type: UInt.Type) throws -> UInt { throw Unrecorded() }
    func decode(_ type: UInt8.Type) throws -> UInt8 { throw Unrecorded() }
    func decode(_ type: UInt16.Type) throws -> UInt16 { throw Unrecorded() }
    func decode(_ type: UInt32.Type) throws -> UInt32 { throw Unrecorded() }
    func decode(_ type: UInt64.Type) throws -> UInt64 { throw Unrecorded() }
}

/// A way of decoding that no API type uses; the recorder must learn it first.
struct Unrecorded: Error {}
