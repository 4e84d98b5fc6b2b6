/// An amount of a resource: `500m`, `1Gi`, `2e3`.
///
/// Held in billionths, the finest that Kubernetes knows; finer parts are rounded away from zero, so that something
/// asked for is never nothing. Amounts beyond 64 bits are capped where Kubernetes caps them, and operations saturate
/// instead of overflowing. Two quantities are equal when their amounts are, whatever their form.
/// Behaviour: `k8s.io/apimachinery/pkg/api/resource`.
public struct Quantity: Sendable {
    /// The form a quantity is printed in; it stays what it was when parsed.
    public enum Format: Sendable, Hashable {
        /// `Ki`, `Mi`, … (powers of 1024)
        case binarySI
        /// `n`, `u`, `m`, none, `k`, `M`, … (powers of 1000)
        case decimalSI
        /// `e3`, `e6`, …
        case decimalExponent
    }

    /// The amount in billionths.
    public internal(set) var nanos: Int128
    public var format: Format

    static let scale: Int128 = 1_000_000_000
    /// Where Kubernetes caps what does not fit its fast form.
    static let cap = Int128(Int64.max) * scale

    init(nanos: Int128, format: Format) {
        self.nanos = nanos
        self.format = format
    }

    public init(_ value: Int64, format: Format = .decimalSI) {
        self.init(nanos: Int128(value) * Self.scale, format: format)
    }

    public init(milli value: Int64, format: Format = .decimalSI) {
        self.init(nanos: Int128(value) * (Self.scale / 1_000), format: format)
    }

    public static let zero = Quantity(0)

    public var isZero: Bool { nanos == 0 }
    public var isNegative: Bool { nanos < 0 }

    /// Whole units, rounded away from zero; saturates at 64 bits.
    public var value: Int64 { Self.rounded(nanos, by: Self.scale) }

    /// Thousandths, rounded away from zero; saturates at 64 bits.
    public var milliValue: Int64 { Self.rounded(nanos, by: Self.scale / 1_000) }

    /// The nearest double.
    public var doubleValue: Double { Double(nanos) / 1e9 }

    private static func rounded(_ nanos: Int128, by unit: Int128) -> Int64 {
        let (quotient, rest) = nanos.quotientAndRemainder(dividingBy: unit)
        return Int64(clamping: rest == 0 ? quotient : quotient + (nanos < 0 ? -1 : 1))
    }

    /// Adds; zero takes the other's form, as in Kubernetes.
    public mutating func add(_ other: Quantity) {
        if isZero { format = other.format }
        nanos = nanos.addingSaturated(other.nanos)
    }

    public mutating func subtract(_ other: Quantity) {
        if isZero { format = other.format }
        nanos = nanos.subtractingSaturated(other.nanos)
    }

    public static func + (left: Quantity, right: Quantity) -> Quantity {
        var sum = left
        sum.add(right)
        return sum
    }

    public static func - (left: Quantity, right: Quantity) -> Quantity {
        var difference = left
        difference.subtract(right)
        return difference
    }

    public static func * (left: Quantity, right: Int64) -> Quantity {
        Quantity(nanos: left.nanos.multipliedSaturated(by: Int128(right)), format: left.format)
    }
}

extension Quantity: Hashable, Comparable {
    public static func == (left: Quantity, right: Quantity) -> Bool { left.nanos == right.nanos }
    public static func < (left: Quantity, right: Quantity) -> Bool { left.nanos < right.nanos }
    public func hash(into hasher: inout Hasher) { hasher.combine(nanos) }
}

extension Quantity: Codable {
    /// From a string or, as the API server takes it too, a number.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        do {
            if let integer = try? container.decode(Int64.self) {
                self.init(integer)
            } else if let double = try? container.decode(Double.self) {
                try self.init(parsing: String(decoding: JSONNumberText.text(of: double), as: UTF8.self))
            } else {
                try self.init(parsing: try container.decode(String.self))
            }
        } catch let error as QuantityError {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: error.description)
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
