/// An instant on the proleptic Gregorian calendar in UTC, from 0001-01-01T00:00:00Z to 9999-12-31T23:59:59.999999999Z.
package struct Instant: Sendable, Hashable, Comparable {
    /// Seconds since 1970-01-01T00:00:00Z, rounded down.
    package let seconds: Int64
    /// Nanoseconds after `seconds`, 0 ..< 1,000,000,000.
    package let nanoseconds: Int32

    static let epoch = Instant(uncheckedSeconds: 0)
    static let firstSecond: Int64 = -62_135_596_800
    static let lastSecond: Int64 = 253_402_300_799

    /// - Returns: nil outside of years 1 to 9999.
    package init?(seconds: Int64, nanoseconds: Int32 = 0) {
        guard (Self.firstSecond...Self.lastSecond).contains(seconds), (0..<1_000_000_000).contains(nanoseconds) else {
            return nil
        }
        self.seconds = seconds
        self.nanoseconds = nanoseconds
    }

    private init(uncheckedSeconds seconds: Int64) {
        self.seconds = seconds
        nanoseconds = 0
    }

    package static func < (left: Instant, right: Instant) -> Bool {
        (left.seconds, left.nanoseconds) < (right.seconds, right.nanoseconds)
    }

    /// The instant that is a span later, or nil when it lies outside of years 1 to 9999.
    func adding(_ span: Span) -> Instant? {
        let nanoseconds = Int64(nanoseconds) + span.nanoseconds % Span.nanosecondsPerSecond
        let carry = nanoseconds.flooredQuotient(by: Span.nanosecondsPerSecond)
        let rest = nanoseconds - carry * Span.nanosecondsPerSecond
        let whole = span.nanoseconds / Span.nanosecondsPerSecond + carry
        let (sum, overflow) = seconds.addingReportingOverflow(whole)
        return overflow ? nil : Instant(seconds: sum, nanoseconds: Int32(truncatingIfNeeded: rest))
    }

    /// The span from another instant to this one, or nil when 64 bits of nanoseconds cannot hold it.
    func since(_ other: Instant) -> Span? {
        // Both lie within 10,000 years: no overflow before the multiplication.
        let whole = seconds - other.seconds
        let (scaled, overflow) = whole.multipliedReportingOverflow(by: Span.nanosecondsPerSecond)
        guard !overflow else { return nil }
        let (sum, carried) = scaled.addingReportingOverflow(Int64(nanoseconds) - Int64(other.nanoseconds))
        return carried ? nil : Span(nanoseconds: sum)
    }
}

/// A span of time in nanoseconds.
package struct Span: Sendable, Hashable {
    package let nanoseconds: Int64

    static let nanosecondsPerSecond: Int64 = 1_000_000_000

    package init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    /// - Returns: nil for what is longer than 64 bits of nanoseconds, about 292 years; finer parts are cut off.
    package init?(_ duration: Duration) {
        let parts = duration.components
        let (scaled, overflow) = parts.seconds.multipliedReportingOverflow(by: Self.nanosecondsPerSecond)
        let (sum, carried) = scaled.addingReportingOverflow(parts.attoseconds / 1_000_000_000)
        guard !overflow, !carried else { return nil }
        nanoseconds = sum
    }

    package var duration: Duration { .nanoseconds(nanoseconds) }
}

extension Int64 {
    /// The quotient rounded towards negative infinity. The divisor is a positive constant wherever this is used.
    func flooredQuotient(by divisor: Int64) -> Int64 {
        let quotient = self / divisor
        return self % divisor < 0 ? quotient - 1 : quotient
    }
}
