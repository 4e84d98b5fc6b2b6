/// Why a text is no time or duration.
enum TimeTextProblem: Error {
    case malformed
    case outOfRange
}

// MARK: Timestamps (RFC 3339)

extension Instant {
    /// Reads `2026-01-31T12:00:00.5+01:00`.
    static func parse(_ text: String) -> Result<Instant, TimeTextProblem> {
        var scanner = ByteScanner(text)
        guard let year = scanner.digits(4, orMore: true), scanner.accept("-"), let month = scanner.digits(2),
            scanner.accept("-"), let day = scanner.digits(2), scanner.accept("T"),
            let hour = scanner.digits(2), scanner.accept(":"), let minute = scanner.digits(2), scanner.accept(":"),
            let second = scanner.digits(2), let nanoseconds = scanner.fraction(), let offset = scanner.zoneOffset(),
            scanner.isAtEnd, (1...12).contains(month), day >= 1,
            day <= CivilDate.daysInMonth(month, year: year), hour < 24, minute < 60, second < 60
        else { return .failure(.malformed) }
        let days = CivilDate(year: year, month: month, day: day).daysSinceEpoch
        let seconds = days * 86_400 + hour * 3_600 + minute * 60 + second - offset
        return Instant(seconds: seconds, nanoseconds: Int32(truncatingIfNeeded: nanoseconds)).map { .success($0) }
            ?? .failure(.outOfRange)
    }

    /// RFC 3339 in UTC, with as many digits after the second as it needs.
    package var text: String {
        let time = CivilTime(self, offset: 0)
        let date = "\(padded(time.date.year, 4))-\(padded(time.date.month, 2))-\(padded(time.date.day, 2))"
        let clock = "\(padded(time.hour, 2)):\(padded(time.minute, 2)):\(padded(time.second, 2))"
        return "\(date)T\(clock)\(fractionText(Int64(nanoseconds)))Z"
    }
}

// MARK: Durations

extension Span {
    /// Reads `1h30m`, `-1.5s`, `500ms`.
    static func parse(_ text: String) -> Result<Span, TimeTextProblem> {
        var scanner = ByteScanner(text)
        let isNegative = scanner.accept("-")
        if !isNegative {
            _ = scanner.accept("+")
        }
        if scanner.accept("0"), scanner.isAtEnd {
            return .success(Span(nanoseconds: 0))
        }
        scanner = ByteScanner(text)
        _ = scanner.accept("-") || scanner.accept("+")
        var total: UInt64 = 0
        repeat {
            switch scanner.durationPart() {
            case .failure(let problem): return .failure(problem)
            case .success(let part):
                let (sum, overflow) = total.addingReportingOverflow(part)
                if overflow {
                    return .failure(.outOfRange)
                }
                total = sum
            }
        } while !scanner.isAtEnd
        let nanoseconds = isNegative ? Int64(negating: total) : Int64(exactly: total)
        return nanoseconds.map { .success(Span(nanoseconds: $0)) } ?? .failure(.outOfRange)
    }

    /// Decimal seconds: `5400s`, `0.25s`.
    package var text: String {
        let magnitude = nanoseconds.magnitude
        let sign = nanoseconds < 0 ? "-" : ""
        let rest = Int64(truncatingIfNeeded: magnitude % 1_000_000_000)
        return "\(sign)\(magnitude / 1_000_000_000)\(fractionText(rest))s"
    }
}

private func padded(_ number: Int64, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
}

/// `.5` for 500,000,000 nanoseconds, nothing for 0.
private func fractionText(_ nanoseconds: Int64) -> String {
    guard nanoseconds > 0 else { return "" }
    var digits = padded(nanoseconds, 9)
    while digits.hasSuffix("0") {
        digits.removeLast()
    }
    return "." + digits
}

/// Reads times from ASCII.
struct ByteScanner {
    private var rest: ArraySlice<UInt8>

    init(_ text: String) {
        rest = Array(text.utf8)[...]
    }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func accept(_ text: String) -> Bool {
        guard rest.starts(with: text.utf8) else { return false }
        rest = rest.dropFirst(text.utf8.count)
        return true
    }

    private mutating func digit() -> Int64? {
        guard let byte = rest.first, (0x30...0x39).contains(byte) else { return nil }
        rest = rest.dropFirst()
        return Int64(byte - 0x30)
    }

    /// A number of so many digits, or of up to three more.
    mutating func digits(_ count: Int, orMore: Bool = false) -> Int64? {
        var value: Int64 = 0
        var read = 0
        while read < (orMore ? count + 3 : count), let digit = digit() {
            value = value * 10 + digit
            read += 1
        }
        return read >= count ? value : nil
    }

    /// `.5` as nanoseconds; 0 when there is no dot; nil when there are no digits after it.
    mutating func fraction() -> Int64? {
        guard accept(".") else { return 0 }
        var value: Int64 = 0
        var scale: Int64 = 100_000_000
        guard let first = digit() else { return nil }
        value = first * scale
        while let next = digit() {
            scale /= 10
            value += next * scale
        }
        return value
    }

    /// `Z`, `+01:00`, `-02:30` in seconds east of UTC.
    mutating func zoneOffset() -> Int64? {
        if accept("Z") {
            return 0
        }
        let isWest = accept("-")
        guard isWest || accept("+") else { return nil }
        return clockOffset().map { isWest ? -$0 : $0 }
    }

    /// `01:30` in seconds.
    mutating func clockOffset() -> Int64? {
        guard let hours = digits(2), accept(":"), let minutes = digits(2), hours < 24, minutes < 60 else { return nil }
        return hours * 3_600 + minutes * 60
    }

    /// `1.5h` in nanoseconds.
    mutating func durationPart() -> Result<UInt64, TimeTextProblem> {
        var whole: UInt64 = 0
        var hasDigits = false
        var hasOverflown = false
        while let next = digit() {
            hasDigits = true
            let (product, overflow) = whole.multipliedReportingOverflow(by: 10)
            let (sum, carried) = product.addingReportingOverflow(UInt64(next))
            hasOverflown = hasOverflown || overflow || carried
            whole = hasOverflown ? 0 : sum
        }
        var fraction: UInt64 = 0
        var scale: UInt64 = 1
        if accept(".") {
            while let next = digit() {
                hasDigits = true
                // Digits beyond these are finer than any unit can resolve.
                if scale < 1_000_000_000_000_000 {
                    fraction = fraction * 10 + UInt64(next)
                    scale *= 10
                }
            }
        }
        guard hasDigits, let unit = durationUnit() else { return .failure(.malformed) }
        let (scaled, overflow) = whole.multipliedReportingOverflow(by: unit)
        // Below one unit, so the quotient fits; what is finer than a nanosecond is cut off.
        let part = scale.dividingFullWidth(unit.multipliedFullWidth(by: fraction)).quotient
        let (sum, carried) = scaled.addingReportingOverflow(part)
        return hasOverflown || overflow || carried ? .failure(.outOfRange) : .success(sum)
    }

    private mutating func durationUnit() -> UInt64? {
        let units: [(String, UInt64)] = [
            ("ns", 1), ("us", 1_000), ("µs", 1_000), ("μs", 1_000), ("ms", 1_000_000), ("s", 1_000_000_000),
            ("m", 60_000_000_000), ("h", 3_600_000_000_000),
        ]
        for (name, nanoseconds) in units where accept(name) {
            return nanoseconds
        }
        return nil
    }
}
