import KubeCore

/// A value of the Common Expression Language.
///
/// `==` between two `Value`s is strict: `.int(1)` and `.double(1)` differ, as their types do. The language's own
/// equality, under which the two are equal, is `equals(_:)`.
package enum Value: Sendable {
    case null
    case bool(Bool)
    case int(Int64)
    case uint(UInt64)
    case double(Double)
    /// Text; compared and measured by Unicode code points, never by grapheme or canonical equivalence.
    case string(String)
    case bytes([UInt8])
    case list([Value])
    case map(ValueMap)
    /// An instant between year 1 and year 9999, in UTC.
    case timestamp(Instant)
    /// A span of time in whole nanoseconds, within what 64 bits hold (about 292 years either way).
    case duration(Span)
    case type(ValueType)
    /// `optional.of(x)`, or `optional.none()` when nil.
    indirect case optional(Value?)
    /// A Kubernetes resource quantity such as `1500m` or `2Gi`.
    case quantity(Quantity)
}

/// The type of a value, which is itself a value: `type(1) == int`.
package struct ValueType: Sendable, Hashable {
    /// The name under which expressions write it: `int`, `google.protobuf.Timestamp`.
    package let name: String

    package init(_ name: String) {
        self.name = name
    }

    package static let null = ValueType("null_type")
    package static let bool = ValueType("bool")
    package static let int = ValueType("int")
    package static let uint = ValueType("uint")
    package static let double = ValueType("double")
    package static let string = ValueType("string")
    package static let bytes = ValueType("bytes")
    package static let list = ValueType("list")
    package static let map = ValueType("map")
    package static let timestamp = ValueType("google.protobuf.Timestamp")
    package static let duration = ValueType("google.protobuf.Duration")
    package static let type = ValueType("type")
    package static let optional = ValueType("optional_type")
    package static let quantity = ValueType("kubernetes.Quantity")

    /// The types that an expression can name, by name.
    static let named: [String: ValueType] = {
        let types = [
            null, bool, int, uint, double, string, bytes, list, map, timestamp, duration, type, optional, quantity,
        ]
        return Dictionary(types.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    }()
}

extension Value {
    /// The value's type.
    package var type: ValueType {
        switch self {
        case .null: .null
        case .bool: .bool
        case .int: .int
        case .uint: .uint
        case .double: .double
        case .string: .string
        case .bytes: .bytes
        case .list: .list
        case .map: .map
        case .timestamp: .timestamp
        case .duration: .duration
        case .type: .type
        case .optional: .optional
        case .quantity: .quantity
        }
    }

    /// A timestamp from RFC 3339 text such as `2026-01-31T12:00:00Z`; nil for other text.
    package init?(timestamp text: String) {
        guard case .success(let instant) = Instant.parse(text) else { return nil }
        self = .timestamp(instant)
    }

    /// A duration from text such as `1h30m`; nil for other text.
    package init?(duration text: String) {
        guard case .success(let span) = Span.parse(text) else { return nil }
        self = .duration(span)
    }

    /// Whether this is the zero value of its type: null, false, 0, empty text, list or map, no time, none.
    var isZero: Bool {
        switch self {
        case .null: true
        case .bool(let value): !value
        case .int(let value): value == 0
        case .uint(let value): value == 0
        case .double(let value): value == 0
        case .string(let value): value.isEmpty
        case .bytes(let value): value.isEmpty
        case .list(let value): value.isEmpty
        case .map(let value): value.isEmpty
        case .timestamp(let value): value == Instant.epoch
        case .duration(let value): value.nanoseconds == 0
        case .type: false
        case .optional(let value): value == nil
        case .quantity(let value): value.isZero
        }
    }
}

extension Value: Hashable {
    package static func == (left: Value, right: Value) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.bool(let left), .bool(let right)): left == right
        case (.int(let left), .int(let right)): left == right
        case (.uint(let left), .uint(let right)): left == right
        case (.double(let left), .double(let right)): left == right
        case (.string(let left), .string(let right)): left.hasSameScalars(as: right)
        case (.bytes(let left), .bytes(let right)): left == right
        case (.list(let left), .list(let right)): left == right
        case (.map(let left), .map(let right)): left == right
        case (.timestamp(let left), .timestamp(let right)): left == right
        case (.duration(let left), .duration(let right)): left == right
        case (.type(let left), .type(let right)): left == right
        case (.optional(let left), .optional(let right)): left == right
        case (.quantity(let left), .quantity(let right)): left == right
        default: false
        }
    }

    package func hash(into hasher: inout Hasher) {
        switch self {
        case .null: hasher.combine(0)
        case .bool(let value): hasher.combine(value)
        case .int(let value): hasher.combine(value)
        case .uint(let value): hasher.combine(value)
        case .double(let value): hasher.combine(value)
        case .string(let value): hasher.combine(value)
        case .bytes(let value): hasher.combine(value)
        case .list(let value): hasher.combine(value)
        case .map(let value): hasher.combine(value)
        case .timestamp(let value): hasher.combine(value)
        case .duration(let value): hasher.combine(value)
        case .type(let value): hasher.combine(value)
        case .optional(let value): hasher.combine(value)
        case .quantity(let value): hasher.combine(value)
        }
    }
}

extension String {
    /// Whether both hold the same code points. `==` would also call `é` and `e` with a combining accent equal.
    func hasSameScalars(as other: String) -> Bool {
        utf8.count == other.utf8.count && utf8.elementsEqual(other.utf8)
    }
}

// Not by nil: in `flag ? nil : value`, where an optional value is meant, that would silently be null.
extension Value: ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByStringLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    package init(booleanLiteral value: Bool) {
        self = .bool(value)
    }

    package init(integerLiteral value: Int64) {
        self = .int(value)
    }

    package init(floatLiteral value: Double) {
        self = .double(value)
    }

    package init(stringLiteral value: String) {
        self = .string(value)
    }

    package init(arrayLiteral elements: Value...) {
        self = .list(elements)
    }

    /// A map with the given text keys; of equal keys the later wins.
    package init(dictionaryLiteral elements: (String, Value)...) {
        var map = ValueMap()
        for (key, value) in elements {
            map[.string(key)] = value
        }
        self = .map(map)
    }
}
