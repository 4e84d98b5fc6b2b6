/// A text is not a quantity.
public struct QuantityError: Error, Hashable, Sendable, CustomStringConvertible {
    public var text: String

    public var description: String {
        "\"\(text)\" is not a quantity; a number with one of the suffixes n, u, m, k, M, G, T, P, E, Ki, Mi, Gi, Ti, "
            + "Pi, Ei or an exponent such as e3 was expected"
    }
}

extension Quantity {
    private static let binarySuffixes = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"]
    private static let decimalSuffixes = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"]

    /// Reads a quantity: sign, digits with an optional point, suffix.
    public init(parsing text: String) throws(QuantityError) {
        let bytes = Array(text.utf8)
        var rest = bytes[...]
        let isNegative = rest.first == UInt8(ascii: "-")
        if isNegative || rest.first == UInt8(ascii: "+") { rest = rest.dropFirst() }
        let whole = Self.takeDigits(&rest)
        var fraction: ArraySlice<UInt8> = []
        if rest.first == UInt8(ascii: ".") {
            rest = rest.dropFirst()
            fraction = Self.takeDigits(&rest)
        }
        guard !whole.isEmpty || !fraction.isEmpty else { throw QuantityError(text: text) }
        guard let unit = Self.unit(suffix: String(decoding: rest, as: UTF8.self)) else {
            throw QuantityError(text: text)
        }
        let magnitude: Int128
        (magnitude, format) = Self.magnitude(whole: whole, fraction: fraction, unit: unit)
        nanos = isNegative ? -magnitude : magnitude
    }

    private struct Unit {
        /// Of 2 or of 10.
        var exponent: Int
        var format: Format
    }

    private static func takeDigits(_ rest: inout ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let digits = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        rest = rest[digits.endIndex...]
        return digits
    }

    private static func unit(suffix: String) -> Unit? {
        // Some other letters are equal to these as `String` has it: the Kelvin sign to a K.
        guard suffix.utf8.allSatisfy({ $0 < 0x80 }) else { return nil }
        if let power = decimalSuffixes.firstIndex(of: suffix) {
            return Unit(exponent: (power - 3) * 3, format: .decimalSI)
        }
        if let power = binarySuffixes.firstIndex(of: suffix) {
            return Unit(exponent: power * 10, format: .binarySI)
        }
        guard suffix.first == "e" || suffix.first == "E" else { return nil }
        guard let exponent = Int32(suffix.dropFirst()) else { return nil }
        return Unit(exponent: Int(exponent), format: .decimalExponent)
    }

    /// The amount in billionths without its sign. Beyond what Kubernetes holds exactly it is capped at 2^63-1 units.
    private static func magnitude(
        whole: ArraySlice<UInt8>, fraction: ArraySlice<UInt8>, unit: Unit
    ) -> (nanos: Int128, format: Format) {
        guard unit.format != .binarySI else { return binaryMagnitude(whole: whole, fraction: fraction, unit: unit) }
        let digits = (whole + fraction).drop { $0 == UInt8(ascii: "0") }
        guard !digits.isEmpty else { return (0, unit.format) }
        let exponent = unit.exponent - fraction.count
        guard let nanos = scaled(digits, exponent: exponent + 9) else { return (cap, unit.format) }
        // What 18 digits can hold Kubernetes keeps as it is, even beyond the cap. The canonical form has to be as short,
        // or it would be capped when it is read back.
        let isShort =
            digits.count <= 18 && exponent >= -9
            && reduced(nanos, by: 1000, atMost: .max).number < 1_000_000_000_000_000_000
        return (isShort ? nanos : Swift.min(nanos, cap), unit.format)
    }

    private static func binaryMagnitude(
        whole: ArraySlice<UInt8>, fraction: ArraySlice<UInt8>, unit: Unit
    ) -> (nanos: Int128, format: Format) {
        let factor = Int128(1) << Int128(unit.exponent)
        guard let units = scaled(whole, exponent: 0), units <= Int128(Int64.max) else { return (cap, .binarySI) }
        // Digits of the fraction beyond 18 only round up.
        let kept = fraction.prefix(18)
        let divisor = kept.reduce(Int128(1)) { power, _ in power * 10 }
        let (quotient, rest) = ((scaled(kept, exponent: 0) ?? 0) * factor).quotientAndRemainder(dividingBy: divisor)
        let (fine, finer) = (rest * scale).quotientAndRemainder(dividingBy: divisor)
        let isInexact = finer != 0 || fraction.dropFirst(18).contains { $0 != UInt8(ascii: "0") }
        let part = quotient * scale + fine + (isInexact ? 1 : 0)
        let nanos = units.multipliedSaturated(by: factor).multipliedSaturated(by: scale).addingSaturated(part)
        // Less than one unit cannot be said in powers of 1024.
        return (Swift.min(nanos, cap), nanos > 0 && nanos < scale ? .decimalSI : .binarySI)
    }

    /// The number of the digits times a power of ten, rounded up; nil when it does not fit.
    private static func scaled(_ digits: ArraySlice<UInt8>, exponent: Int) -> Int128? {
        let digits = digits.drop { $0 == UInt8(ascii: "0") }
        guard !digits.isEmpty else { return 0 }
        guard exponent > -digits.count else { return 1 }
        let kept = exponent < 0 ? digits.dropLast(-exponent) : digits
        guard kept.count + Swift.max(exponent, 0) <= 39 else { return nil }
        var value: Int128 = 0
        for digit in kept {
            let (product, overflows) = value.multipliedReportingOverflow(by: 10)
            let (sum, carries) = product.addingReportingOverflow(Int128(digit - UInt8(ascii: "0")))
            if overflows || carries { return nil }
            value = sum
        }
        if exponent < 0 {
            return digits.suffix(-exponent).contains { $0 != UInt8(ascii: "0") } ? value + 1 : value
        }
        for _ in 0..<exponent {
            let (product, overflows) = value.multipliedReportingOverflow(by: 10)
            if overflows { return nil }
            value = product
        }
        return value
    }
}

extension Quantity: CustomStringConvertible {
    /// The canonical form: no fraction, the largest suffix that leaves a whole number, no precision lost.
    public var description: String {
        if isZero { return "0" }
        let isWhole = nanos % Self.scale == 0
        let isSmall = nanos.magnitude < UInt128(1024) * UInt128(Self.scale)
        if format == .binarySI, isWhole, !isSmall {
            let (number, power) = Self.reduced(nanos / Self.scale, by: 1024, atMost: 6)
            return "\(number)\(Self.binarySuffixes[power])"
        }
        let (number, power) = Self.reduced(nanos, by: 1000, atMost: .max)
        if format != .decimalExponent, power < Self.decimalSuffixes.count {
            return "\(number)\(Self.decimalSuffixes[power])"
        }
        return power == 3 ? "\(number)" : "\(number)e\((power - 3) * 3)"
    }

    /// Divides by a base as often as nothing is left over.
    private static func reduced(_ value: Int128, by base: Int128, atMost limit: Int) -> (number: Int128, power: Int) {
        var number = value
        var power = 0
        while power < limit, number % base == 0 {
            number /= base
            power += 1
        }
        return (number, power)
    }
}
