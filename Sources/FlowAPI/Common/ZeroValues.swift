/// A type with a value that stands for "nothing given": an empty list or map, `false`, zero.
///
/// Fields of such types are declared with `@ZeroOmitted` or `@ZeroKept`, so that code reads `task.needs` and not
/// `task.needs ?? []`, while an object that lacks the field still decodes.
package protocol ZeroValue {
    static var zero: Self { get }
    var isZero: Bool { get }
}

extension Array: ZeroValue {
    package static var zero: Self { [] }
    package var isZero: Bool { isEmpty }
}

extension Dictionary: ZeroValue {
    package static var zero: Self { [:] }
    package var isZero: Bool { isEmpty }
}

extension Bool: ZeroValue {
    package static var zero: Self { false }
    package var isZero: Bool { !self }
}

extension Int: ZeroValue {
    package static var zero: Self { 0 }
    package var isZero: Bool { self == 0 }
}

/// A field that reads as its zero value when it is absent, and is left out when it is written with that value.
///
/// Specs use it, so that writing an object back adds nothing that its author did not say.
@propertyWrapper
package struct ZeroOmitted<Value: ZeroValue & Codable & Hashable & Sendable>: Codable, Hashable, Sendable {
    package var wrappedValue: Value

    package init(wrappedValue: Value) {
        self.wrappedValue = wrappedValue
    }

    package init(from decoder: any Decoder) throws {
        wrappedValue = try Value(from: decoder)
    }

    package func encode(to encoder: any Encoder) throws {
        try wrappedValue.encode(to: encoder)
    }
}

/// A field that reads as its zero value when it is absent, and is always written.
///
/// Statuses use it for counts: a column shows `0`, not a blank.
@propertyWrapper
package struct ZeroKept<Value: ZeroValue & Codable & Hashable & Sendable>: Codable, Hashable, Sendable {
    package var wrappedValue: Value

    package init(wrappedValue: Value) {
        self.wrappedValue = wrappedValue
    }

    package init(from decoder: any Decoder) throws {
        wrappedValue = try Value(from: decoder)
    }

    package func encode(to encoder: any Encoder) throws {
        try wrappedValue.encode(to: encoder)
    }
}

// Synthesized conformances call these overloads in place of the generic ones, because they are more specific.

extension KeyedDecodingContainer {
    package func decode<Value>(_ type: ZeroOmitted<Value>.Type, forKey key: Key) throws -> ZeroOmitted<Value> {
        ZeroOmitted(wrappedValue: try decodeIfPresent(Value.self, forKey: key) ?? Value.zero)
    }

    package func decode<Value>(_ type: ZeroKept<Value>.Type, forKey key: Key) throws -> ZeroKept<Value> {
        ZeroKept(wrappedValue: try decodeIfPresent(Value.self, forKey: key) ?? Value.zero)
    }
}

extension KeyedEncodingContainer {
    package mutating func encode<Value>(_ value: ZeroOmitted<Value>, forKey key: Key) throws {
        guard !value.wrappedValue.isZero else { return }
        try encode(value.wrappedValue, forKey: key)
    }

    package mutating func encode<Value>(_ value: ZeroKept<Value>, forKey key: Key) throws {
        try encode(value.wrappedValue, forKey: key)
    }
}
