/// A text is not a duration.
public struct DurationTextError: Error, Hashable, Sendable, CustomStringConvertible {
    public var text: String

    public var description: String {
        "\"\(text)\" is not a duration; numbers with the units d, h, m, s, ms, us, ns were expected, as in 1h30m or 500ms"
    }
}

/// A duration as Kubernetes APIs write it: `1h30m`, `500ms`.
///
/// Read is what Go's `time.ParseDuration` takes (signs, fractions, any order of units) and also `d` for 24 hours.
/// Written is the form of the Gateway API (GEP-2257): whole numbers from the largest unit to the smallest, `h` the
/// largest, units of zero left out. The range is Go's, 64 bits of nanoseconds, about 292 years.
public struct DurationText: Sendable, Hashable {
    public var duration: Duration

    public init(_ duration: Duration) { self.duration = duration }

    public init(parsing text: String) throws(DurationTextError) {
        guard let nanoseconds = Self.nanoseconds(text) else { throw DurationTextError(text: text) }
        duration = .nanoseconds(nanoseconds)
    }

    public static func parse(_ text: String) throws(DurationTextError) -> Duration {
        try DurationText(parsing: text).duration
    }

    public static func format(_ duration: Duration) -> String { DurationText(duration).description }

    private static let units: [(name: String, nanoseconds: Int64)] = [
        ("ns", 1), ("us", 1_000), ("µs", 1_000), ("μs", 1_000), ("ms", 1_000_000), ("s", 1_000_000_000),
        ("m", 60_000_000_000), ("h", 3_600_000_000_000), ("d", 86_400_000_000_000),
    ]

    private static func nanoseconds(_ text: String) -> Int64? {
        var rest = Array(text.utf8)[...]
        let isNegative = rest.first == UInt8(ascii: "-")
        if isNegative || rest.first == UInt8(ascii: "+") { rest = rest.dropFirst() }
        if rest.elementsEqual("0".utf8) { return 0 }
        guard !rest.isEmpty else { return nil }
        var total: Int64 = 0
        while !rest.isEmpty {
            guard let part = takePart(&rest) else { return nil }
            let (sum, overflows) = total.addingReportingOverflow(part)
            if overflows { return nil }
            total = sum
        }
        return isNegative ? -total : total
    }

    /// One number with its unit, in nanoseconds; nil when malformed or too large.
    private static func takePart(_ rest: inout ArraySlice<UInt8>) -> Int64? {
        let whole = takeDigits(&rest)
        var fraction: ArraySlice<UInt8> = []
        if rest.first == UInt8(ascii: ".") {
            rest = rest.dropFirst()
            fraction = takeDigits(&rest)
        }
        guard !whole.isEmpty || !fraction.isEmpty else { return nil }
        let name = rest.prefix { $0 != UInt8(ascii: ".") && !isDigit($0) }
        rest = rest[name.endIndex...]
        guard let unit = units.first(where: { $0.name.utf8.elementsEqual(name) })?.nanoseconds else { return nil }
        var value: Int64 = 0
        for digit in whole {
            let (product, overflows) = value.multipliedReportingOverflow(by: 10)
            let (sum, carries) = product.addingReportingOverflow(Int64(digit - UInt8(ascii: "0")))
            if overflows || carries { return nil }
            value = sum
        }
        let (scaled, overflows) = value.multipliedReportingOverflow(by: unit)
        if overflows { return nil }
        // What is finer than a nanosecond is cut off.
        var numerator: Int128 = 0
        var divisor: Int128 = 1
        for digit in fraction.prefix(18) {
            numerator = numerator * 10 + Int128(digit - UInt8(ascii: "0"))
            divisor *= 10
        }
        let (sum, carries) = scaled.addingReportingOverflow(Int64(numerator * Int128(unit) / divisor))
        return carries ? nil : sum
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    private static func takeDigits(_ rest: inout ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let digits = rest.prefix(while: isDigit)
        rest = rest[digits.endIndex...]
        return digits
    }
}

extension DurationText: CustomStringConvertible {
    /// Zero is `0s`; what is finer than a nanosecond is cut off.
    public var description: String {
        let (seconds, attoseconds) = duration.components
        let nanoseconds = attoseconds.magnitude / 1_000_000_000
        let whole = seconds.magnitude
        var text = ""
        func add(_ number: UInt64, _ unit: String) { if number > 0 { text += "\(number)\(unit)" } }
        add(whole / 3_600, "h")
        add(whole / 60 % 60, "m")
        add(whole % 60, "s")
        add(nanoseconds / 1_000_000, "ms")
        add(nanoseconds / 1_000 % 1_000, "us")
        add(nanoseconds % 1_000, "ns")
        if text.isEmpty { return "0s" }
        return (duration < .zero ? "-" : "") + text
    }
}

extension DurationText: Comparable {
    public static func < (left: DurationText, right: DurationText) -> Bool { left.duration < right.duration }
}

extension DurationText: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        do {
            try self.init(parsing: try container.decode(String.self))
        } catch let error as DurationTextError {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: error.description)
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
