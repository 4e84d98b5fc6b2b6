/// An instant of UTC, as Kubernetes writes it: RFC 3339.
///
/// Objects carry seconds (`Time`: `2026-01-02T03:04:05Z`); leases and events also microseconds (`MicroTime`).
public struct Timestamp: Sendable, Hashable {
    /// Since 1970-01-01T00:00:00Z; negative before.
    public var seconds: Int64
    /// 0 ..< 1,000,000,000, counted forward from `seconds`.
    public var nanoseconds: Int32

    public init(seconds: Int64, nanoseconds: Int32 = 0) {
        self.seconds = seconds
        self.nanoseconds = nanoseconds
    }

    /// Reads RFC 3339 with any offset and any number of fractional digits (beyond nine are dropped).
    /// A leap second (`:60`) and years outside 0000...9999 are not taken, as in Go.
    public init?(rfc3339 text: String) {
        var reader = DigitReader(text)
        guard let year = reader.number(digits: 4), reader.skip("-"), let month = reader.number(digits: 2),
            reader.skip("-"), let day = reader.number(digits: 2), reader.skip("T") || reader.skip("t"),
            let hour = reader.number(digits: 2), reader.skip(":"), let minute = reader.number(digits: 2),
            reader.skip(":"), let second = reader.number(digits: 2),
            (1...12).contains(month), (1...CivilDate.days(inMonth: month, year: year)).contains(day),
            hour < 24, minute < 60, second < 60
        else { return nil }
        var nanoseconds = 0
        if reader.skip(".") {
            guard let fraction = reader.fraction() else { return nil }
            nanoseconds = fraction
        }
        var offset = 0
        if !(reader.skip("Z") || reader.skip("z")) {
            let isWest = reader.skip("-")
            guard isWest || reader.skip("+"), let hours = reader.number(digits: 2), reader.skip(":"),
                let minutes = reader.number(digits: 2), hours < 24, minutes < 60
            else { return nil }
            offset = (hours * 60 + minutes) * (isWest ? -60 : 60)
        }
        guard reader.isAtEnd else { return nil }
        let days = CivilDate(year: year, month: month, day: day).daysSinceEpoch
        seconds = Int64(days * 86_400 + hour * 3_600 + minute * 60 + second - offset)
        self.nanoseconds = Int32(nanoseconds)
    }

    /// Whole seconds, `2026-01-02T03:04:05Z`; a fraction is cut off.
    public var rfc3339: String { text + "Z" }

    /// With six fractional digits, `2026-01-02T03:04:05.000000Z`.
    public var rfc3339Micro: String {
        let micros = String(Swift.max(nanoseconds, 0) / 1_000)
        return text + "." + String(repeating: "0", count: Swift.max(0, 6 - micros.count)) + micros + "Z"
    }

    private var text: String {
        let (day, rest) = seconds.quotientAndModulus(86_400)
        let date = CivilDate(daysSinceEpoch: Int(day))
        return "\(date)T\(padded(rest / 3_600, 2)):\(padded(rest / 60 % 60, 2)):\(padded(rest % 60, 2))"
    }
}

extension Timestamp: Comparable {
    public static func < (left: Timestamp, right: Timestamp) -> Bool {
        (left.seconds, left.nanoseconds) < (right.seconds, right.nanoseconds)
    }
}

extension Timestamp: CustomStringConvertible {
    /// RFC 3339; with microseconds when there are any.
    public var description: String { nanoseconds < 1_000 ? rfc3339 : rfc3339Micro }
}

extension Timestamp: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let value = Timestamp(rfc3339: text) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "\"\(text)\" is not a time in RFC 3339, such as 2026-01-02T03:04:05Z")
        }
        self = value
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

extension Timestamp {
    /// The time after a duration; saturates at the ends of 64 bits.
    public static func + (left: Timestamp, right: Duration) -> Timestamp {
        let (whole, attoseconds) = right.components
        var nanoseconds = Int64(left.nanoseconds) + attoseconds / 1_000_000_000
        var carry: Int64 = 0
        if nanoseconds >= 1_000_000_000 {
            nanoseconds -= 1_000_000_000
            carry = 1
        } else if nanoseconds < 0 {
            nanoseconds += 1_000_000_000
            carry = -1
        }
        let seconds = left.seconds.addingSaturated(whole).addingSaturated(carry)
        return Timestamp(seconds: seconds, nanoseconds: Int32(truncatingIfNeeded: nanoseconds))
    }

    /// How long after `right` this is; saturates at the ends of 64 bits.
    public static func - (left: Timestamp, right: Timestamp) -> Duration {
        let seconds = left.seconds.subtractingSaturated(right.seconds)
        let nanoseconds = Int64(left.nanoseconds) - Int64(right.nanoseconds)
        return .seconds(seconds) + .nanoseconds(nanoseconds)
    }
}
